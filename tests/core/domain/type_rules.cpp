// Rules that hold at compile time (apart from the Qt Test file: moc 6.4 cannot read a concept).
#include <concepts>

#include "core/domain/fixed8.h"

using core::Money;
using core::Price;
using core::Quantity;

namespace
{
template <class A, class B>
concept Comparable = requires(A a, B b) { a < b; };
template <class A, class B>
concept Addable = requires(A a, B b) { core::add(a, b); };

static_assert(Comparable<Price, Price> && !Comparable<Price, Quantity>);
static_assert(Addable<Money, Money> && !Addable<Price, Money> && !Addable<Price, Quantity>);
static_assert(!std::convertible_to<double, Price> && !std::convertible_to<long, Price>);
} // namespace
