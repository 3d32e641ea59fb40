#include "ui/models/ticket.h"

#include <QtCore/QCoreApplication>

#include "ui/format/format.h"
#include "ui/format/words.h"

using namespace Qt::StringLiterals;

/// The words of the ticket.
namespace ui::models
{

namespace
{

using core::Money;

/// "0.0450 %": two places would hide a fee.
QString rate(core::Ratio ratio)
{
    return format::funding(ratio).remove(u'+');
}

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ui::models::Ticket)
};

} // namespace

QStringList TicketTexts::sizing(const TicketView &view, int places)
{
    if (!view.size)
        return {view.sizeWhy};
    const auto &answer = *view.size;
    QStringList lines;
    if (answer.reason.empty())
        lines << Text::tr("Size %1 at %2× equity, bound by %3.")
                     .arg(format::size(answer.quantity, places), QString::number(answer.leverage, 'f', 2),
                          constraint(answer.binding).toLower());
    else
        lines << Text::tr("No size: %1.").arg(QString::fromStdString(answer.reason));
    for (const auto &cap : answer.caps) {
        const QString mark = cap.name == answer.binding ? u"● "_s : u"· "_s;
        const QString text = QString::fromStdString(cap.text);
        // Without a size the text says why there is none.
        lines << mark + (cap.quantity ? Text::tr("%1: %2 — %3").arg(constraint(cap.name), QString::number(*cap.quantity, 'g', 6), text)
                                      : Text::tr("%1: %2").arg(constraint(cap.name), text));
    }
    if (!answer.complete)
        lines << Text::tr("⚠ Not every constraint could be evaluated.");
    return lines;
}

QStringList TicketTexts::preview(const TicketView &view, int pricePlaces)
{
    if (!view.preview)
        return {view.previewWhy};
    const auto &p = *view.preview;
    QStringList lines;
    const QString missing = format::missing();
    lines << Text::tr("Worst loss with every stop: %1")
                 .arg(p.worstLoss ? format::dollars(*p.worstLoss)
                                  : missing + u" ("_s + QString::fromStdString(p.worstLossWhy) + u')');
    const QString liquidation = p.liquidationAfter ? u"≈ "_s + format::price(*p.liquidationAfter, pricePlaces)
                                : !p.liquidationWhy.empty()
                                    ? missing + u" ("_s + QString::fromStdString(p.liquidationWhy) + u')'
                                    : Text::tr("none");
    lines << Text::tr("Liquidation after: %1").arg(liquidation);
    lines << Text::tr("Fee: %1").arg(format::dollars(p.fee));
    const QString funding = p.fundingPer8h ? format::change(*p.fundingPer8h) : missing;
    lines << (view.fundingEvery ? Text::tr("Funding per 8 h at the present rate: %1").arg(funding)
                                : Text::tr("Funding at the next payment: %1 (how often this market pays is not known)").arg(funding));
    return lines;
}

QString TicketTexts::stop(const TicketView &view, int pricePlaces)
{
    if (view.stopIsLeftOut)
        return Text::tr("No stop goes with an order that only reduces: the one typed here is left out.");
    if (!view.stop)
        return Text::tr("No stop goes with this order.");
    return Text::tr("Stop: as soon as this order fills, a reduce-only stop-market order for what has filled goes to the venue, at "
                    "%1 of the mark price, armed or not. Once it rests it needs no program; an order that fills only after this "
                    "program has ended gets none.")
        .arg(format::price(*view.stop, pricePlaces));
}

QString TicketTexts::fees(const TicketView &view)
{
    if (!view.fees || !view.feesOfVenue)
        return {};
    return Text::tr("Maker %1, taker %2 (the venue's word)")
        .arg(rate(view.fees->maker), rate(view.fees->taker));
}

QString TicketTexts::constraint(const std::string &name)
{
    if (name == "risk")
        return Text::tr("Risk per trade");
    if (name == "max_position_pct")
        return Text::tr("Largest position");
    if (name == "max_leverage")
        return Text::tr("Largest leverage");
    if (name == "kelly")
        return Text::tr("Kelly, from your own trades");
    if (name == "volatility")
        return Text::tr("Volatility target");
    if (name == "correlation")
        return Text::tr("Correlated exposure");
    if (name == "portfolio")
        return Text::tr("Portfolio volatility");
    if (name == "liquidity")
        return Text::tr("Liquidity");
    if (name == "liq_distance")
        return Text::tr("Distance to liquidation");
    return QString::fromStdString(name);
}

QStringList TicketTexts::headroom(const core::runtime::PreviewAnswer &answer)
{
    QStringList reached;
    QStringList others;
    for (const auto &change : core::risk::headroomChanges(answer.before, answer.after)) {
        QString what = format::Words::breakerTitle(change.subject.kind);
        if (change.subject.instrument)
            what = format::text(change.subject.instrument->symbol.view()) + u" · "_s + what.toLower();
        const auto level = [&](const std::optional<core::Ratio> &ratio) {
            return ratio ? format::Words::level(change.subject.kind, *ratio) : format::missing();
        };
        const auto room = [](const std::optional<Money> &money) { return money ? format::dollars(*money) : format::missing(); };
        QString line = Text::tr("%1: %2 → %3").arg(what, level(change.readingBefore), level(change.readingAfter));
        if (change.before || change.after)
            line = Text::tr("%1, room %2 → %3").arg(line, room(change.before), room(change.after));
        if (change.breaches)
            reached << Text::tr("✕ %1: this order would reach it").arg(line);
        else if (change.readingBefore != change.readingAfter || change.before != change.after)
            others << line;
    }
    return reached + others;
}

QStringList TicketTexts::safeguards(const core::risk::SafeguardVerdict &verdict)
{
    QStringList lines;
    for (const auto &note : verdict.notes) {
        QString line = (note.refuses ? u"✕ "_s : u"⚠ "_s) + QString::fromStdString(note.text);
        if (note.until)
            line += u' ' + Text::tr("Until %1.").arg(format::timeOfDayZone(*note.until));
        lines << line;
    }
    if (verdict.wantsReason)
        lines << Text::tr("Type a reason: the tilt score asks for one.");
    if (verdict.tilt >= 1)
        lines << Text::tr("Tilt score %1 of 100.").arg(static_cast<int>(verdict.tilt));
    if (verdict.leverageCap)
        lines << Text::tr("Leverage ladder: rung %1, all positions at most %2× equity.").arg(verdict.rung).arg(*verdict.leverageCap);
    return lines;
}

QString TicketTexts::advice(const std::vector<core::orders::IntentReason> &advice)
{
    QStringList lines;
    for (const auto &reason : advice)
        lines << u"⚠ "_s + QString::fromStdString(reason.text);
    return lines.join(u'\n');
}

QStringList TicketTexts::blocks(const std::vector<core::risk::Block> &blocks)
{
    QStringList lines;
    for (const auto &block : blocks) {
        QString line = Text::tr("✕ No new risk: %1").arg(QString::fromStdString(block.reason));
        if (!block.number.empty())
            line += Text::tr(" (%1)").arg(QString::fromStdString(block.number));
        if (!block.limit.empty())
            line += Text::tr(", limit %1").arg(QString::fromStdString(block.limit));
        if (block.until)
            line += Text::tr(", until %1").arg(format::timeOfDayZone(*block.until));
        lines << line;
    }
    return lines;
}

} // namespace ui::models
