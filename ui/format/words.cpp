#include "ui/format/words.h"

using namespace Qt::StringLiterals;

namespace ui::format
{

QString Words::venue(core::Venue venue)
{
    return venue == core::Venue::Binance ? u"Binance USD-M"_s : u"Hyperliquid"_s;
}

QString Words::venueTag(core::Venue venue)
{
    return venue == core::Venue::Binance ? u"BN"_s : u"HL"_s;
}

QString Words::freshness(core::Freshness freshness)
{
    switch (freshness) {
    case core::Freshness::Connecting:
        return tr("connecting");
    case core::Freshness::Fresh:
        return tr("live");
    case core::Freshness::Stale:
        return tr("stale");
    case core::Freshness::Gapped:
        return tr("gap, resyncing");
    case core::Freshness::Crossed:
        return tr("crossed, resyncing");
    case core::Freshness::Diverged:
        return tr("sources disagree");
    case core::Freshness::Lost:
        return tr("connection lost");
    }
    return {};
}

QString Words::arming(core::risk::Arming arming)
{
    switch (arming) {
    case core::risk::Arming::Off:
        return tr("OFF");
    case core::risk::Arming::AlertOnly:
        return tr("ALERT-ONLY");
    case core::risk::Arming::Armed:
        return tr("ARMED");
    }
    return {};
}

QString Words::breaker(core::orders::BreakerView::Word word)
{
    using Word = core::orders::BreakerView::Word;
    switch (word) {
    case Word::Watching:
        return tr("Watching");
    case Word::Near:
        return tr("NEAR");
    case Word::Tripped:
        return tr("TRIPPED");
    case Word::Paused:
        return tr("Paused");
    case Word::Unknown:
        return tr("Unknown");
    }
    return {};
}

QString Words::breakerTitle(core::risk::BreakerKind kind)
{
    return kind == core::risk::BreakerKind::LossOnMargin ? tr("Position loss") : text(name(kind));
}

QString Words::severity(core::orders::Severity severity)
{
    switch (severity) {
    case core::orders::Severity::Info:
        return tr("Info");
    case core::orders::Severity::Warning:
        return tr("Warning");
    case core::orders::Severity::Critical:
        return tr("Critical");
    }
    return {};
}

QString Words::side(core::Direction direction)
{
    return direction == core::Direction::Long ? tr("▲ LONG") : tr("▼ SHORT");
}

QString Words::tierAction(core::risk::TierAction action)
{
    switch (action) {
    case core::risk::TierAction::Alert:
        return tr("alert");
    case core::risk::TierAction::BlockNewRisk:
        return tr("block");
    case core::risk::TierAction::Reduce:
        return tr("reduce");
    case core::risk::TierAction::Close:
        return tr("close");
    case core::risk::TierAction::Flatten:
        return tr("flatten");
    }
    return {};
}

QString Words::mode(core::runtime::Mode mode)
{
    switch (mode) {
    case core::runtime::Mode::Live:
        return tr("LIVE");
    case core::runtime::Mode::Testnet:
        return tr("TESTNET");
    case core::runtime::Mode::Demo:
        return tr("DEMO");
    case core::runtime::Mode::Replay:
        return tr("REPLAY");
    case core::runtime::Mode::Paper:
        return tr("PAPER");
    case core::runtime::Mode::Watching:
        return tr("WATCHING");
    }
    return {};
}

QString Words::place(core::runtime::Place place)
{
    switch (place) {
    case core::runtime::Place::Production:
        return tr("real market");
    case core::runtime::Place::Testnet:
        return tr("TESTNET");
    case core::runtime::Place::Loopback:
        return tr("this computer");
    }
    return {};
}

QString Words::alertSource(std::string_view source)
{
    if (source == "risk")
        return tr("Risk");
    if (source == "connection")
        return tr("Connection");
    if (source == "storage")
        return tr("Storage");
    return text(source);
}

} // namespace ui::format
