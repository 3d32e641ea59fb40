#include "core/domain/market_data.h"

namespace core
{

std::string_view name(Freshness freshness)
{
    switch (freshness) {
    case Freshness::Connecting: return "connecting";
    case Freshness::Fresh: return "fresh";
    case Freshness::Stale: return "stale";
    case Freshness::Gapped: return "gapped";
    case Freshness::Crossed: return "crossed";
    case Freshness::Diverged: return "diverged";
    case Freshness::Lost: return "lost";
    }
    return "unknown";
}

std::string_view name(Side side)
{
    return side == Side::Buy ? "buy" : "sell";
}

} // namespace core
