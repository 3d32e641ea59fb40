#include "core/storage/records.h"

namespace core::storage
{

std::string_view name(Mode mode)
{
    switch (mode) {
    case Mode::Demo:
        return "demo";
    case Mode::Paper:
        return "paper";
    case Mode::Testnet:
        return "testnet";
    case Mode::Live:
        return "live";
    }
    return "unknown";
}

std::string_view name(JournalKind kind)
{
    switch (kind) {
    case JournalKind::Input:
        return "input";
    case JournalKind::Decision:
        return "decision";
    case JournalKind::Note:
        return "note";
    }
    return "unknown";
}

} // namespace core::storage
