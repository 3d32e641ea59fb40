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

} // namespace core
