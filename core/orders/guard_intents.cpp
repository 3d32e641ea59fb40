// Orders that people ask for: judged by limits, lockouts and the gate, then sent and followed until their fate is known.
#include <algorithm>

#include <fmt/format.h>

#include "core/orders/guard_impl.h"
#include "core/risk/preview.h"

namespace core::orders
{

namespace
{
constexpr std::size_t kIntentsKept = 4096;
constexpr std::string_view kOurs = "eto-";

bool isIntentId(std::string_view id)
{
    return !id.empty() && id.size() <= 32 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

IntentRefused::Reason reasonOf(const risk::Denial &denial)
{
    return {std::string(name(denial.reason)), denial.got, denial.limit, std::nullopt, denial.text()};
}

IntentRefused::Reason reasonOf(const risk::Block &block)
{
    std::string text = fmt::format("No new risk ({}): {}", name(block.scope), block.reason);
    if (!block.number.empty())
        text += fmt::format(", {}", block.number);
    if (!block.limit.empty())
        text += fmt::format(", limit {}", block.limit);
    return {block.reason, block.number, block.limit, block.until, text + '.'};
}

void addRefusals(const risk::SafeguardVerdict &verdict, std::vector<IntentReason> &reasons)
{
    for (const risk::SafeguardNote &note : verdict.notes) {
        if (note.refuses)
            reasons.push_back({note.code, note.got, note.limit, note.until, note.text});
    }
}
} // namespace

void Guard::Impl::refuse(const std::string &intent, Reasons reasons)
{
    out->emplace_back(IntentRefused{intent, std::move(reasons)});
}

bool Guard::Impl::isNewIntent(const std::string &id)
{
    if (!isIntentId(id)) {
        refuse(id, {{"bad-intent-id", id, {}, std::nullopt, "The id of a wish must be 1 to 32 letters, digits or '-'."}});
        return false;
    }
    if (!intentIds.insert(id).second) {
        refuse(id, {{"duplicate-intent", id, {}, std::nullopt, "This wish was made already; it is not done twice."}});
        return false;
    }
    intents.push_back(id);
    if (intents.size() > kIntentsKept) {
        intentIds.erase(intents.front());
        intents.pop_front();
    }
    return true;
}

risk::GateFacts Guard::Impl::gateFacts(const OrderRequest &request)
{
    const Account &account = accountOf(request.instrument.venue);
    Market &market = marketOf(request.instrument);
    risk::GateFacts facts;
    facts.instrument = market.rules();
    facts.mark = market.mark;
    facts.reconciled = account.reconciled;
    facts.fresh = isFresh(account) && markFresh(market);
    const Slot *slot = findSlot({request.instrument, request.positionSide});
    if (slot != nullptr && slot->life) {
        facts.direction = slot->life->direction;
        facts.live = liveSize(*slot, slot->life->direction);
        // A stop and a target may both be as large as the position: only one of them fills.
        if (!isConditional(request.type))
            facts.closing = openOrders.closing(request.instrument, request.positionSide, slot->life->direction);
    }
    return facts;
}

bool Guard::Impl::addsRisk(const OrderRequest &request)
{
    OrderUpdate order;
    order.instrument = request.instrument;
    order.clientOrderId = request.clientOrderId;
    order.side = request.side;
    order.positionSide = request.positionSide;
    order.type = request.type;
    order.quantity = request.quantity;
    order.reduceOnly = request.reduceOnly;
    return addsRisk(order);
}

void Guard::Impl::judgeRisk(const OrderRequest &request, const ClientOrderId &replaces, Reasons &reasons)
{
    const Account &account = accountOf(request.instrument.venue);
    for (const risk::Block &block : engine.blocks(request.instrument))
        reasons.push_back(reasonOf(block));
    if (account.arming == risk::Arming::Armed && reasons.empty())
        judgeExposure(request, replaces, reasons);
}

void Guard::Impl::on(const OrderIntent &intent)
{
    if (!isNewIntent(intent.id))
        return;
    OrderRequest request = intent.order;
    if (request.clientOrderId.empty())
        request.clientOrderId =
            ClientOrderId::from(std::string(kOurs) + intent.id).value_or(ClientOrderId{});
    const Account &account = accountOf(request.instrument.venue);
    Reasons reasons;
    if (!account.present) {
        refuse(intent.id, {{"no-account", std::string(name(account.venue)), {}, std::nullopt,
                            "No account of this venue is connected."}});
        return;
    }
    const bool adds = addsRisk(request);
    // By all we know it only takes from the position; while new risk is blocked the venue is to see to it too.
    if (!adds && !engine.blocks(request.instrument).empty() &&
        !isBoundToReduce(request.reduceOnly, request.positionSide, request.side))
        request.reduceOnly = ReduceOnly::Yes;
    risk::GateFacts facts = gateFacts(request);
    const Wish wish{request, {}, intent.plannedRisk, intent.setup, !intent.reason.empty()};
    risk::SafeguardVerdict habits;
    if (adds) {
        judgeRisk(request, {}, reasons);
        habits = judgeHabits(wish);
        addRefusals(habits, reasons);
        std::erase_if(riskSent, [this](UtcTime at) { return now - at >= std::chrono::minutes{1}; });
        facts.walls = &account.limits.gate;
        facts.equity = account.totals ? std::optional(account.totals->equity) : std::nullopt;
        facts.sentLastMinute = static_cast<int>(riskSent.size());
        facts.sentLastSecond = static_cast<int>(std::count_if(
            riskSent.begin(), riskSent.end(), [this](UtcTime at) { return now - at < std::chrono::seconds{1}; }));
    }
    auto approved = risk::RiskGate::check(request, facts);
    if (!approved)
        reasons.push_back(reasonOf(approved.error()));
    judgeAskedStop(intent, request, adds, reasons);
    if (!reasons.empty()) {
        refuse(intent.id, std::move(reasons));
        return;
    }
    keepAskedStop(intent, request);
    if (adds)
        riskSent.push_back(now);
    openOrders.onSent(request, now);
    asked.push_back({intent.id, {OrderLife(request), {}, now, now + kAnswerDeadline, false, false}});
    out->emplace_back(IntentAccepted{intent.id, request.clientOrderId, adviceOf(habits)});
    out->emplace_back(SendOrder{intent.id, std::move(*approved)});
    if (adds)
        rememberHabits(wish, habits);
}

/// What a changed order would put at risk: what was planned with it, in proportion to its new size.
Guard::Impl::Wish Guard::Impl::wishOf(const ChangeIntent &intent, const OrderUpdate &live, const OrderRequest &request) const
{
    const risk::TradePlan *plan = planOf(live.clientOrderId);
    std::optional<Money> planned;
    if (plan != nullptr && plan->risk && live.quantity.isPositive()) {
        const auto scaledRisk = mulDiv(plan->risk->raw(), intent.change.quantity.raw(), live.quantity.raw(), Rounding::Ceil);
        planned = scaledRisk ? std::optional(Money::fromRaw(*scaledRisk)) : std::nullopt;
    }
    return {request, live.clientOrderId, planned, plan != nullptr ? plan->setup : std::string(),
            !intent.reason.empty()};
}

void Guard::Impl::on(const ChangeIntent &intent)
{
    if (!isNewIntent(intent.id))
        return;
    const OrderUpdate *live = openOrders.find(intent.change.instrument.venue, intent.change.clientOrderId);
    if (live == nullptr) {
        refuse(intent.id, {{"not-changeable", intent.change.clientOrderId.string(), {}, std::nullopt,
                            "This order is not open."}});
        return;
    }
    OrderRequest request;
    request.instrument = live->instrument;
    request.clientOrderId = live->clientOrderId;
    request.side = live->side;
    request.positionSide = live->positionSide;
    request.type = live->type;
    request.reduceOnly = live->reduceOnly;
    request.limitPrice = intent.change.limitPrice;
    request.quantity = Quantity::fromRaw(std::max<std::int64_t>(0, intent.change.quantity.raw() - live->filled.raw()));
    risk::GateFacts facts = gateFacts(request);
    std::optional<Wish> wish;
    risk::SafeguardVerdict habits;
    Reasons reasons;
    // Smaller, or further from the market, is free; the rest is judged like a new order.
    const bool nearer = live->limitPrice && (live->side == Side::Buy ? intent.change.limitPrice > *live->limitPrice
                                                                     : intent.change.limitPrice < *live->limitPrice);
    if ((intent.change.quantity > live->quantity || nearer) && addsRisk(request)) {
        const Account &account = accountOf(request.instrument.venue);
        judgeRisk(request, live->clientOrderId, reasons);
        wish.emplace(wishOf(intent, *live, request));
        habits = judgeHabits(*wish);
        addRefusals(habits, reasons);
        facts.walls = &account.limits.gate;
        facts.equity = account.totals ? std::optional(account.totals->equity) : std::nullopt;
    }
    auto approved = risk::RiskGate::checkChange(intent.change, *live, facts);
    if (!approved)
        reasons.push_back(reasonOf(approved.error()));
    if (!reasons.empty()) {
        refuse(intent.id, std::move(reasons));
        return;
    }
    out->emplace_back(IntentAccepted{intent.id, intent.change.clientOrderId, adviceOf(habits)});
    out->emplace_back(ChangeOrder{std::move(*approved)});
    if (wish)
        rememberHabits(*wish, habits);
}

void Guard::Impl::on(const CancelIntent &intent)
{
    if (!isNewIntent(intent.id))
        return;
    out->emplace_back(IntentAccepted{intent.id, intent.order});
    out->emplace_back(CancelOrder{intent.id, intent.instrument, intent.order});
}

void Guard::Impl::on(const CancelAllIntent &intent)
{
    if (!isNewIntent(intent.id))
        return;
    out->emplace_back(IntentAccepted{intent.id, std::nullopt});
    for (const Account &account : accounts) {
        const std::optional<Venue> named = intent.instrument ? intent.instrument->venue : intent.account;
        if (account.present && (!named || *named == account.venue))
            cancelEntries(account.venue, intent.instrument ? &*intent.instrument : nullptr, intent.id);
    }
}

bool Guard::Impl::settleAsked(const ClientOrderId &id, const std::function<void(OrderLife &)> &news)
{
    const auto found = std::find_if(asked.begin(), asked.end(), [&](const AskedOrder &order) {
        return !id.empty() && order.order.life.request().clientOrderId == id;
    });
    if (found == asked.end())
        return false;
    news(found->order.life);
    const OrderStatus status = found->order.life.status();
    const InstrumentKey instrument = found->order.life.request().instrument;
    if (found->order.life.isAbsent())
        tell(Severity::Warning, "order-absent",
             fmt::format("{}: order {} never reached the venue.", instrument.symbol.view(), id.view()), &instrument);
    // A resting order has its place among the open ones; from there on the venue's reports follow it.
    if (found->order.life.isSettled() || status == OrderStatus::New || status == OrderStatus::PartiallyFilled ||
        status == OrderStatus::Triggered)
        asked.erase(found);
    return true;
}

bool Guard::Impl::onAskedOutcome(const OutcomeReport &report)
{
    const auto found = std::find_if(asked.begin(), asked.end(), [&](const AskedOrder &order) {
        return order.order.life.request().clientOrderId == report.order;
    });
    if (found != asked.end()) {
        const InstrumentKey instrument = found->order.life.request().instrument;
        found->order.life.onOutcome(report.outcome);
        if (report.outcome == RequestOutcome::Rejected)
            tell(Severity::Warning, "order-rejected",
                 fmt::format("{}: the venue refused order {}: {}", instrument.symbol.view(), report.order.view(),
                             report.detail.empty() ? std::string(name(report.code)) : report.detail),
                 &instrument);
        if (report.outcome == RequestOutcome::Unknown)
            found->order.askAt = now; // never sent again: the venue is asked until its fate is known
        static_cast<void>(settleAsked(report.order, [](OrderLife &) {}));
        askAboutAsked();
        return true;
    }
    Slot *slot = nullptr;
    if (report.outcome == RequestOutcome::Accepted || orderOf(report.order, slot) != nullptr)
        return false;
    // A change or a cancel of an open order.
    for (const Account &account : accounts) {
        const OrderUpdate *open = openOrders.find(account.venue, report.order);
        if (open == nullptr)
            continue;
        const bool unknown = report.outcome == RequestOutcome::Unknown;
        tell(Severity::Warning, unknown ? "request-unknown" : "request-refused",
             fmt::format("{}: {} for order {}{}", open->instrument.symbol.view(),
                         unknown ? "no clear answer to a change or cancel" : "the venue refused a change or cancel",
                         report.order.view(), report.detail.empty() ? std::string(".") : ": " + report.detail),
             &open->instrument);
        out->emplace_back(QueryOrder{open->instrument, report.order});
        return true;
    }
    return false;
}

void Guard::Impl::askAboutAsked()
{
    for (AskedOrder &order : asked) {
        if (now < order.order.askAt)
            continue;
        out->emplace_back(QueryOrder{order.order.life.request().instrument, order.order.life.request().clientOrderId});
        order.order.askAt = now + kAnswerDeadline;
    }
}

} // namespace core::orders
