#include "core/domain/account.h"

namespace core
{

std::string_view name(Direction direction)
{
    return direction == Direction::Long ? "long" : "short";
}

std::string_view name(MarginMode mode)
{
    return mode == MarginMode::Cross ? "cross" : "isolated";
}

std::string_view name(Source source)
{
    return source == Source::Stream ? "stream" : "query";
}

std::string_view name(Difference::What what)
{
    switch (what) {
    case Difference::What::Order: return "order";
    case Difference::What::Position: return "position";
    case Difference::What::Balance: return "balance";
    case Difference::What::Fill: return "fill";
    case Difference::What::Funding: return "funding";
    case Difference::What::Transfer: return "transfer";
    }
    return "unknown";
}

} // namespace core
