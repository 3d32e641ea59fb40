#include "core/exchange/hyperliquid/signer_user_actions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "core/exchange/hyperliquid/action_ids.h"

namespace core::exchange::hyperliquid
{

namespace
{
enum class FieldType { Text, Uint64, Boolean, Address };
struct Field {
    std::string_view name;
    FieldType type{FieldType::Text};
};
struct UserAction {
    std::string_view type;
    std::string_view primaryType;
    std::array<Field, 8> fields; ///< in the order of the struct; the unused ones have no name
};

constexpr Field kChain{"hyperliquidChain"};
constexpr Field kDestination{"destination"};
constexpr Field kAmount{"amount"};
constexpr Field kTime{"time", FieldType::Uint64};
constexpr Field kNonce{"nonce", FieldType::Uint64};

/// Table 4.7.
constexpr UserAction kUserActions[] = {
    {"usdSend", "HyperliquidTransaction:UsdSend", {kChain, kDestination, kAmount, kTime}},
    {"spotSend",
     "HyperliquidTransaction:SpotSend",
     {kChain, kDestination, Field{"token"}, kAmount, kTime}},
    {"withdraw3", "HyperliquidTransaction:Withdraw", {kChain, kDestination, kAmount, kTime}},
    {"usdClassTransfer",
     "HyperliquidTransaction:UsdClassTransfer",
     {kChain, kAmount, Field{"toPerp", FieldType::Boolean}, kNonce}},
    {"sendAsset",
     "HyperliquidTransaction:SendAsset",
     {kChain, kDestination, Field{"sourceDex"}, Field{"destinationDex"}, Field{"token"}, kAmount,
      Field{"fromSubAccount"}, kNonce}},
    {"approveAgent",
     "HyperliquidTransaction:ApproveAgent",
     {kChain, Field{"agentAddress", FieldType::Address}, Field{"agentName"}, kNonce}},
    {"approveBuilderFee",
     "HyperliquidTransaction:ApproveBuilderFee",
     {kChain, Field{"maxFeeRate"}, Field{"builder", FieldType::Address}, kNonce}},
    {"tokenDelegate",
     "HyperliquidTransaction:TokenDelegate",
     {kChain, Field{"validator", FieldType::Address}, Field{"wei", FieldType::Uint64},
      Field{"isUndelegate", FieldType::Boolean}, kNonce}},
    {"userSetAbstraction",
     "HyperliquidTransaction:UserSetAbstraction",
     {kChain, Field{"user", FieldType::Address}, Field{"abstraction"}, kNonce}},
    {"userDexAbstraction",
     "HyperliquidTransaction:UserDexAbstraction",
     {kChain, Field{"user", FieldType::Address}, Field{"enabled", FieldType::Boolean}, kNonce}},
    {"convertToMultiSigUser",
     "HyperliquidTransaction:ConvertToMultiSigUser",
     {kChain, Field{"signers"}, kNonce}},
};

[[nodiscard]] const UserAction *userActionOf(std::string_view type)
{
    const auto *const found = std::find_if(std::begin(kUserActions), std::end(kUserActions),
                                           [&](const UserAction &action) { return action.type == type; });
    return found == std::end(kUserActions) ? nullptr : found;
}

[[nodiscard]] std::string_view nameOf(FieldType type)
{
    switch (type) {
    case FieldType::Text:
        return "string";
    case FieldType::Uint64:
        return "uint64";
    case FieldType::Boolean:
        return "bool";
    case FieldType::Address:
        break;
    }
    return "address";
}

/// "HyperliquidTransaction:UsdSend(string hyperliquidChain,…)", hashed.
[[nodiscard]] Digest typeHashOf(const UserAction &action)
{
    std::string type(action.primaryType);
    char separator = '(';
    for (const Field &field : action.fields) {
        if (field.name.empty())
            break;
        type.push_back(separator);
        type.append(nameOf(field.type)).append(1, ' ').append(field.name);
        separator = ',';
    }
    type.push_back(')');
    return keccak256(type);
}

/// Each type is hashed once.
[[nodiscard]] const Digest &typeHash(const UserAction &action)
{
    static const auto hashes = [] {
        std::array<Digest, std::size(kUserActions)> all{};
        std::transform(std::begin(kUserActions), std::end(kUserActions), all.begin(), typeHashOf);
        return all;
    }();
    return hashes[static_cast<std::size_t>(&action - kUserActions)];
}

[[nodiscard]] Digest word(std::uint64_t value)
{
    Digest bytes{};
    for (std::size_t i = 0; i < 8; ++i)
        bytes[bytes.size() - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    return bytes;
}

/// nullopt: the member is of another kind.
[[nodiscard]] std::optional<Digest> encoded(const ActionValue &value, FieldType type)
{
    if (type == FieldType::Uint64)
        return value.integer() != nullptr ? std::optional(word(*value.integer())) : std::nullopt;
    if (type == FieldType::Boolean)
        return value.boolean() != nullptr ? std::optional(word(*value.boolean() ? 1 : 0)) : std::nullopt;
    if (value.text() == nullptr)
        return std::nullopt;
    if (type == FieldType::Text)
        return keccak256(*value.text());
    const auto address = Address::parse(*value.text());
    if (!address)
        return std::nullopt;
    Digest bytes{};
    std::copy(address->bytes().begin(), address->bytes().end(),
              bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() - Address::kBytes));
    return bytes;
}

[[nodiscard]] Result<Digest> structHashOf(const UserAction &type, const ActionValue &action)
{
    Keccak256 hash;
    hash.add(typeHash(type));
    for (const Field &field : type.fields) {
        if (field.name.empty())
            break;
        const ActionValue *value = action.find(field.name);
        // The Python SDK signs an unnamed agent with "" and posts the action without the member.
        static const ActionValue kUnnamed("");
        if (value == nullptr && field.name == "agentName")
            value = &kUnnamed;
        if (value == nullptr)
            return fail(ErrorCode::InvalidArgument, fmt::format("action.{}: is missing", field.name));
        const auto bytes = encoded(*value, field.type);
        if (!bytes)
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("action.{}: expects {}", field.name, nameOf(field.type)));
        hash.add(*bytes);
    }
    return hash.finish();
}

[[nodiscard]] Result<std::uint64_t> chainIdOf(const ActionValue &action)
{
    std::string_view text = action.textOf("signatureChainId");
    std::uint64_t chainId = 0;
    const bool hasPrefix = text.starts_with("0x");
    if (hasPrefix)
        text.remove_prefix(2);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), chainId, 16);
    if (!hasPrefix || read.ec != std::errc{} || read.ptr != text.data() + text.size())
        return fail(ErrorCode::InvalidArgument, "action.signatureChainId: expects 0x and up to 16 hex digits");
    return chainId;
}

[[nodiscard]] Digest domainSeparatorOf(std::uint64_t chainId)
{
    static const Digest kType = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    static const Digest kName = keccak256("HyperliquidSignTransaction");
    static const Digest kVersion = keccak256("1");
    return Keccak256().add(kType).add(kName).add(kVersion).add(word(chainId)).add(word(0)).finish();
}
} // namespace

std::string_view userPrimaryType(std::string_view actionType)
{
    const UserAction *const action = userActionOf(actionType);
    return action == nullptr ? std::string_view() : action->primaryType;
}

Result<UserActionHashes> hashUserAction(const ActionValue &action)
{
    const UserAction *const type = userActionOf(action.textOf("type"));
    if (type == nullptr)
        return fail(ErrorCode::InvalidArgument, "action.type: is not signed by the user");
    const auto chainId = chainIdOf(action);
    if (!chainId)
        return fail(chainId.error());
    const auto structHash = structHashOf(*type, action);
    if (!structHash)
        return fail(structHash.error());
    UserActionHashes hashes;
    hashes.domainSeparator = domainSeparatorOf(*chainId);
    hashes.structHash = *structHash;
    hashes.digest =
        Keccak256().add("\x19\x01").add(hashes.domainSeparator).add(hashes.structHash).finish();
    return hashes;
}

} // namespace core::exchange::hyperliquid
