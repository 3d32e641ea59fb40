#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/exchange/hyperliquid/action_value.h"
#include "core/exchange/hyperliquid/signer.h"
#include "core/venue/hyperliquid/budgets.h"
#include "core/venue/hyperliquid/credentials.h"
#include "core/venue/hyperliquid/desk.h"

namespace core::venue::hyperliquid
{

/// An answer before it is on a wire. Not 200: the body is plain text.
struct WireAnswer {
    int status{200};
    std::string body;
    bool isLost{false}; ///< the connection ends without an answer
};
inline constexpr std::string_view kCannotDeserialize = "Failed to deserialize the JSON body into the target type";

/// POST /exchange: signatures, nonces, expiry, budgets, actions. No sockets: a parsed body in, an answer out.
/// Everything outlives it. One thread. Source: reference/hyperliquid.md sections 4, 5, 7, 8.
class ExchangeApi
{
public:
    ExchangeApi(Desk &desk, Credentials &credentials, RequestBudget &budget, const HyperliquidOptions &options,
                const Clock &clock);

    [[nodiscard]] WireAnswer answer(const exchange::hyperliquid::ActionValue &body);
    /// 1 + a fortieth of the batch.
    [[nodiscard]] static int weightOf(const exchange::hyperliquid::ActionValue &body);

private:
    using Value = exchange::hyperliquid::ActionValue;
    struct Posted {
        const Value *action{nullptr};
        exchange::hyperliquid::ActionEnvelope envelope;
        const Value *signature{nullptr};
        std::string vault;
        std::string type;
    };
    /// The response's JSON, or the text of an "err", or nothing: the shape is wrong.
    struct Outcome {
        std::string response;
        std::string refusal;
        bool isMalformed{false};
    };
    using Handler = Outcome (ExchangeApi::*)(std::size_t account, const Value &action);

    /// False: the shape is wrong.
    [[nodiscard]] static bool read(const Value &body, Posted &posted);
    [[nodiscard]] Result<std::string> signerOf(const Posted &posted) const;
    [[nodiscard]] Outcome serve(const Posted &posted, const std::string &signer);
    [[nodiscard]] Outcome serveUserSigned(const Posted &posted, const std::string &signer);
    [[nodiscard]] static Handler handlerOf(std::string_view type);

    // exchange_orders.cpp
    Outcome order(std::size_t account, const Value &action);
    Outcome cancel(std::size_t account, const Value &action);
    Outcome cancelByCloid(std::size_t account, const Value &action);
    Outcome modify(std::size_t account, const Value &action);
    Outcome batchModify(std::size_t account, const Value &action);
    Outcome updateLeverage(std::size_t account, const Value &action);
    Outcome updateIsolatedMargin(std::size_t account, const Value &action);
    Outcome scheduleCancel(std::size_t account, const Value &action);
    Outcome noop(std::size_t account, const Value &action);

    Desk &m_desk;
    Credentials &m_credentials;
    RequestBudget &m_budget;
    const HyperliquidOptions &m_options;
    const Clock &m_clock;
    std::uint64_t m_actions{0};
};

} // namespace core::venue::hyperliquid
