// Facts to the risk engine, and what becomes of its decisions.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/orders/guard_impl.h"
#include "core/domain/number_text.h"

namespace core::orders
{

void Guard::Impl::fact(risk::RiskFact fact)
{
    engine.apply({now, std::move(fact)}, decisions);
}

void Guard::Impl::on(const TransferReport &report)
{
    static_cast<void>(heard(report.transfer.venue));
    fact(risk::TransferSet{report.transfer});
}

void Guard::Impl::on(const FundingReport &report)
{
    static_cast<void>(heard(report.payment.instrument.venue));
    for (Slot &slot : slots) {
        if (slot.instrument == report.payment.instrument && slot.life)
            slot.tripFunding = add(slot.tripFunding, report.payment.amount).value_or(slot.tripFunding);
    }
    fact(risk::FundingSet{report.payment});
}

void Guard::Impl::on(const EstimateReport &report)
{
    marketOf(report.estimate.instrument).sigmaDay = report.estimate.sigmaDay;
    fact(risk::EstimateSet{report.estimate});
}

void Guard::Impl::on(const DepthReport &report)
{
    marketOf(report.depth.instrument).depth = report.depth;
    fact(risk::DepthSet{report.depth});
}

void Guard::Impl::on(const CorrelationReport &report) { fact(risk::CorrelationSet{report.correlation}); }

void Guard::Impl::on(const HistoryReport &report)
{
    static_cast<void>(heard(report.history.account));
    fact(risk::HistorySet{report.history});
    restoreHabits(report.history);
}

void Guard::Impl::on(const VenueHistoryReport &report)
{
    accountOf(report.account).historyMissing = report.known ? std::string{} : report.why;
    fact(risk::VenueHistorySet{report.account, report.known, report.why});
}

void Guard::Impl::on(const CapabilitiesReport &report)
{
    Account &account = accountOf(report.account);
    account.can = report;
    setDeadManTerms(account);
}

void Guard::Impl::on(const FeesReport &report)
{
    marketOf(report.instrument).fees = report.rates;
    accountOf(report.instrument.venue).solveAt = now;
}

void Guard::Impl::on(const LockoutRelease &release)
{
    const std::size_t before = decisions.size();
    fact(risk::LockoutReleased{release.lockout});
    const bool ended = std::any_of(decisions.begin() + static_cast<std::ptrdiff_t>(before), decisions.end(),
                                   [](const risk::RiskDecision &decision) {
                                       const auto *lockout = std::get_if<risk::LockoutSet>(&decision);
                                       return lockout != nullptr && lockout->ended;
                                   });
    tell(Severity::Warning, ended ? "lockout-released" : "lockout-stays",
         ended ? fmt::format("A lockout was released by {}.", release.by)
               : std::string("The lockout was not released: it is not known, still runs, or needs no release."));
}

/// What counts as open is the size with every fill that we know of.
void Guard::Impl::tellPosition(Slot &slot)
{
    if (!slot.ledger.isKnown())
        return;
    const std::optional<risk::Life> &life = slot.life ? slot.life : slot.lastLife;
    if (!life)
        return;
    risk::PositionSet set{*life, slot.ledger.base()};
    set.position.direction = life->direction;
    set.position.quantity = slot.life ? liveSize(slot, life->direction) : Quantity{};
    // Stamps alone are no news, and with a mark of its own the engine needs none of the venue's valuation.
    if (slot.told) {
        Position same = set.position;
        if (marketOf(slot).mark) {
            same.markPrice = slot.told->position.markPrice;
            same.unrealizedPnl = slot.told->position.unrealizedPnl;
        }
        same.venueTime = slot.told->position.venueTime;
        same.receivedAt = slot.told->position.receivedAt;
        if (slot.told->life == set.life && slot.told->position == same)
            return;
    }
    if (!slot.told && set.position.isFlat())
        return;
    slot.told = set;
    fact(std::move(set));
}

void Guard::Impl::tellTrust(Account &account)
{
    if (!account.present)
        return;
    const bool fresh = !account.freshness || *account.freshness == Freshness::Fresh;
    const std::pair trust{fresh, account.reconciled};
    if (account.trustTold == trust)
        return;
    account.trustTold = trust;
    fact(risk::FreshnessSet{account.venue, std::nullopt, fresh, account.reconciled});
}

void Guard::Impl::tellMarkTrust(Market &market)
{
    // Its age the engine sees for itself.
    const bool fresh = !market.freshness || *market.freshness == Freshness::Fresh;
    if (market.freshTold == fresh || (!market.freshTold && fresh))
        return;
    market.freshTold = fresh;
    fact(risk::FreshnessSet{market.key.venue, market.key, fresh, accountOf(market.key.venue).reconciled});
}

void Guard::Impl::decide()
{
    // What is carried out may tell the engine more, and that may decide more.
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        risk::RiskDecision decision = std::move(decisions[i]);
        std::visit([this](auto &value) { on(value); }, decision);
    }
    decisions.clear();
}

namespace
{
std::string alertCode(const risk::Fired &fired)
{
    const bool would = fired.action > risk::TierAction::Alert && !fired.acts;
    std::string_view word;
    switch (fired.action) {
    case risk::TierAction::Alert: word = "near"; break;
    case risk::TierAction::BlockNewRisk: word = "block"; break;
    case risk::TierAction::Reduce: word = "reduce"; break;
    case risk::TierAction::Close: word = "close"; break;
    case risk::TierAction::Flatten: word = "flatten"; break;
    }
    return fmt::format("{}-{}{}", name(fired.subject.kind), would ? "would-" : "", word);
}

/// A subject without a life: decisions that touch no position.
risk::Life lifeOf(const risk::Subject &subject)
{
    risk::Life life;
    if (subject.instrument)
        life.position = {*subject.instrument, subject.side.value_or(PositionSide::Both)};
    return life;
}
} // namespace

/// " Reduce-only: BTCUSDT 0.125 of 0.250."
std::string Guard::Impl::sizesText(const std::vector<Verdict::Target> &targets)
{
    static constexpr std::size_t kNamed = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(targets.size(), kNamed); ++i) {
        const Verdict::Target &target = targets[i];
        const Instrument *rules = marketOf(target.instrument).rules();
        text += fmt::format("{} {} {}", i == 0 ? " Reduce-only:" : ",", target.instrument.symbol.view(),
                            quantityText(target.closing, rules));
        if (target.closing != target.quantity)
            text += " of " + quantityText(target.quantity, rules);
    }
    if (targets.size() > kNamed)
        text += fmt::format(" and {} more", targets.size() - kNamed);
    return text + '.';
}

/// Of all accounts together: of the one that may do most, as the engine sees it.
risk::Arming Guard::Impl::armingOf(std::optional<Venue> venue) const
{
    risk::Arming most = risk::Arming::Off;
    for (const Account &account : accounts) {
        if (venue ? *venue == account.venue : account.present)
            most = std::max(most, account.arming);
    }
    return most;
}

/// Orders first: every word about them waits until `finish`.
void Guard::Impl::on(risk::Fired &news)
{
    Unexplained &decided = unexplained.emplace_back(Unexplained{.fired = std::move(news), .decisionId = {}, .targets = {}});
    const risk::Fired &fired = decided.fired;
    const Deed deed{fired.subject, fired.tier, fired.action, fired.fraction, fired.fireNumber};
    const bool closes = fired.acts && fired.action >= risk::TierAction::Reduce;
    std::vector<Slot *> targets;
    for (const risk::Life &life : fired.targets) {
        Slot *slot = findSlot(life.position);
        if (slot == nullptr || !slot->life || slot->life->direction != life.direction)
            continue;
        targets.push_back(slot);
        decided.targets.push_back({.decisionId = decisionOf(*slot, deed, false),
                                   .instrument = slot->instrument,
                                   .side = slot->side,
                                   .direction = life.direction,
                                   .quantity = liveSize(*slot, life.direction),
                                   .closing = closes ? closingFor(*slot, deed, marketOf(*slot).mark) : Quantity{},
                                   .entryPrice = slot->ledger.base().entryPrice});
    }
    decided.decisionId = targets.empty() ? decisionId(lifeOf(fired.subject), risk::text(fired.subject), fired.tier,
                                                      toNanoseconds(now))
                                         : decided.targets.front().decisionId;
    if (fired.acts && fired.action == risk::TierAction::Flatten) {
        for (const Account &account : accounts) {
            if (account.present && (!fired.subject.account || *fired.subject.account == account.venue))
                cancelEntries(account.venue, nullptr, decided.decisionId);
        }
    }
    for (std::size_t i = 0; closes && i < targets.size(); ++i)
        act(*targets[i], deed, decided.targets[i].decisionId);
    if (fired.acts && fired.action >= risk::TierAction::BlockNewRisk) {
        for (Account &account : accounts)
            enforceLocks(account);
    }
}

void Guard::Impl::finish(std::vector<GuardOutput> &outputs)
{
    out = &outputs;
    engine.finish(decisions);
    decide();
    for (Unexplained &decided : unexplained)
        explain(decided);
    unexplained.clear();
    askWanted();
    out = nullptr;
}

void Guard::Impl::explain(Unexplained &decided)
{
    const risk::Fired &fired = decided.fired;
    Verdict verdict;
    verdict.decisionId = decided.decisionId;
    verdict.subject = fired.subject;
    verdict.tier = fired.tier;
    verdict.action = fired.action;
    verdict.fireNumber = fired.fireNumber;
    verdict.acts = fired.acts;
    verdict.escalated = fired.escalated;
    verdict.reading = fired.reading;
    verdict.trigger = fired.trigger;
    verdict.mark = fired.mark;
    verdict.markTime = fired.markTime;
    verdict.targets = std::move(decided.targets);
    verdict.arming = armingOf(fired.subject.account);
    verdict.text = engine.sentence(fired);
    if (fired.acts && fired.action >= risk::TierAction::Reduce && !verdict.targets.empty())
        verdict.text += sizesText(verdict.targets);
    if (fired.subject.scope == risk::Scope::Position && fired.action > risk::TierAction::Alert) {
        if (Slot *slot = findSlot(lifeOf(fired.subject).position))
            slot->trippedText = fmt::format("{} · {} at {} · {}", timeOfDayText(now), name(fired.action),
                                            risk::levelText(fired.subject.kind, fired.trigger),
                                            risk::readingText(fired.subject.kind, fired.reading));
    }
    const std::string text = verdict.text;
    out->emplace_back(std::move(verdict));
    tell(fired.acts ? Severity::Critical : Severity::Warning, alertCode(fired), text,
         fired.subject.instrument ? &*fired.subject.instrument : nullptr, decided.decisionId);
}

void Guard::Impl::on(const risk::Evaluability &change)
{
    const risk::Subject &subject = change.subject;
    const std::string_view whose = subject.instrument ? subject.instrument->symbol.view()
                                   : subject.account  ? name(*subject.account)
                                                      : std::string_view("all accounts");
    tell(change.evaluable ? Severity::Info : Severity::Warning, change.evaluable ? "evaluable" : "not-evaluable",
         change.evaluable ? fmt::format("{}: {} can be evaluated again.", whose, name(subject.kind))
                          : fmt::format("{}: {} cannot be evaluated: {}.", whose, name(subject.kind), change.why),
         change.subject.instrument ? &*change.subject.instrument : nullptr);
}

void Guard::Impl::on(const risk::LockoutSet &change)
{
    const risk::Lockout &lockout = change.lockout;
    out->emplace_back(LockoutRecord{lockout, change.ended});
    std::erase_if(lockouts, [&](const risk::Lockout &known) { return known.id == lockout.id; });
    if (!change.ended)
        lockouts.push_back(lockout);
    const std::string where = lockout.instrument ? lockout.instrument->symbol.string()
                              : lockout.account  ? std::string(name(*lockout.account))
                                                 : std::string("all accounts");
    tell(Severity::Warning, change.ended ? "lockout-over" : "lockout",
         change.ended ? fmt::format("{}: the lockout ({}) is over.", where, lockout.reason)
                      : fmt::format("{}: no new risk until {}{} ({}). Closing and cancelling stay free.", where,
                                    timeOfDayText(lockout.until), lockout.needsRelease ? " and a typed release" : "",
                                    lockout.reason),
         lockout.instrument ? &*lockout.instrument : nullptr);
    for (Slot &slot : slots) {
        slot.lockSize = lockoutOf(slot.instrument) == nullptr ? std::nullopt : slot.lockSize;
        noteLocks(slot);
    }
    for (Account &account : accounts)
        enforceLocks(account);
}

/// A limit of the position is reached, armed, but nothing may be sent: said once until it may.
void Guard::Impl::warnOfBreach(Slot &slot)
{
    const Account &account = accountOf(slot);
    const std::string_view why = distrust(account);
    if (why.empty() || account.arming != risk::Arming::Armed) {
        slot.blindTold = false;
        return;
    }
    if (slot.blindTold || !slot.life)
        return;
    const auto reached = engine.reached(slot.key());
    if (reached.empty())
        return;
    slot.blindTold = true;
    tell(Severity::Critical, "blind",
         fmt::format("{}: tier {} of {} is reached, but {}. Nothing is sent until that is settled.",
                     slot.instrument.symbol.view(), reached.front().tier, name(reached.front().subject.kind), why),
         &slot.instrument);
}

void Guard::Impl::hashLife(Slot &slot, const risk::Life &life)
{
    if (slot.idHash && slot.idHash->isOf(life))
        return;
    slot.idHash.emplace(life);
    slot.knownIds.clear();
}

std::string Guard::Impl::decisionOf(Slot &slot, const Deed &deed, bool again)
{
    risk::Life life = *slot.life;
    life.openedAt = slot.openedForIds.value_or(life.openedAt);
    hashLife(slot, life);
    // An earlier run may have used the numbers from one on; what does not wait for the venue's word on them takes another.
    const bool isNumberFree = !mayHaveFired(slot, deed) || !closesAll(slot, deed);
    for (const KnownId &known : slot.knownIds) {
        if (!again && isNumberFree && known.number == deed.fire && known.tier == deed.tier && known.subject == deed.subject &&
            slot.decisions.insert(known.id).second)
            return known.id;
    }
    std::int64_t number = isNumberFree ? deed.fire : toNanoseconds(now);
    const std::string subject = risk::text(deed.subject);
    std::string id = decisionId(*slot.idHash, subject, deed.tier, number);
    while (!again && slot.decisions.contains(id))
        id = decisionId(*slot.idHash, subject, deed.tier, ++number);
    slot.decisions.insert(id);
    return id;
}

Quantity Guard::Impl::closingFor(const Slot &slot, const Deed &deed, std::optional<Price> mark) const
{
    const Quantity size = liveSize(slot, slot.life->direction);
    const Market &market = markets[slot.market];
    if (deed.action != risk::TierAction::Reduce || !mark)
        return size;
    const LotRules lots = market.instrument ? lotRules(*market.instrument)
                                            : LotRules{.step = Quantity::fromRaw(1), .least = {}, .notionalLeast = {}};
    const auto part = partialClose(size, deed.fraction, lots, *mark);
    return part ? part->quantity : size;
}

bool Guard::Impl::closesAll(Slot &slot, const Deed &deed)
{
    return closingFor(slot, deed, marketOf(slot).mark) == liveSize(slot, slot.life->direction);
}

void Guard::Impl::act(Slot &slot, const Deed &deed, std::string decision)
{
    if (slot.plan && slot.plan->everything && !slot.plan->stopped && slot.plan->lifeNumber == slot.lifeNumber)
        return; // it is being closed already
    if (mayHaveFired(slot, deed) && !closesAll(slot, deed)) {
        if (slot.held.empty()) {
            slot.heldSince = now;
            slot.heldTold = false;
        }
        slot.decisions.erase(decision); // its id is the one that is asked for
        slot.held.push_back(deed);
        askEarlier(slot, deed);
        return;
    }
    if (mayHaveFired(slot, deed))
        askEarlier(slot, deed); // all of it, reduce-only, cannot take too much; what turns up is accounted for
    const Quantity size = liveSize(slot, slot.life->direction);
    const Quantity closing = closingFor(slot, deed, marketOf(slot).mark);
    if (!closing.isPositive())
        return;
    Plan plan;
    plan.decisionId = std::move(decision);
    plan.subject = deed.subject;
    plan.tier = deed.tier;
    plan.everything = closing == size;
    plan.target = closing;
    startPlan(slot, std::move(plan));
}

} // namespace core::orders
