#pragma once

namespace core
{

/// One visitor out of several lambdas, for std::visit.
template <class... Visitors> struct Overloaded : Visitors... {
    using Visitors::operator()...;
};
template <class... Visitors> Overloaded(Visitors...) -> Overloaded<Visitors...>;

} // namespace core
