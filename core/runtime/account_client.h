#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include <QtCore/QObject>

#include "core/base/clock.h"
#include "core/runtime/accounts.h"
#include "core/runtime/venue_addresses.h"

namespace core::runtime
{

/// The client that talks for this account. `newestTradeIds`: what is booked already, so that what was filled meanwhile is
/// asked for from there on (Binance; elsewhere ids have no order). Lives on the calling thread; the clock outlives it.
[[nodiscard]] std::unique_ptr<ports::ExchangeClient>
makeAccountClient(const secrets::AccountProfile &profile, AccountKeys keys, const VenueAddresses &addresses,
                  const Clock &clock, const std::map<InstrumentKey, std::int64_t> &newestTradeIds = {});

/// Connects with a key once and asks what it may do. Unauthorized when the venue refuses the key, or when the key may
/// withdraw: such a key is not used. TimedOut and Unavailable say that nothing is known. Any thread with an event loop.
class KeyTest final : public QObject, private ports::ExchangeListener
{
    Q_OBJECT
public:
    using Done = std::function<void(Result<ports::KeyRights>)>;

    explicit KeyTest(const Clock &clock, QObject *parent = nullptr);
    ~KeyTest() override;

    /// One at a time; the answer comes from the event loop within about fifteen seconds.
    void start(const secrets::AccountProfile &profile, AccountKeys keys, const VenueAddresses &addresses, Done done);

private:
    void onStreamStatus(const ports::StreamStatus &status) override;
    void onRequestBudget(const ports::RequestBudget &) override {}
    void onInstrument(const Instrument &) override {}
    void onBook(const InstrumentKey &, const market::OrderBook &, Freshness, UtcTime, UtcTime) override {}
    void onTrade(const Trade &) override {}
    void onBestQuote(const BestQuote &) override {}
    void onMark(const MarkPrice &) override {}
    void onAccount(const AccountSnapshot &, Source) override {}
    void onPositions(const std::vector<Position> &, Source, bool) override {}
    void onOrder(const OrderUpdate &, Source) override {}
    void onFill(const Fill &, Source) override {}
    void onRequestOutcome(const ClientOrderId &, ports::RequestOutcome, const Error &) override {}
    void onOrderAbsent(const ClientOrderId &) override {}
    void onReconciled() override {}
    void onReconciliationLost(const Error &) override {}

    void finish(Result<ports::KeyRights> answer);

    const Clock &m_clock;
    std::unique_ptr<ports::ExchangeClient> m_client;
    Done m_done;
    std::string m_lastError; ///< of any stream, for the sentence after a time-out
    std::uint64_t m_round{0};
};

/// Refuses what must not be used: a key that may withdraw, or may not trade.
[[nodiscard]] Result<ports::KeyRights> judgeRights(ports::KeyRights rights);

} // namespace core::runtime
