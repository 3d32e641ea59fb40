#include "ui/models/dock_state.h"

#include <algorithm>

#include "ui/format/format.h"
#include "ui/format/words.h"

namespace ui::models
{

namespace
{

using core::Freshness;
using core::runtime::TerminalSnapshot;
using Phase = DockState::Phase;

int badness(Freshness freshness)
{
    switch (freshness) {
    case Freshness::Fresh:
        return 0;
    case Freshness::Connecting:
        return 1;
    case Freshness::Stale:
        return 2;
    case Freshness::Gapped:
        return 3;
    case Freshness::Crossed:
        return 4;
    case Freshness::Diverged:
        return 5;
    case Freshness::Lost:
        return 6;
    }
    return 6;
}

Phase phaseOf(Freshness freshness)
{
    switch (freshness) {
    case Freshness::Fresh:
        return Phase::Live;
    case Freshness::Connecting:
        return Phase::Loading;
    case Freshness::Lost:
        return Phase::Error;
    default:
        return Phase::Stale;
    }
}

} // namespace

QString DockStates::lastError(const TerminalSnapshot &snapshot, core::Venue venue)
{
    const core::ports::StreamStatus *newest = nullptr;
    for (const auto &stream : snapshot.streams) {
        if (stream.venue == venue && !stream.lastError.empty() && stream.freshness != Freshness::Fresh &&
            (newest == nullptr || stream.lastMessageAt > newest->lastMessageAt))
            newest = &stream;
    }
    return newest == nullptr ? QString() : QString::fromStdString(newest->lastError);
}

namespace
{

class Sentences
{
    Q_DECLARE_TR_FUNCTIONS(ui::models::DockStates)

public:
    static QString chip(Freshness freshness, std::optional<core::Duration> age)
    {
        const QString ageText = age ? format::age(*age) : QString();
        switch (freshness) {
        case Freshness::Stale:
            return ageText.isEmpty() ? tr("STALE") : tr("STALE %1").arg(ageText);
        case Freshness::Gapped:
            return ageText.isEmpty() ? tr("GAP") : tr("GAP %1").arg(ageText);
        case Freshness::Crossed:
            return tr("CROSSED");
        case Freshness::Diverged:
            return tr("DIVERGED");
        case Freshness::Lost:
            return ageText.isEmpty() ? tr("OFFLINE") : tr("OFFLINE %1").arg(ageText);
        default:
            return {};
        }
    }

    static QString stale(const QString &stream, Freshness freshness, std::optional<core::Duration> age)
    {
        if (freshness == Freshness::Gapped)
            return tr("%1: a message is missing. A new snapshot is on its way; nothing acts on it until "
                      "then.")
                .arg(stream);
        if (freshness == Freshness::Crossed || freshness == Freshness::Diverged)
            return tr("%1: the data contradicts itself. It is being fetched again; nothing acts on it until "
                      "then.")
                .arg(stream);
        return age ? tr("%1: the newest message is %2 old. Nothing acts on it until it is fresh again.")
                         .arg(stream, format::age(*age))
                   : tr("%1: the newest message is too old. Nothing acts on it until it is fresh again.")
                         .arg(stream);
    }

    static QString lost(const TerminalSnapshot &snapshot, core::Venue which)
    {
        const QString error = DockStates::lastError(snapshot, which);
        const QString venue = format::Words::venue(which);
        return error.isEmpty() ? tr("No connection to %1. Reconnecting.").arg(venue)
                               : tr("No connection to %1: %2. Reconnecting.").arg(venue, error);
    }

    static QString waiting(const TerminalSnapshot *snapshot, core::Venue venue, const QString &what)
    {
        if (snapshot == nullptr)
            return tr("Waiting for the engine.");
        return tr("Waiting for %1: %2.").arg(format::Words::venue(venue), what);
    }

    /// "Binance USD-M at https://… (connection refused)".
    static QString tried(const core::runtime::VenueView &venue)
    {
        const QString name = format::Words::venue(venue.venue);
        const QString address = QString::fromStdString(venue.address);
        return venue.why.empty() ? tr("%1 at %2 (no answer)").arg(name, address)
                                 : tr("%1 at %2 (%3)").arg(name, address, QString::fromStdString(venue.why));
    }
};

} // namespace

std::optional<DockState> DockStates::unreached(const TerminalSnapshot &snapshot, core::Venue venue)
{
    using Reach = core::runtime::VenueView::Reach;
    QStringList tried;
    QString ofThis;
    for (const auto &view : snapshot.venues) {
        if (view.reach != Reach::Unreached)
            continue;
        tried << Sentences::tried(view);
        if (view.venue == venue)
            ofThis = tried.back();
    }
    if (ofThis.isEmpty())
        return std::nullopt;
    DockState state{Phase::Error, tr("OFFLINE"), {}, false};
    if (tried.size() < static_cast<qsizetype>(snapshot.venues.size())) {
        state.sentence = tr("No answer from %1. It is tried on; other markets are live.").arg(ofThis);
        return state;
    }
    state.unreached = true;
    state.sentence = tr("No venue can be reached. Tried: %1. Check this computer's connection to the internet; the venues are "
                        "tried on. The demo needs no connection.")
                         .arg(tried.join(u", "));
    return state;
}

DockState DockStates::orderFlow(const TerminalSnapshot *snapshot)
{
    const QString firstBook = tr("first order book snapshot");
    if (snapshot == nullptr)
        return {Phase::Loading, {}, Sentences::waiting(nullptr, {}, firstBook)};
    if (snapshot->markets.empty())
        return {Phase::Empty, {}, tr("No market is open.")};
    const auto &market = snapshot->markets.front();
    const core::Venue venue = market.key.venue;
    const bool bookIsWorse = badness(market.book) >= badness(market.trades);
    // A market without a print yet is quiet, not broken: its book decides.
    const Freshness worst =
        bookIsWorse || market.trades == Freshness::Connecting ? market.book : market.trades;
    const bool hasBook = !market.bids.empty() || !market.asks.empty();
    const QString stream = bookIsWorse ? tr("Order book") : tr("Trades");
    const Phase phase = phaseOf(worst);
    if (!hasBook) {
        if (auto state = unreached(*snapshot, venue))
            return *state;
    }
    if (phase == Phase::Loading)
        return {Phase::Loading, {}, Sentences::waiting(snapshot, venue, firstBook)};
    if (phase == Phase::Live)
        return {hasBook ? Phase::Live : Phase::Loading,
                {},
                hasBook ? QString() : Sentences::waiting(snapshot, venue, firstBook)};
    const QString chip = Sentences::chip(worst, market.bookAge);
    if (phase == Phase::Error)
        return {Phase::Error, chip, Sentences::lost(*snapshot, venue)};
    return {Phase::Stale, chip, Sentences::stale(stream, worst, market.bookAge)};
}

DockState DockStates::account(const TerminalSnapshot *snapshot)
{
    if (snapshot == nullptr)
        return {Phase::Loading, {}, Sentences::waiting(nullptr, {}, {})};
    const auto &account = snapshot->account;
    if (!account.connected)
        return {Phase::Empty, {}, tr("No account is connected: markets are watched without keys, and nothing is guarded.")};
    const Phase phase = phaseOf(account.freshness);
    if (phase == Phase::Loading || (phase == Phase::Live && !account.totals))
        return {Phase::Loading, {}, Sentences::waiting(snapshot, snapshot->venue, tr("account snapshot"))};
    const QString chip = Sentences::chip(account.freshness, account.age);
    if (phase == Phase::Error)
        return {Phase::Error, chip, Sentences::lost(*snapshot, snapshot->venue)};
    if (phase == Phase::Stale)
        return {Phase::Stale, chip, Sentences::stale(tr("Account"), account.freshness, account.age)};
    return {Phase::Live, {}, {}};
}

DockState DockStates::positions(const TerminalSnapshot *snapshot)
{
    if (snapshot == nullptr)
        return {Phase::Loading, {}, Sentences::waiting(nullptr, {}, {})};
    const auto &account = snapshot->account;
    if (!account.connected)
        return DockStates::account(snapshot);
    const Phase phase = phaseOf(account.freshness);
    if (!account.positionsKnown && phase != Phase::Error)
        return {Phase::Loading, {}, Sentences::waiting(snapshot, snapshot->venue, tr("account snapshot"))};
    if (phase == Phase::Error)
        return {Phase::Error, Sentences::chip(account.freshness, account.age), Sentences::lost(*snapshot, snapshot->venue)};
    if (phase == Phase::Stale)
        return {Phase::Stale, Sentences::chip(account.freshness, account.age),
                Sentences::stale(tr("Account"), account.freshness, account.age)};
    if (account.positions.empty())
        return {Phase::Empty, {}, tr("No open positions.")};
    for (const auto &market : snapshot->markets) {
        const bool held = std::any_of(account.positions.begin(), account.positions.end(),
                                      [&](const core::Position &p) { return p.instrument == market.key; });
        if (held && market.mark != Freshness::Fresh && market.mark != Freshness::Connecting)
            return {Phase::Stale, Sentences::chip(market.mark, market.markAge),
                    Sentences::stale(tr("Mark price of %1").arg(format::text(market.key.symbol.view())),
                                     market.mark, market.markAge)};
    }
    return {Phase::Live, {}, {}};
}

DockState DockStates::orders(const TerminalSnapshot *snapshot)
{
    DockState state = account(snapshot);
    if (snapshot != nullptr && state.phase == Phase::Live && snapshot->account.openOrders.empty())
        return {Phase::Empty, {}, tr("No open orders.")};
    return state;
}

DockState DockStates::risk(const TerminalSnapshot *snapshot)
{
    DockState state = account(snapshot);
    if (state.phase != Phase::Live)
        return state;
    DockState marks = positions(snapshot);
    return marks.phase == Phase::Stale ? marks : state;
}

std::optional<Freshness> DockStates::markOf(const TerminalSnapshot &snapshot,
                                            const core::InstrumentKey &instrument)
{
    for (const auto &market : snapshot.markets) {
        if (market.key == instrument)
            return market.mark;
    }
    return std::nullopt;
}

} // namespace ui::models
