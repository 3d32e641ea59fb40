#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/market/order_book.h"
#include "core/ports/exchange_client.h"

namespace tests
{

/// Keeps the market side apart by contract; the account side is not looked at.
class MarketListener final : public core::ports::ExchangeListener
{
public:
    std::map<core::Symbol, core::Freshness> books;
    std::map<core::Symbol, std::map<core::Freshness, int>> seen;
    std::map<core::Symbol, std::vector<std::int64_t>> tradeIds, quoteIds;
    std::map<core::Symbol, std::vector<core::UtcTime>> markTimes;
    std::map<std::string, core::ports::StreamStatus> status;
    std::vector<core::Candle> candles;
    core::ports::RequestBudget budget;
    int crossedWhileFresh{0};

    [[nodiscard]] int fresh() const
    {
        int count = 0;
        for (const auto &[symbol, freshness] : books)
            count += freshness == core::Freshness::Fresh ? 1 : 0;
        return count;
    }

    void onStreamStatus(const core::ports::StreamStatus &one) override { status[one.name] = one; }
    void onRequestBudget(const core::ports::RequestBudget &one) override { budget = one; }
    void onInstrument(const core::Instrument &) override {}
    void onBook(const core::InstrumentKey &key, const core::market::OrderBook &book,
                core::Freshness freshness, core::UtcTime, core::UtcTime) override
    {
        books[key.symbol] = freshness;
        ++seen[key.symbol][freshness];
        crossedWhileFresh += freshness == core::Freshness::Fresh && book.isCrossed() ? 1 : 0;
    }
    void onTrade(const core::Trade &trade) override { tradeIds[trade.instrument.symbol].push_back(trade.id); }
    void onBestQuote(const core::BestQuote &quote) override
    {
        quoteIds[quote.instrument.symbol].push_back(quote.updateId);
    }
    void onMark(const core::MarkPrice &mark) override
    {
        markTimes[mark.instrument.symbol].push_back(mark.venueTime);
    }
    void onCandle(const core::Candle &candle) override { candles.push_back(candle); }
    void onAccount(const core::AccountSnapshot &, core::Source) override {}
    void onPositions(const std::vector<core::Position> &, core::Source, bool) override {}
    void onOrder(const core::OrderUpdate &, core::Source) override {}
    void onFill(const core::Fill &, core::Source) override {}
    void onRequestOutcome(const core::ClientOrderId &, core::RequestOutcome, const core::Error &) override {}
    void onOrderAbsent(const core::ClientOrderId &) override {}
    void onReconciled() override {}
    void onReconciliationLost(const core::Error &) override {}
};

} // namespace tests
