#include "ui/models/positions_model.h"

#include "ui/format/words.h"

using namespace Qt::StringLiterals;

/// What stands in one cell of the positions table: words, tone, tooltip.
namespace ui::models
{

namespace
{

using Word = core::orders::BreakerView::Word;

Tone toneOfSign(std::int64_t raw)
{
    return raw > 0 ? Tone::Long : raw < 0 ? Tone::Short : Tone::Primary;
}

QString baseOf(const core::Position &position)
{
    const QString symbol = format::text(position.instrument.symbol.view());
    for (const QString &quote : {u"USDT"_s, u"USDC"_s, u"USD"_s}) {
        if (symbol.endsWith(quote) && symbol.size() > quote.size())
            return symbol.chopped(quote.size());
    }
    return symbol;
}

/// "62 %", rounded down: never more than is covered.
QString coveredShare(const PositionRow &row)
{
    const auto share = core::ratioOf(row.cover.covered, row.position.quantity, core::Rounding::Floor);
    return share ? format::fixed(share->raw() / 1'000'000 * core::kDecimalOne, 0) + u" %"_s : format::missing();
}

} // namespace

QString PositionsModel::textOf(const PositionRow &row, int column) const
{
    const core::Position &p = row.position;
    const auto priceText = [&](const std::optional<core::Price> &price) {
        return price ? format::price(*price, row.places.price) : format::missing();
    };
    switch (column) {
    case Symbol:
        return (m_compact ? baseOf(p) : format::text(p.instrument.symbol.view())) + u' ' +
               format::Words::venueTag(p.instrument.venue);
    case Side:
        return format::Words::side(p.direction);
    case Size:
        return format::size(p.quantity, row.places.size);
    case Notional:
        return !row.notional ? format::missing()
               : m_compact   ? format::moneyShort(*row.notional)
                             : format::money(*row.notional);
    case Entry:
        return format::price(p.entryPrice, row.places.price);
    case Mark:
        return priceText(p.markPrice);
    case LiqPrice:
        return priceText(p.liquidationPrice);
    case LiqDistance:
        return row.liquidationDistance ? format::percentDigits(*row.liquidationDistance) : format::missing();
    case Pnl:
        return !p.unrealizedPnl ? format::missing()
               : m_compact      ? format::changeShort(*p.unrealizedPnl)
                                : format::change(*p.unrealizedPnl);
    case Roe:
        return row.roe ? format::percentDigits(*row.roe, format::Sign::Always) : format::missing();
    case Margin:
        return p.initialMargin ? format::money(*p.initialMargin) : format::missing();
    case Leverage: {
        if (!p.leverage)
            return format::missing();
        const QString times = QString::number(*p.leverage) + QChar(0x00D7);
        if (!p.marginMode)
            return times;
        const bool cross = *p.marginMode == core::MarginMode::Cross;
        if (m_compact)
            return times + (cross ? u" C"_s : u" I"_s);
        //: %1 is a leverage such as 10×; cross and iso name the margin mode
        return cross ? tr("%1 cross").arg(times) : tr("%1 iso").arg(times);
    }
    case Stop:
        if (!row.cover.nearest)
            return tr("NAKED");
        if (row.cover.whole)
            return format::price(*row.cover.nearest, row.places.price);
        if (m_compact)
            return coveredShare(row);
        //: %1 trigger of the nearest stop, %2 share of the position that has stops
        return tr("%1 %2").arg(format::price(*row.cover.nearest, row.places.price), coveredShare(row));
    case RiskAtStop:
        return row.cover.loss ? format::money(*row.cover.loss) : format::missing();
    case Breaker: {
        if (!row.breaker)
            return format::missing();
        const auto &b = *row.breaker;
        if (b.word == Word::Tripped || b.word == Word::Unknown || b.word == Word::Paused || !b.distanceToNext)
            return format::Words::breaker(b.word);
        // A long trips below the mark, a short above it.
        const bool below = p.direction == core::Direction::Long;
        const core::Ratio way =
            core::Ratio::fromRaw(below ? -b.distanceToNext->raw() : b.distanceToNext->raw());
        const QString percent = format::percent(way, format::Sign::Always);
        return m_compact ? percent : percent + u" → "_s + format::Words::tierAction(b.nextAction);
    }
    default:
        return {};
    }
}

Tone PositionsModel::toneOf(const PositionRow &row, int column) const
{
    const core::Position &p = row.position;
    if (column == Side)
        return !row.trusted ? Tone::Muted : p.direction == core::Direction::Long ? Tone::Long : Tone::Short;
    if (column == Symbol)
        return Tone::Primary;
    if (!row.trusted)
        return Tone::Muted;
    switch (column) {
    case Pnl:
        return p.unrealizedPnl ? toneOfSign(p.unrealizedPnl->raw()) : Tone::Muted;
    case Roe:
        return row.roe ? toneOfSign(row.roe->raw()) : Tone::Muted;
    case LiqPrice:
        return p.liquidationPrice ? Tone::Primary : Tone::Muted;
    case Entry:
    case Leverage:
    case Margin:
        return Tone::Secondary;
    case Stop:
        return row.cover.whole ? Tone::Primary : Tone::Warn;
    case RiskAtStop:
        return row.cover.loss ? Tone::Primary : Tone::Muted;
    case Breaker:
        if (!row.breaker || row.breaker->word == Word::Unknown || row.breaker->word == Word::Paused)
            return Tone::Muted;
        return row.breaker->word == Word::Tripped ? Tone::Critical
               : row.breaker->word == Word::Near  ? Tone::Warn
                                                  : Tone::Primary;
    default:
        return Tone::Primary;
    }
}

QString PositionsModel::tooltipOf(const PositionRow &row, int column) const
{
    const core::Position &p = row.position;
    if (column == Symbol)
        return tr("%1 on %2")
            .arg(format::text(p.instrument.symbol.view()), format::Words::venue(p.instrument.venue));
    if (column == Breaker && row.breaker) {
        const auto &b = *row.breaker;
        if (!b.trippedText.empty())
            return QString::fromStdString(b.trippedText);
        if (b.metric && b.nextTrigger && b.priceAtNext)
            return tr("Loss is %1 of margin. Next: %2 at %3, when the mark reaches %4.")
                .arg(format::percent(*b.metric), format::Words::tierAction(b.nextAction),
                     format::percent(*b.nextTrigger), format::price(*b.priceAtNext, row.places.price));
        return tr("Cannot be evaluated: mark or account data is missing or stale.");
    }
    if (column == Stop) {
        const QString why = coverReason(row.cover);
        if (!row.cover.nearest || row.cover.whole)
            return why;
        //: %1 price, %2 "62 %", %3 why the rest has none
        return tr("The nearest stop is at %1. Stops cover %2 of this position. %3")
            .arg(format::price(*row.cover.nearest, row.places.price), coveredShare(row), why);
    }
    if (column == RiskAtStop)
        return row.cover.loss ? tr("Loss from the entry if every unit is stopped at its trigger, before fees and slippage. Negative: "
                                   "the stops lock in a profit.")
                              : tr("Not known: part of the position has no resting stop.");
    if (!row.trusted)
        return tr("Last known value; its data is stale. As of %1").arg(format::iso(p.receivedAt));
    return tr("As of %1").arg(format::iso(p.receivedAt));
}

} // namespace ui::models
