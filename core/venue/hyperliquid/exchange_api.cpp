#include "core/venue/hyperliquid/exchange_api.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/exchange/hyperliquid/signer_user_actions.h"
#include "core/venue/json_text.h"

namespace core::venue::hyperliquid
{

namespace hl = exchange::hyperliquid;

namespace
{
constexpr std::size_t kBatchMax = 200;

/// How many requests of the address budget an action is.
[[nodiscard]] std::size_t batchSize(const hl::ActionValue &action)
{
    for (const std::string_view list : {"orders", "cancels", "modifies"})
        if (const hl::ActionValue *found = action.find(list); found != nullptr && found->array() != nullptr)
            return found->array()->size();
    return 1;
}

[[nodiscard]] WireAnswer errAnswer(std::string_view text)
{
    return {200, JsonText().object().text("status", "err").text("response", text).endObject().take()};
}

[[nodiscard]] bool isAbsent(const hl::ActionValue *value)
{
    return value == nullptr || value->isNull();
}
} // namespace

ExchangeApi::ExchangeApi(Desk &desk, Credentials &credentials, RequestBudget &budget,
                         const HyperliquidOptions &options, const Clock &clock)
    : m_desk(desk), m_credentials(credentials), m_budget(budget), m_options(options), m_clock(clock)
{
}

int ExchangeApi::weightOf(const Value &body)
{
    const Value *action = body.find("action");
    return action == nullptr ? 1 : 1 + static_cast<int>(batchSize(*action) / 40);
}

bool ExchangeApi::read(const Value &body, Posted &posted)
{
    posted.action = body.find("action");
    const Value *nonce = body.find("nonce");
    posted.signature = body.find("signature");
    if (posted.action == nullptr || posted.action->map() == nullptr || nonce == nullptr ||
        nonce->integer() == nullptr || posted.signature == nullptr || posted.signature->find("v") == nullptr ||
        posted.signature->find("v")->integer() == nullptr)
        return false;
    posted.type = posted.action->textOf("type");
    posted.envelope.nonce = *nonce->integer();
    if (const Value *vault = body.find("vaultAddress"); !isAbsent(vault)) {
        const auto address = hl::Address::parse(body.textOf("vaultAddress"));
        if (!address)
            return false;
        posted.envelope.vault = *address;
        posted.vault = address->text();
    }
    if (const Value *expires = body.find("expiresAfter"); !isAbsent(expires)) {
        if (expires->integer() == nullptr)
            return false;
        posted.envelope.expiresAfter = *expires->integer();
    }
    return true;
}

Result<std::string> ExchangeApi::signerOf(const Posted &posted) const
{
    const auto signature = hl::parseSignature(posted.signature->textOf("r"), posted.signature->textOf("s"),
                                              *posted.signature->find("v")->integer());
    if (!signature)
        return fail(ErrorCode::Unauthorized, signature.error().detail);
    const auto network = m_options.isMainnet ? hl::Network::Mainnet : hl::Network::Testnet;
    const auto signer = hl::isUserSigned(*posted.action)
                            ? hl::recoverUserSigner(*posted.action, *signature)
                            : hl::recoverL1Signer(*posted.action, posted.envelope, network, *signature);
    return signer.map([](const hl::Address &address) { return address.text(); });
}

WireAnswer ExchangeApi::answer(const Value &body)
{
    const DeskFaults &faults = m_options.faults;
    const std::uint64_t number = ++m_actions;
    if (faults.dropActions.contains(number))
        return {200, {}, true};
    Posted posted;
    if (!read(body, posted))
        return {422, std::string(kCannotDeserialize)};
    const auto signer = signerOf(posted);
    if (!signer && signer.error().code == ErrorCode::Unauthorized)
        return errAnswer("Unable to recover signer.");
    if (!signer)
        return {422, std::string(kCannotDeserialize)};
    if (faults.expireActions.contains(number))
        return errAnswer("Action already expired");
    const Outcome outcome =
        hl::isUserSigned(*posted.action) ? serveUserSigned(posted, *signer) : serve(posted, *signer);
    if (faults.loseActionReplies.contains(number))
        return {200, {}, true};
    if (outcome.isMalformed)
        return {422, std::string(kCannotDeserialize)};
    if (!outcome.refusal.empty())
        return errAnswer(outcome.refusal);
    return {200,
            JsonText().object().text("status", "ok").key("response").raw(outcome.response).endObject().take()};
}

ExchangeApi::Handler ExchangeApi::handlerOf(std::string_view type)
{
    struct Row {
        std::string_view type;
        Handler handler;
    };
    static constexpr Row kRows[] = {{"order", &ExchangeApi::order},
                                    {"cancel", &ExchangeApi::cancel},
                                    {"cancelByCloid", &ExchangeApi::cancelByCloid},
                                    {"modify", &ExchangeApi::modify},
                                    {"batchModify", &ExchangeApi::batchModify},
                                    {"updateLeverage", &ExchangeApi::updateLeverage},
                                    {"updateIsolatedMargin", &ExchangeApi::updateIsolatedMargin},
                                    {"scheduleCancel", &ExchangeApi::scheduleCancel},
                                    {"noop", &ExchangeApi::noop}};
    for (const Row &row : kRows)
        if (row.type == type)
            return row.handler;
    return nullptr;
}

ExchangeApi::Outcome ExchangeApi::serve(const Posted &posted, const std::string &signer)
{
    const UtcTime now = m_clock.now();
    const auto account = m_credentials.actingFor(signer, posted.vault, now);
    if (!account)
        return {{}, account.error()};
    if (const Refusal refusal = m_credentials.useNonce(signer, posted.envelope.nonce, now))
        return {{}, *refusal};
    if (posted.envelope.expiresAfter &&
        toMilliseconds(now) > static_cast<std::int64_t>(*posted.envelope.expiresAfter)) {
        m_budget.charge(*account, 5);
        return {{}, "Action already expired"};
    }
    const Handler handler = handlerOf(posted.type);
    if (handler == nullptr) {
        static constexpr std::string_view kKnown[] = {
            "twapOrder",         "twapCancel",       "reserveRequestWeight", "setReferrer",
            "createSubAccount",  "vaultTransfer",    "subAccountTransfer",   "subAccountSpotTransfer",
            "agentSendAsset",    "claimRewards",     "agentSetAbstraction",  "topUpIsolatedOnlyMargin"};
        if (std::find(std::begin(kKnown), std::end(kKnown), posted.type) != std::end(kKnown))
            return {{}, "The loopback exchange does not offer this action: " + posted.type};
        return {{}, {}, true};
    }
    const std::size_t count = batchSize(*posted.action);
    if (count > kBatchMax)
        return {{}, fmt::format("Signed action over weight limit of {}.", kBatchMax)};
    const bool isCancel = posted.type.starts_with("cancel");
    if (const Refusal refusal =
            m_budget.take(*account, static_cast<std::int64_t>(std::max<std::size_t>(1, count)), isCancel,
                          m_desk.tradedVolume(*account), now))
        return {{}, *refusal};
    return (this->*handler)(*account, *posted.action);
}

ExchangeApi::Outcome ExchangeApi::serveUserSigned(const Posted &posted, const std::string &signer)
{
    const Value &action = *posted.action;
    if (!posted.vault.empty() || posted.envelope.expiresAfter)
        return {{}, {}, true};
    const Value *inner = action.find("nonce") != nullptr ? action.find("nonce") : action.find("time");
    if (inner == nullptr || inner->integer() == nullptr || *inner->integer() != posted.envelope.nonce)
        return {{}, "Invalid nonce: the action's differs from the request's"};
    const std::string_view chain = m_options.isMainnet ? "Mainnet" : "Testnet";
    const auto account = m_credentials.ownerOf(signer);
    if (!account || action.textOf("hyperliquidChain") != chain)
        return {{}, fmt::format("Must deposit before performing actions. User: {}", signer)};
    const UtcTime now = m_clock.now();
    if (const Refusal refusal = m_credentials.useNonce(signer, posted.envelope.nonce, now))
        return {{}, *refusal};
    if (posted.type == "approveAgent") {
        const auto agent = hl::Address::parse(action.textOf("agentAddress"));
        if (!agent)
            return {{}, {}, true};
        if (const Refusal refusal =
                m_credentials.approve(*account, agent->text(), action.textOf("agentName"), now))
            return {{}, *refusal};
        return {R"({"type":"default"})", {}};
    }
    if (posted.type == "usdClassTransfer") {
        const AccountMode mode = m_options.accounts[*account].mode;
        if (mode == AccountMode::Unified || mode == AccountMode::PortfolioMargin)
            return {{}, "Action disabled when unified account is active"};
        return {{}, "Insufficient balance for withdrawal."};
    }
    return {{}, "The loopback exchange does not offer this action: " + posted.type};
}

} // namespace core::venue::hyperliquid
