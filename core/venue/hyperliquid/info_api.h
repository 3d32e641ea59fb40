#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/venue/hyperliquid/exchange_api.h"
#include "core/venue/hyperliquid/tape.h"
#include "core/venue/json_text.h"

namespace core::venue::hyperliquid
{

/// POST /info: everything that is read. No sockets: a parsed body in, an answer out. An address that nobody
/// uses is answered with emptiness, not with an error. Everything outlives it. One thread. Source: reference/
/// hyperliquid.md section 2.
class InfoApi
{
public:
    using Value = exchange::hyperliquid::ActionValue;

    InfoApi(const Desk &desk, const Tape &tape, const Credentials &credentials, const RequestBudget &budget,
            const Clock &clock);

    [[nodiscard]] WireAnswer answer(const Value &request);
    /// 2, 20 or 60; what an answer costs on top is known once it is written.
    [[nodiscard]] static int weightOf(const Value &request);
    [[nodiscard]] int extraWeight() const { return m_extraWeight; }

    /// Data of the `webData3` stream.
    [[nodiscard]] std::string webData(std::size_t account) const;

private:
    using Handler = WireAnswer (InfoApi::*)(const Value &request);
    struct Row {
        std::string_view type;
        Handler handler;
    };
    struct Range {
        UtcTime from;
        std::optional<UtcTime> to;
        [[nodiscard]] bool has(UtcTime at) const { return at >= from && (!to || at <= *to); }
    };
    [[nodiscard]] static Handler handlerOf(std::string_view type);

    // The market (info_market.cpp).
    WireAnswer meta(const Value &request);
    WireAnswer metaAndAssetCtxs(const Value &request);
    WireAnswer allPerpMetas(const Value &request);
    WireAnswer allMids(const Value &request);
    WireAnswer perpDexs(const Value &request);
    WireAnswer marginTable(const Value &request);
    WireAnswer maxMarketOrderNtls(const Value &request);
    WireAnswer perpsAtOpenInterestCap(const Value &request);
    WireAnswer exchangeStatus(const Value &request);
    WireAnswer predictedFundings(const Value &request);
    WireAnswer spotMeta(const Value &request);
    WireAnswer spotMetaAndAssetCtxs(const Value &request);
    WireAnswer book(const Value &request);
    WireAnswer candleSnapshot(const Value &request);
    WireAnswer recentTrades(const Value &request);
    WireAnswer fundingHistory(const Value &request);
    WireAnswer emptyList(const Value &request);
    // Accounts (info_api.cpp, info_account.cpp).
    WireAnswer clearinghouseState(const Value &request);
    WireAnswer spotClearinghouseState(const Value &request);
    WireAnswer userAbstraction(const Value &request);
    WireAnswer activeAssetData(const Value &request);
    WireAnswer openOrders(const Value &request);
    WireAnswer frontendOpenOrders(const Value &request);
    WireAnswer orderStatus(const Value &request);
    WireAnswer historicalOrders(const Value &request);
    WireAnswer userFills(const Value &request);
    WireAnswer userFillsByTime(const Value &request);
    WireAnswer userFunding(const Value &request);
    WireAnswer userLedger(const Value &request);
    WireAnswer userFees(const Value &request);
    WireAnswer userRateLimit(const Value &request);
    WireAnswer extraAgents(const Value &request);
    WireAnswer userRole(const Value &request);
    WireAnswer subAccounts(const Value &request);
    WireAnswer maxBuilderFee(const Value &request);
    WireAnswer portfolio(const Value &request);

    /// The account of `user`; nullopt when it is well-formed and unknown; false when it is malformed.
    [[nodiscard]] bool readUser(const Value &request, std::optional<std::size_t> &account) const;
    [[nodiscard]] static std::optional<Range> rangeOf(const Value &request);
    void count(std::size_t rows, std::size_t perWeight = 20)
    {
        m_extraWeight += static_cast<int>(rows / perWeight);
    }

    const Desk &m_desk;
    const Tape &m_tape;
    const Credentials &m_credentials;
    const RequestBudget &m_budget;
    const Clock &m_clock;
    int m_extraWeight{0};
};

[[nodiscard]] inline WireAnswer cannotDeserialize()
{
    return {422, std::string(kCannotDeserialize)};
}

} // namespace core::venue::hyperliquid
