#include "core/runtime/snapshots.h"

namespace core::runtime
{

std::string_view name(Mode mode)
{
    switch (mode) {
    case Mode::Live: return "live";
    case Mode::Testnet: return "testnet";
    case Mode::Demo: return "demo";
    case Mode::Replay: return "replay";
    case Mode::Paper: return "paper";
    case Mode::Watching: return "watching";
    }
    return "unknown";
}

} // namespace core::runtime
