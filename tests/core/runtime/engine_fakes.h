#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <QtCore/QCoreApplication>
#include <QtCore/QTimer>

#include "core/runtime/engine.h"

namespace tests
{

/// Takes everything, or nothing.
struct FakeRecords final : core::runtime::RecordKeeper {
    bool full{false};
    int lockouts{0};
    std::vector<std::string> inputs; ///< journaled ones
    std::vector<std::pair<core::runtime::JournalKind, std::string>> rows; ///< the journal
    std::vector<core::FundingPayment> fundings;
    std::vector<core::Transfer> moves;
    std::vector<core::Candle> candles;

    bool journal(core::runtime::JournalKind kind, core::UtcTime, std::string payload) override
    {
        rows.emplace_back(kind, payload);
        if (kind == core::runtime::JournalKind::Input)
            inputs.push_back(std::move(payload));
        return !full;
    }
    bool instrument(const core::Instrument &) override { return !full; }
    bool account(const core::AccountSnapshot &) override { return !full; }
    bool position(const core::AccountId &, const core::Position &) override { return !full; }
    bool order(const core::AccountId &, const core::OrderUpdate &) override { return !full; }
    bool fill(const core::AccountId &, const core::Fill &) override { return !full; }
    bool funding(const core::AccountId &, const core::FundingPayment &payment) override
    {
        fundings.push_back(payment);
        return !full;
    }
    bool transfer(const core::AccountId &, const core::Transfer &transfer) override
    {
        moves.push_back(transfer);
        return !full;
    }
    std::optional<std::uint64_t> alert(const core::runtime::AlertRow &) override
    {
        return full ? std::nullopt : std::optional<std::uint64_t>(1);
    }
    bool candle(const core::Candle &candle) override
    {
        candles.push_back(candle);
        return !full;
    }
    bool config(const core::AccountId &, core::UtcTime, std::string) override { return !full; }
    bool equity(const core::AccountId &, const core::risk::EquitySample &) override { return !full; }
    bool nav(const core::AccountId &, core::UtcTime, core::Ratio, core::Ratio) override { return !full; }
    bool lockout(const std::optional<core::AccountId> &, const core::risk::Lockout &,
                 std::optional<core::UtcTime>) override
    {
        ++lockouts;
        return !full;
    }
    bool memory(const core::AccountId &, const core::risk::History &) override { return !full; }
    bool finding(const core::AccountId &, const core::risk::Finding &) override { return !full; }
    bool plan(const core::AccountId &, const core::risk::TradePlan &) override { return !full; }
    bool naked(const core::AccountId &, core::UtcTime, core::Money) override { return !full; }
    core::runtime::StorageView state() const override { return {}; }

    [[nodiscard]] int journaled(std::string_view part) const
    {
        int count = 0;
        for (const std::string &line : inputs)
            count += line.find(part) != std::string::npos ? 1 : 0;
        return count;
    }
};

/// What a test sees of a client that the engine owns.
struct FakeLine {
    core::ports::ExchangeListener *listener{nullptr};
    std::function<void(const core::OrderRequest &)> submitted;
    std::vector<core::Symbol> started;
    std::vector<core::Symbol> added;
    int positionQueries{0};
    /// What the account went through; nothing unless a test says otherwise. Empty: it never answers.
    std::function<core::Result<core::ports::AccountPast>(core::ports::TimeRange)> past =
        [](core::ports::TimeRange range) -> core::Result<core::ports::AccountPast> {
        core::ports::AccountPast nothing;
        nothing.completeFrom = range.from;
        return nothing;
    };
    std::vector<core::InstrumentKey> feesAsked;
    core::ports::Done<core::FeeRates> feesDone;
    std::vector<std::optional<core::Duration>> deadManAsked;
    core::ports::Done<void> deadManDone;
    int stops{0};
};

/// A venue that says nothing by itself: the test speaks through `line.listener`.
struct FakeClient : core::ports::ExchangeClient {
    template <class T> using Done = core::ports::Done<T>;
    using Key = core::InstrumentKey;
    using Range = core::ports::TimeRange;

    FakeClient(FakeLine &line, core::Venue venue) : m_line(line), m_venue(venue) {}
    void start(core::ports::ExchangeListener &engine, const std::vector<core::Symbol> &symbols) override
    {
        m_line.listener = &engine;
        m_line.started = symbols;
    }
    void stop(std::function<void()> done) override
    {
        ++m_line.stops;
        done();
    }
    void submit(const core::risk::Approved<core::OrderRequest> &order) override
    {
        if (m_line.submitted)
            m_line.submitted(order.request());
    }
    void cancel(const Key &, const core::ClientOrderId &) override {}
    void queryOrder(const Key &, const core::ClientOrderId &) override {}
    void queryPositions() override { ++m_line.positionQueries; }
    void queryFills(const Key &) override {}
    void submitBatch(const std::vector<core::risk::Approved<core::OrderRequest>> &) override {}
    void modify(const core::risk::Approved<core::OrderChange> &) override {}
    void cancelAll(const std::optional<Key> &, Done<void>) override {}
    void setLeverage(const Key &, int, Done<void>) override {}
    void setMarginMode(const Key &, core::MarginMode, Done<void>) override {}
    void setDeadMan(const Key &, std::optional<core::Duration> after, Done<void> done) override
    {
        m_line.deadManAsked.push_back(after);
        m_line.deadManDone = std::move(done);
    }
    void keyRights(Done<core::ports::KeyRights>) override {}
    void feeRates(const Key &instrument, Done<core::FeeRates> done) override
    {
        m_line.feesAsked.push_back(instrument);
        m_line.feesDone = std::move(done);
    }
    void instruments(Done<std::vector<core::Instrument>>) override {}
    void addSymbols(const std::vector<core::Symbol> &symbols) override
    {
        m_line.added.insert(m_line.added.end(), symbols.begin(), symbols.end());
    }
    void removeSymbols(const std::vector<core::Symbol> &) override {}
    void watchCandles(const Key &, core::Duration, bool) override {}
    void candles(const Key &, core::Duration, Range, Done<std::vector<core::Candle>>) override {}
    void trades(const Key &, Range, Done<std::vector<core::Trade>>) override {}
    void fundingRates(const Key &, Range, Done<std::vector<core::FundingRate>>) override {}
    void fills(const Key &, Range, Done<std::vector<core::Fill>>) override {}
    void fundingPayments(Range, Done<std::vector<core::FundingPayment>>) override {}
    void transfers(Range, Done<std::vector<core::Transfer>>) override {}
    void accountPast(Range range, const std::vector<Key> &, Done<core::ports::AccountPast> done) override
    {
        if (m_line.past)
            QTimer::singleShot(0, QCoreApplication::instance(), [alive = std::weak_ptr(m_alive), past = m_line.past, range, done = std::move(done)] {
                if (!alive.expired())
                    done(past(range));
            });
    }
    core::ports::Capabilities capabilities() const override { return {}; }
    core::Venue venue() const override { return m_venue; }

private:
    FakeLine &m_line;
    core::Venue m_venue;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true); ///< no answer after its end
};

} // namespace tests
