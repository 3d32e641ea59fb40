// Actions that orders and settings need: reading them, and writing what became of them. Reference/
// hyperliquid.md sections 5.1 to 5.7.
#include <optional>

#include <fmt/format.h>

#include "core/exchange/hyperliquid/action_ids.h"
#include "core/venue/hyperliquid/exchange_api.h"
#include "core/venue/hyperliquid/text.h"
#include "core/venue/request_time.h"

namespace core::venue::hyperliquid
{

namespace hl = exchange::hyperliquid;

namespace
{
using Value = hl::ActionValue;

/// Decimal text; what has more than eight decimals counts as off every grid.
template <class Number> [[nodiscard]] std::optional<Number> numberOf(const Value &map, std::string_view key)
{
    const Value *value = map.find(key);
    if (value == nullptr || value->text() == nullptr)
        return std::nullopt;
    const auto parsed = parseFixed<Number>(*value->text());
    if (parsed)
        return *parsed;
    const bool isTooFine = !value->text()->empty() &&
                           value->text()->find_first_not_of("0123456789.") == std::string::npos;
    return isTooFine ? std::optional(Number::fromRaw(1)) : std::nullopt;
}

[[nodiscard]] std::optional<bool> flagOf(const Value &map, std::string_view key)
{
    const Value *value = map.find(key);
    return value == nullptr || value->boolean() == nullptr ? std::nullopt : std::optional(*value->boolean());
}

[[nodiscard]] std::optional<std::int64_t> integerOf(const Value &map, std::string_view key)
{
    const Value *value = map.find(key);
    if (value == nullptr)
        return std::nullopt;
    if (const std::int64_t *negative = value->negative())
        return *negative;
    if (const std::uint64_t *number = value->integer(); number != nullptr && *number <= INT64_MAX)
        return static_cast<std::int64_t>(*number);
    return std::nullopt;
}

[[nodiscard]] std::optional<OrderTif> tifOf(std::string_view text)
{
    for (const OrderTif tif : {OrderTif::Gtc, OrderTif::Ioc, OrderTif::Alo, OrderTif::FrontendMarket})
        if (wireText(tif) == text)
            return tif;
    return std::nullopt;
}

[[nodiscard]] bool readKind(const Value &kind, OrderTerms &terms)
{
    if (const Value *limit = kind.find("limit")) {
        const auto tif = tifOf(limit->textOf("tif"));
        terms.tif = tif.value_or(OrderTif::Gtc);
        return tif.has_value();
    }
    const Value *trigger = kind.find("trigger");
    if (trigger == nullptr)
        return false;
    const auto isMarket = flagOf(*trigger, "isMarket");
    const auto price = numberOf<Price>(*trigger, "triggerPx");
    const std::string_view what = trigger->textOf("tpsl");
    if (!isMarket || !price || (what != "tp" && what != "sl"))
        return false;
    terms.trigger = TriggerTerms{*isMarket, *price, what == "tp"};
    return true;
}

[[nodiscard]] std::optional<OrderTerms> termsOf(const Value &order)
{
    OrderTerms terms;
    const auto asset = integerOf(order, "a");
    const auto isBuy = flagOf(order, "b");
    const auto price = numberOf<Price>(order, "p");
    const auto size = numberOf<Quantity>(order, "s");
    const auto reduceOnly = flagOf(order, "r");
    const Value *kind = order.find("t");
    if (!asset || !isBuy || !price || !size || !reduceOnly || kind == nullptr || !readKind(*kind, terms))
        return std::nullopt;
    terms.asset = *asset;
    terms.side = *isBuy ? Side::Buy : Side::Sell;
    terms.price = *price;
    terms.size = *size;
    terms.reduceOnly = *reduceOnly;
    if (const Value *cloid = order.find("c"); cloid != nullptr && !cloid->isNull()) {
        const auto parsed =
            cloid->text() == nullptr ? Result<hl::Cloid>(fail(ErrorCode::ParseFailed, {})) : hl::Cloid::parse(*cloid->text());
        if (!parsed)
            return std::nullopt;
        terms.cloid = parsed->text();
    }
    return terms;
}

/// A number, or a client id as text.
[[nodiscard]] std::optional<OrderKey> keyOf(const Value &map, std::string_view name)
{
    if (const auto oid = integerOf(map, name))
        return OrderKey(*oid);
    const auto cloid = hl::Cloid::parse(map.textOf(name));
    return cloid ? std::optional(OrderKey(cloid->text())) : std::nullopt;
}

void writeCloid(JsonText &out, const PlaceOutcome &outcome)
{
    if (!outcome.cloid.empty())
        out.text("cloid", outcome.cloid);
}

void writeOutcome(JsonText &out, const PlaceOutcome &outcome)
{
    switch (outcome.kind) {
    case PlaceOutcome::Kind::Resting:
        out.object().key("resting").object().number("oid", outcome.oid);
        writeCloid(out, outcome);
        out.endObject().endObject();
        return;
    case PlaceOutcome::Kind::Filled:
        out.object()
            .key("filled")
            .object()
            .text("totalSz", outcome.filled.text())
            .text("avgPx", outcome.averagePrice.text())
            .number("oid", outcome.oid);
        writeCloid(out, outcome);
        out.endObject().endObject();
        return;
    case PlaceOutcome::Kind::WaitingForFill:
        out.text("waitingForFill");
        return;
    case PlaceOutcome::Kind::WaitingForTrigger:
        out.text("waitingForTrigger");
        return;
    case PlaceOutcome::Kind::Refused:
        out.object().text("error", outcome.error).endObject();
        return;
    }
}

[[nodiscard]] std::string placedText(const std::vector<PlaceOutcome> &outcomes)
{
    JsonText out;
    out.object().text("type", "order").key("data").object().key("statuses").array();
    for (const PlaceOutcome &outcome : outcomes)
        writeOutcome(out, outcome);
    out.endArray().endObject().endObject();
    return out.take();
}

[[nodiscard]] std::string cancelledText(const std::vector<Refusal> &refusals)
{
    JsonText out;
    out.object().text("type", "cancel").key("data").object().key("statuses").array();
    for (const Refusal &refusal : refusals) {
        if (refusal)
            out.object().text("error", *refusal).endObject();
        else
            out.text("success");
    }
    out.endArray().endObject().endObject();
    return out.take();
}

constexpr std::string_view kDone = R"({"type":"default"})";
} // namespace

ExchangeApi::Outcome ExchangeApi::order(std::size_t account, const Value &action)
{
    const Value *orders = action.find("orders");
    const Value *grouping = action.find("grouping");
    if (orders == nullptr || orders->array() == nullptr || grouping == nullptr)
        return {{}, {}, true};
    Grouping group = Grouping::None;
    if (grouping->text() != nullptr) {
        const std::string &text = *grouping->text();
        if (text != "na" && text != "normalTpsl" && text != "positionTpsl")
            return {{}, {}, true};
        group = text == "na" ? Grouping::None : text == "normalTpsl" ? Grouping::Parent : Grouping::Position;
    } else if (grouping->map() == nullptr) {
        return {{}, {}, true};
    }
    std::vector<OrderTerms> terms;
    for (const Value &row : *orders->array()) {
        const auto read = termsOf(row);
        if (!read)
            return {{}, {}, true};
        terms.push_back(*read);
    }
    PlaceReply reply = m_desk.place(account, terms, group);
    if (reply.refusal)
        return {{}, *reply.refusal};
    return {placedText(reply.outcomes), {}};
}

ExchangeApi::Outcome ExchangeApi::cancel(std::size_t account, const Value &action)
{
    const Value *cancels = action.find("cancels");
    if (cancels == nullptr || cancels->array() == nullptr)
        return {{}, {}, true};
    std::vector<std::pair<std::int64_t, std::int64_t>> wanted;
    for (const Value &row : *cancels->array()) {
        const auto asset = integerOf(row, "a");
        const auto oid = integerOf(row, "o");
        if (!asset || !oid)
            return {{}, {}, true};
        wanted.emplace_back(*asset, *oid);
    }
    std::vector<Refusal> refusals;
    for (const auto &[asset, oid] : wanted)
        refusals.push_back(m_desk.cancel(account, asset, oid));
    return {cancelledText(refusals), {}};
}

ExchangeApi::Outcome ExchangeApi::cancelByCloid(std::size_t account, const Value &action)
{
    const Value *cancels = action.find("cancels");
    if (cancels == nullptr || cancels->array() == nullptr)
        return {{}, {}, true};
    std::vector<std::pair<std::int64_t, std::string>> wanted;
    for (const Value &row : *cancels->array()) {
        const auto asset = integerOf(row, "asset");
        const auto cloid = hl::Cloid::parse(row.textOf("cloid"));
        if (!asset || !cloid)
            return {{}, {}, true};
        wanted.emplace_back(*asset, cloid->text());
    }
    std::vector<Refusal> refusals;
    for (const auto &[asset, cloid] : wanted)
        refusals.push_back(m_desk.cancel(account, asset, cloid));
    return {cancelledText(refusals), {}};
}

ExchangeApi::Outcome ExchangeApi::modify(std::size_t account, const Value &action)
{
    const auto key = keyOf(action, "oid");
    const Value *order = action.find("order");
    const auto terms = order == nullptr ? std::nullopt : termsOf(*order);
    if (!key || !terms)
        return {{}, {}, true};
    const PlaceOutcome outcome = m_desk.modify(account, *key, *terms, flagOf(action, "a").value_or(false));
    if (outcome.kind == PlaceOutcome::Kind::Refused)
        return {{}, outcome.error};
    return {std::string(kDone), {}};
}

ExchangeApi::Outcome ExchangeApi::batchModify(std::size_t account, const Value &action)
{
    const Value *modifies = action.find("modifies");
    if (modifies == nullptr || modifies->array() == nullptr)
        return {{}, {}, true};
    std::vector<std::pair<OrderKey, OrderTerms>> wanted;
    for (const Value &row : *modifies->array()) {
        const auto key = keyOf(row, "oid");
        const Value *order = row.find("order");
        const auto terms = order == nullptr ? std::nullopt : termsOf(*order);
        if (!key || !terms)
            return {{}, {}, true};
        wanted.emplace_back(*key, *terms);
    }
    const bool alwaysPlace = flagOf(action, "a").value_or(false);
    std::vector<PlaceOutcome> outcomes;
    for (const auto &[key, terms] : wanted)
        outcomes.push_back(m_desk.modify(account, key, terms, alwaysPlace));
    return {placedText(outcomes), {}};
}

ExchangeApi::Outcome ExchangeApi::updateLeverage(std::size_t account, const Value &action)
{
    const auto asset = integerOf(action, "asset");
    const auto isCross = flagOf(action, "isCross");
    const auto leverage = integerOf(action, "leverage");
    if (!asset || !isCross || !leverage)
        return {{}, {}, true};
    const int wanted = *leverage < 0 || *leverage > 1000 ? 0 : static_cast<int>(*leverage);
    if (const Refusal refusal = m_desk.setLeverage(account, *asset, *isCross, wanted))
        return {{}, *refusal};
    return {std::string(kDone), {}};
}

ExchangeApi::Outcome ExchangeApi::updateIsolatedMargin(std::size_t account, const Value &action)
{
    const auto asset = integerOf(action, "asset");
    const auto isBuy = flagOf(action, "isBuy");
    const auto micros = integerOf(action, "ntli");
    if (!asset || !isBuy || !micros || *micros > 90'000'000'000'000'000 || *micros < -90'000'000'000'000'000)
        return {{}, {}, true};
    if (const Refusal refusal = m_desk.adjustIsolatedMargin(account, *asset, Money::fromRaw(*micros * 100)))
        return {{}, *refusal};
    return {std::string(kDone), {}};
}

ExchangeApi::Outcome ExchangeApi::scheduleCancel(std::size_t account, const Value &action)
{
    std::optional<UtcTime> at;
    if (const Value *time = action.find("time"); time != nullptr && !time->isNull()) {
        const auto milliseconds = integerOf(action, "time");
        if (!milliseconds)
            return {{}, {}, true};
        at = requestTime(*milliseconds);
    }
    if (const Refusal refusal = m_desk.scheduleCancel(account, at))
        return {{}, *refusal};
    return {std::string(kDone), {}};
}

ExchangeApi::Outcome ExchangeApi::noop(std::size_t, const Value &)
{
    return {std::string(kDone), {}};
}

} // namespace core::venue::hyperliquid
