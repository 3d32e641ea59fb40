#include "ui/format/words.h"

#include "ui/format/format.h"

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
    using core::risk::BreakerKind;
    switch (kind) {
    case BreakerKind::LossOnMargin:
        return tr("Position loss");
    case BreakerKind::LossOnEquity:
        return tr("Position loss of equity");
    case BreakerKind::TrailingStop:
        return tr("Trailing stop");
    case BreakerKind::Giveback:
        return tr("Profit given back");
    case BreakerKind::TimeInPosition:
        return tr("Time in position");
    case BreakerKind::LiquidationDistance:
        return tr("Distance to liquidation");
    case BreakerKind::LiquidationSigma:
        return tr("Liquidation in daily volatility");
    case BreakerKind::LiquidationMinutes:
        return tr("Time to liquidation");
    case BreakerKind::VolatilityShock:
        return tr("Volatility shock");
    case BreakerKind::LiquidityVacuum:
        return tr("Cost of leaving now");
    case BreakerKind::DayLoss:
        return tr("Day loss");
    case BreakerKind::WeekLoss:
        return tr("Week loss");
    case BreakerKind::MonthLoss:
        return tr("Month loss");
    case BreakerKind::Drawdown:
        return tr("Drawdown from peak");
    case BreakerKind::ProfitFloor:
        return tr("Day's profit left");
    case BreakerKind::MarginRatio:
        return tr("Maintenance margin");
    case BreakerKind::EffectiveLeverage:
        return tr("Leverage");
    case BreakerKind::GrossExposure:
        return tr("Gross exposure");
    case BreakerKind::NetExposure:
        return tr("Net exposure");
    case BreakerKind::CorrelatedExposure:
        return tr("Correlated exposure");
    case BreakerKind::FundingBurn:
        return tr("Funding of 24 hours");
    case BreakerKind::ConsecutiveLosses:
        return tr("Losses in a row");
    case BreakerKind::TradesPerDay:
        return tr("Trades today");
    case BreakerKind::LosingTradesPerDay:
        return tr("Losing trades today");
    case BreakerKind::DataStale:
        return tr("Age of the data");
    }
    return {};
}

QString Words::level(core::risk::BreakerKind kind, core::Ratio level)
{
    using core::risk::Unit;
    switch (core::risk::unitOf(kind)) {
    case Unit::Share:
        return percent(level);
    case Unit::Multiple:
        return multiple(level);
    case Unit::Sigma:
        return fixed(level.raw(), 2) + u" σ"_s;
    case Unit::Count:
        return fixed(level.raw(), 0);
    case Unit::Time:
        return tr("%1 min").arg(fixed(level.raw(), level.raw() % core::kDecimalOne == 0 ? 0 : 1));
    }
    return {};
}

QString Words::tradingState(core::risk::TradingState state)
{
    using core::risk::TradingState;
    switch (state) {
    case TradingState::Normal:
        return tr("normal");
    case TradingState::Warning:
        return tr("WARNING");
    case TradingState::Reduced:
        return tr("REDUCED: no new symbols, half the risk per trade");
    case TradingState::Halted:
        return tr("HALTED: no new risk");
    case TradingState::Locked:
        return tr("LOCKED: no new risk until it is released");
    }
    return {};
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
