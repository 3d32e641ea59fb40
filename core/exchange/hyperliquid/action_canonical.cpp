#include "core/exchange/hyperliquid/action_canonical.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "core/exchange/hyperliquid/wire_number.h"

namespace core::exchange::hyperliquid
{

namespace
{
enum class Kind {
    Integer,
    Boolean,
    Text,
    Decimal,   ///< text; trailing zeros go
    Hex,       ///< address or cloid; in lower case
    Reference, ///< an order id or a cloid
    Grouping,  ///< text or {"p": integer}
    Object,
    List, ///< of objects
};
enum class Presence {
    Always,
    Optional,    ///< null is absent
    WhenTrue,    ///< null and false are absent
    MaybeNull,   ///< null stays null
};

struct Field;
using Fields = std::span<const Field>;
struct Field {
    std::string_view name;
    Kind kind{Kind::Integer};
    Presence presence{Presence::Always};
    Fields inner{};
};

constexpr Field kPriority[] = {{"p"}};
constexpr Field kLimit[] = {{"tif", Kind::Text}};
constexpr Field kTrigger[] = {{"isMarket", Kind::Boolean}, {"triggerPx", Kind::Decimal}, {"tpsl", Kind::Text}};
constexpr Field kTerms[] = {{"limit", Kind::Object, Presence::Optional, kLimit},
                            {"trigger", Kind::Object, Presence::Optional, kTrigger}};
constexpr Field kOrder[] = {{"a"},
                            {"b", Kind::Boolean},
                            {"p", Kind::Decimal},
                            {"s", Kind::Decimal},
                            {"r", Kind::Boolean},
                            {"t", Kind::Object, Presence::Always, kTerms},
                            {"c", Kind::Hex, Presence::Optional}};
constexpr Field kBuilder[] = {{"b", Kind::Hex}, {"f"}};
constexpr Field kCancelItem[] = {{"a"}, {"o"}};
constexpr Field kCloidItem[] = {{"asset"}, {"cloid", Kind::Hex}};
constexpr Field kModifyItem[] = {{"oid", Kind::Reference}, {"order", Kind::Object, Presence::Always, kOrder}};
constexpr Field kTwap[] = {{"a"}, {"b", Kind::Boolean}, {"s", Kind::Decimal}, {"r", Kind::Boolean}, {"m"},
                           {"t", Kind::Boolean}};
constexpr Field kTwapTrigger[] = {{"p", Kind::Decimal}, {"a", Kind::Boolean}};
constexpr Field kTwapDetails[] = {{"t", Kind::Object, Presence::MaybeNull, kTwapTrigger},
                                  {"s", Kind::Decimal, Presence::MaybeNull}};

constexpr Field kOrderAction[] = {{"orders", Kind::List, Presence::Always, kOrder},
                                  {"grouping", Kind::Grouping},
                                  {"builder", Kind::Object, Presence::Optional, kBuilder}};
constexpr Field kCancel[] = {{"cancels", Kind::List, Presence::Always, kCancelItem},
                             {"f", Kind::Boolean, Presence::WhenTrue}};
constexpr Field kCancelByCloid[] = {{"cancels", Kind::List, Presence::Always, kCloidItem},
                                    {"f", Kind::Boolean, Presence::WhenTrue}};
constexpr Field kModify[] = {{"oid", Kind::Reference},
                             {"order", Kind::Object, Presence::Always, kOrder},
                             {"a", Kind::Boolean, Presence::WhenTrue}};
constexpr Field kBatchModify[] = {{"modifies", Kind::List, Presence::Always, kModifyItem},
                                  {"a", Kind::Boolean, Presence::WhenTrue}};
constexpr Field kUpdateLeverage[] = {{"asset"}, {"isCross", Kind::Boolean}, {"leverage"}};
constexpr Field kUpdateIsolatedMargin[] = {{"asset"}, {"isBuy", Kind::Boolean}, {"ntli"}};
constexpr Field kTopUp[] = {{"asset"}, {"leverage", Kind::Decimal}};
constexpr Field kScheduleCancel[] = {{"time", Kind::Integer, Presence::Optional}};
constexpr Field kTwapOrder[] = {{"twap", Kind::Object, Presence::Always, kTwap},
                                {"details", Kind::Object, Presence::Optional, kTwapDetails}};
constexpr Field kTwapCancel[] = {{"a"}, {"t"}};
constexpr Field kReserve[] = {{"weight"}, {"destination", Kind::Hex, Presence::Optional}};
constexpr Field kSetReferrer[] = {{"code", Kind::Text}};
constexpr Field kCreateSubAccount[] = {{"name", Kind::Text}};
constexpr Field kSubAccountTransfer[] = {{"subAccountUser", Kind::Hex}, {"isDeposit", Kind::Boolean}, {"usd"}};
constexpr Field kSubAccountSpot[] = {{"subAccountUser", Kind::Hex}, {"isDeposit", Kind::Boolean},
                                     {"token", Kind::Text}, {"amount", Kind::Decimal}};
constexpr Field kVaultTransfer[] = {{"vaultAddress", Kind::Hex}, {"isDeposit", Kind::Boolean}, {"usd"}};
constexpr Field kAgentSendAsset[] = {{"destination", Kind::Hex},   {"sourceDex", Kind::Text},
                                     {"destinationDex", Kind::Text}, {"token", Kind::Text},
                                     {"amount", Kind::Decimal},    {"fromSubAccount", Kind::Text},
                                     {"nonce"}};
constexpr Field kAgentAbstraction[] = {{"abstraction", Kind::Text}};

struct ActionType {
    std::string_view type;
    Fields fields;
};
constexpr ActionType kTypes[] = {
    {"order", kOrderAction},
    {"cancel", kCancel},
    {"cancelByCloid", kCancelByCloid},
    {"modify", kModify},
    {"batchModify", kBatchModify},
    {"updateLeverage", kUpdateLeverage},
    {"updateIsolatedMargin", kUpdateIsolatedMargin},
    {"topUpIsolatedOnlyMargin", kTopUp},
    {"scheduleCancel", kScheduleCancel},
    {"twapOrder", kTwapOrder},
    {"twapCancel", kTwapCancel},
    {"noop", {}},
    {"reserveRequestWeight", kReserve},
    {"setReferrer", kSetReferrer},
    {"createSubAccount", kCreateSubAccount},
    {"subAccountTransfer", kSubAccountTransfer},
    {"subAccountSpotTransfer", kSubAccountSpot},
    {"vaultTransfer", kVaultTransfer},
    {"agentSendAsset", kAgentSendAsset},
    {"agentSetAbstraction", kAgentAbstraction},
    {"claimRewards", {}},
};

[[nodiscard]] tl::unexpected<Error> wrong(const std::string &place, std::string_view rule)
{
    return fail(ErrorCode::ParseFailed, fmt::format("{}: {}", place, rule));
}

[[nodiscard]] std::string lowerCase(std::string text)
{
    for (char &c : text) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

[[nodiscard]] Result<ActionValue::Map> members(const ActionValue &posted, Fields fields, const std::string &place);

[[nodiscard]] Result<ActionValue> listOf(const ActionValue &posted, Fields fields, const std::string &place)
{
    if (posted.array() == nullptr)
        return wrong(place, "expects an array");
    ActionValue::Array list;
    for (const ActionValue &element : *posted.array()) {
        auto map = members(element, fields, fmt::format("{}[{}]", place, list.size()));
        if (!map)
            return fail(map.error());
        list.emplace_back(std::move(*map));
    }
    return ActionValue(std::move(list));
}

[[nodiscard]] Result<ActionValue> objectOf(const ActionValue &posted, Fields fields, const std::string &place)
{
    return members(posted, fields, place).map([](ActionValue::Map map) { return ActionValue(std::move(map)); });
}

[[nodiscard]] Result<ActionValue> textOf(const ActionValue &posted, Kind kind, const std::string &place)
{
    if (posted.text() == nullptr)
        return wrong(place, "expects text");
    if (kind == Kind::Text)
        return posted;
    if (kind == Kind::Hex)
        return ActionValue(lowerCase(*posted.text()));
    auto number = wireNumberText(*posted.text());
    if (!number)
        return fail(number.error().in(place));
    return ActionValue(std::move(*number));
}

[[nodiscard]] Result<ActionValue> valueOf(const ActionValue &posted, const Field &field, const std::string &place)
{
    const bool isInteger = posted.integer() != nullptr || posted.negative() != nullptr;
    switch (field.kind) {
    case Kind::Integer:
        break;
    case Kind::Boolean:
        return posted.boolean() != nullptr ? Result<ActionValue>(posted) : wrong(place, "expects true or false");
    case Kind::Reference:
        return isInteger ? Result<ActionValue>(posted) : textOf(posted, Kind::Hex, place);
    case Kind::Grouping:
        return posted.text() != nullptr ? Result<ActionValue>(posted) : objectOf(posted, kPriority, place);
    case Kind::Object:
        return objectOf(posted, field.inner, place);
    case Kind::List:
        return listOf(posted, field.inner, place);
    case Kind::Text:
    case Kind::Decimal:
    case Kind::Hex:
        return textOf(posted, field.kind, place);
    }
    return isInteger ? Result<ActionValue>(posted) : wrong(place, "expects an integer");
}

[[nodiscard]] bool isLeftOut(const ActionValue *posted, Presence presence)
{
    if (posted == nullptr || posted->isNull())
        return presence == Presence::Optional || presence == Presence::WhenTrue;
    return presence == Presence::WhenTrue && posted->boolean() != nullptr && !*posted->boolean();
}

/// The members that `fields` name, in their order.
Result<ActionValue::Map> members(const ActionValue &posted, Fields fields, const std::string &place)
{
    if (posted.map() == nullptr)
        return wrong(place, "expects an object");
    ActionValue::Map map;
    for (const Field &field : fields) {
        const ActionValue *const value = posted.find(field.name);
        if (isLeftOut(value, field.presence))
            continue;
        const std::string inner = fmt::format("{}.{}", place, field.name);
        if (value == nullptr)
            return wrong(inner, "is missing");
        if (value->isNull() && field.presence == Presence::MaybeNull) {
            map.push_back({std::string(field.name), {}});
            continue;
        }
        auto canonical = valueOf(*value, field, inner);
        if (!canonical)
            return fail(canonical.error());
        map.push_back({std::string(field.name), std::move(*canonical)});
    }
    return map;
}
} // namespace

Result<ActionValue> canonicalAction(const ActionValue &posted)
{
    const std::string_view type = posted.textOf("type");
    if (type.empty())
        return wrong("action.type", "is missing");
    const auto *const known = std::find_if(std::begin(kTypes), std::end(kTypes),
                                           [&](const ActionType &t) { return t.type == type; });
    if (known == std::end(kTypes))
        return posted;
    auto rest = members(posted, known->fields, "action");
    if (!rest)
        return fail(rest.error());
    rest->insert(rest->begin(), {"type", ActionValue(type)});
    return ActionValue(std::move(*rest));
}

} // namespace core::exchange::hyperliquid
