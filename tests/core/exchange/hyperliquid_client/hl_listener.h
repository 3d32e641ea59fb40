#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/ports/exchange_client.h"

namespace tests::hl
{

/// Writes down what the client says.
class Listener final : public core::ports::ExchangeListener
{
public:
    struct Outcome {
        core::ClientOrderId order;
        core::ports::RequestOutcome outcome;
        core::Error error;
    };

    std::map<std::string, core::ports::StreamStatus> status;
    std::vector<std::string> texts; ///< every error text that came out
    core::ports::RequestBudget budget;
    std::map<core::Symbol, core::Instrument> instruments;
    core::Freshness freshness{core::Freshness::Connecting};
    int books{0};
    int crossedWhileFresh{0};
    std::optional<core::Level> bid, ask;
    std::vector<core::Trade> trades;
    std::vector<core::MarkPrice> marks;
    std::vector<core::Candle> candles;
    std::vector<core::Ticker> tickers;
    int quotes{0};
    std::vector<core::AccountSnapshot> accounts;
    std::vector<core::Position> positions; ///< the last list
    int positionLists{0};
    std::vector<core::OrderUpdate> orders;
    std::vector<core::Fill> fills;
    std::vector<core::FundingPayment> funding;
    std::vector<core::Transfer> transfers;
    std::vector<core::Difference> differences;
    std::vector<Outcome> outcomes;
    std::vector<core::ClientOrderId> absent;
    int reconciled{0};
    std::vector<core::Error> lost;
    bool insideClient{false}; ///< set around calls: no callback may come then
    int callsFromInside{0};

    void onStreamStatus(const core::ports::StreamStatus &changed) override;
    void onRequestBudget(const core::ports::RequestBudget &changed) override;
    void onInstrument(const core::Instrument &instrument) override;
    void onBook(const core::InstrumentKey &instrument, const core::market::OrderBook &book, core::Freshness now,
                core::UtcTime venueTime, core::UtcTime receivedAt) override;
    void onTrade(const core::Trade &trade) override;
    void onBestQuote(const core::BestQuote &quote) override;
    void onMark(const core::MarkPrice &mark) override;
    void onTicker(const core::Ticker &ticker) override;
    void onCandle(const core::Candle &candle) override;
    void onAccount(const core::AccountSnapshot &account, core::Source source) override;
    void onPositions(const std::vector<core::Position> &rows, core::Source source, bool complete) override;
    void onOrder(const core::OrderUpdate &order, core::Source source) override;
    void onFill(const core::Fill &fill, core::Source source) override;
    void onFunding(const core::FundingPayment &payment, core::Source source) override;
    void onTransfer(const core::Transfer &transfer, core::Source source) override;
    void onDifference(const core::Difference &difference) override;
    void onRequestOutcome(const core::ClientOrderId &order, core::ports::RequestOutcome outcome,
                          const core::Error &error) override;
    void onOrderAbsent(const core::ClientOrderId &order) override;
    void onReconciled() override;
    void onReconciliationLost(const core::Error &why) override;

    [[nodiscard]] std::optional<core::OrderUpdate> lastOrder(std::string_view id) const;
    [[nodiscard]] std::vector<Outcome> outcomesOf(std::string_view id) const;
    [[nodiscard]] core::Quantity filled(std::string_view id) const; ///< sum of its fills
    [[nodiscard]] bool said(std::string_view part) const;           ///< in any error text

private:
    void entered();
};

} // namespace tests::hl
