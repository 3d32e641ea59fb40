#pragma once

#include <map>
#include <memory>
#include <set>
#include <string_view>

#include "core/runtime/engine.h"
#include "core/runtime/venue_past.h"

namespace core::runtime
{

/// One client and its way into the engine: knows which venue speaks, and lets only the guarded account's client speak of
/// an account. Engine thread; owned by the engine.
class Engine::Link final : public ports::ExchangeListener
{
public:
    Link(Engine &engine, const ClientSetup &setup, std::unique_ptr<ports::ExchangeClient> client);

    [[nodiscard]] ports::ExchangeClient &client() const { return *m_client; }
    [[nodiscard]] bool hasAccount() const { return m_setup.account; }
    void start();
    /// Asks the venue for the account's past where that is due. engine_past.cpp
    void askPast();
    /// What the account pays where it has a position, an order or the screen: asked for once a day, one at a time.
    void askFees(UtcTime now);

    void onStreamStatus(const ports::StreamStatus &status) override;
    void onRequestBudget(const ports::RequestBudget &budget) override;
    void onInstrument(const Instrument &instrument) override;
    void onBook(const InstrumentKey &instrument, const market::OrderBook &book, Freshness freshness,
                UtcTime venueTime, UtcTime receivedAt) override;
    void onTrade(const Trade &trade) override;
    void onBestQuote(const BestQuote &quote) override;
    void onMark(const MarkPrice &mark) override;
    void onTicker(const Ticker &ticker) override;
    void onLiquidation(const Liquidation &liquidation) override;
    void onCandle(const Candle &candle) override;
    void onAccount(const AccountSnapshot &account, Source source) override;
    void onPositions(const std::vector<Position> &positions, Source source, bool complete) override;
    void onOrder(const OrderUpdate &order, Source source) override;
    void onFill(const Fill &fill, Source source) override;
    void onFunding(const FundingPayment &payment, Source source) override;
    void onTransfer(const Transfer &transfer, Source source) override;
    void onDifference(const Difference &difference) override;
    void onRequestOutcome(const ClientOrderId &order, ports::RequestOutcome outcome, const Error &error) override;
    void onOrderAbsent(const ClientOrderId &order) override;
    void onReconciled() override;
    void onReconciliationLost(const Error &why) override;

private:
    [[nodiscard]] const AccountId &account() const;
    [[nodiscard]] AccountBoard &board(); ///< REQUIRES: hasAccount
    void tellDepth(const InstrumentKey &instrument, const market::OrderBook &book, UtcTime receivedAt);
    /// Facts of an account from a client that was given none are not ours: said once, then ignored.
    [[nodiscard]] bool isAccountTalk();
    /// Marks of positions opened elsewhere are needed as much as those of our own markets.
    void watchPositions(const std::vector<Position> &positions);
    void tellUnknownType(const OrderUpdate &order);
    [[nodiscard]] std::string venueText(const Fill &fill) const;

    // engine_fees.cpp: where the account has a position or an order, and what the screen shows
    [[nodiscard]] std::set<InstrumentKey> marketsInUse() const;

    Engine &m_engine;
    ClientSetup m_setup;
    std::unique_ptr<ports::ExchangeClient> m_client;
    bool m_saidForeign{false};
    bool m_reconciled{false};
    /// Hours for the volatilities that the risk rules use: history once, then each as it closes.
    void askHours(const InstrumentKey &instrument);
    void keepHour(const Candle &candle);

    // engine_past.cpp
    void onPast(const Result<VenuePast::Answer> &answer);
    void pastFailed(const Error &why);
    /// How it stands with the venue's history of this account.
    struct Past {
        bool known{false};
        bool told{false};      ///< that it takes long
        UtcTime wantedSince;   ///< the account is reconciled and its past is not in
        UtcTime askAt;
        std::string why;
        int failures{0};
        int disturbed{0};
    };
    Past m_past;
    VenuePast m_venuePast;
    std::map<InstrumentKey, UtcTime> m_feesAskAt;
    bool m_feesAsked{false}; ///< and not answered yet
    std::optional<Duration> m_clockTold; ///< offset of the venue's clock
    std::set<InstrumentKey> m_hoursAsked;
    std::map<InstrumentKey, UtcTime> m_depthAt; ///< told to the guard
};

} // namespace core::runtime
