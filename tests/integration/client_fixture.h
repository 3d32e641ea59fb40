#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <QtCore/QObject>

#include "core/base/clock.h"
#include "core/exchange/binance/client.h"
#include "core/exchange/binance/rest_codec.h"
#include "core/market/order_book.h"
#include "core/net/http_client.h"
#include "core/net/system_clock.h"
#include "core/ports/exchange_client.h"
#include "core/venue/options.h"
#include "core/venue/server.h"

namespace tests
{

inline constexpr std::string_view kApiKey =
    "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83";
inline constexpr std::string_view kApiSecret =
    "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";

/// The machine's clocks with the wall clock set off.
class SkewedClock final : public core::Clock
{
public:
    explicit SkewedClock(core::Duration skew) : m_skew(skew) {}
    [[nodiscard]] core::UtcTime now() const override { return m_system.now() + m_skew; }
    [[nodiscard]] core::Duration monotonic() const override { return m_system.monotonic(); }

private:
    core::net::SystemClock m_system;
    core::Duration m_skew;
};

/// Writes down everything that the client says.
class Recorder final : public core::ports::ExchangeListener
{
public:
    struct Outcome {
        core::ClientOrderId order;
        core::ports::RequestOutcome outcome;
        core::Error error;
    };
    struct BookState {
        core::UtcTime venueTime;
        std::vector<core::Level> bids;
        std::vector<core::Level> asks;
    };
    struct Positions {
        std::vector<core::Position> rows;
        core::Source source;
        bool complete;
    };

    std::map<std::string, core::ports::StreamStatus> status;
    std::vector<std::string> texts; ///< every error text that came out
    core::ports::RequestBudget budget;
    std::map<core::Symbol, core::Instrument> instruments;
    std::deque<BookState> books; ///< the last ones that were Fresh
    core::Freshness freshness{core::Freshness::Connecting};
    std::map<core::Freshness, int> freshnessSeen;
    int crossedWhileFresh{0};
    std::vector<core::Trade> trades;
    std::vector<core::MarkPrice> marks;
    int quotes{0};
    std::vector<core::AccountSnapshot> accounts;
    std::vector<Positions> positions;
    std::vector<core::OrderUpdate> orders;
    std::vector<core::Fill> fills;
    std::vector<Outcome> outcomes;
    std::vector<core::ClientOrderId> absent;
    std::vector<core::FundingPayment> funding;
    std::vector<core::Transfer> transfers;
    std::vector<core::Difference> differences;
    int reconciled{0};
    std::vector<core::Error> lost;
    bool insideClient{false}; ///< set by tests around calls: no callback may come then
    int callsFromInside{0};
    bool keepBooks{false};

    void onStreamStatus(const core::ports::StreamStatus &changed) override;
    void onRequestBudget(const core::ports::RequestBudget &changed) override;
    void onInstrument(const core::Instrument &instrument) override;
    void onBook(const core::InstrumentKey &instrument, const core::market::OrderBook &book,
                core::Freshness now, core::UtcTime venueTime, core::UtcTime receivedAt) override;
    void onTrade(const core::Trade &trade) override;
    void onBestQuote(const core::BestQuote &quote) override;
    void onMark(const core::MarkPrice &mark) override;
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

    [[nodiscard]] std::optional<core::OrderUpdate> lastOrder(const core::ClientOrderId &id) const;
    [[nodiscard]] std::vector<Outcome> outcomesOf(const core::ClientOrderId &id) const;

private:
    void entered();
};

/// A loopback exchange with one account, a client in front of it, and a second way to ask the exchange.
class ClientFixture
{
public:
    explicit ClientFixture(core::Duration venueSkew = core::Duration{0});
    ~ClientFixture();

    core::net::SystemClock clock;
    SkewedClock venueClock;
    core::venue::VenueOptions venueOptions;
    core::exchange::binance::ClientOptions clientOptions;
    std::unique_ptr<core::venue::VenueServer> venue;
    std::unique_ptr<core::exchange::binance::BinanceClient> client;
    Recorder seen;
    core::Symbol symbol;
    core::InstrumentKey instrument;

    /// Opens the exchange and points the options of the client at it. False with a printed reason.
    [[nodiscard]] bool openVenue();
    void makeClient();
    void startClient();
    /// Opens, starts, waits for reconciliation and a fresh book.
    [[nodiscard]] bool startAll();
    [[nodiscard]] quint16 restPort() const;
    [[nodiscard]] quint16 webSocketPort() const;

    [[nodiscard]] core::OrderRequest marketOrder(const std::string &id, core::Side side,
                                                 std::string_view quantity,
                                                 core::ReduceOnly reduceOnly = core::ReduceOnly::No) const;
    void submit(const core::OrderRequest &request);

    /// Signed or plain question straight to the exchange; the body of a success, else empty.
    [[nodiscard]] std::string ask(core::net::HttpMethod method, const std::string &path, std::string query,
                                  bool sign);
    /// The order with this client id, when the exchange has one.
    [[nodiscard]] std::optional<core::OrderUpdate> orderAtVenue(const std::string &id);
    /// Venue ids of all orders of the account that were executed, each once.
    [[nodiscard]] std::set<std::int64_t> executedOrdersAtVenue();
    [[nodiscard]] core::Quantity positionAtVenue();
    /// The book that the client shows and the one that the exchange answers, at the same instant of the exchange.
    [[nodiscard]] bool booksAgree();

private:
    core::net::HttpClient m_http;
    std::string m_venueAddress;
    std::string m_streamAddress;
};

/// Runs the event loop until `condition` or the deadline.
[[nodiscard]] bool waitFor(const std::function<bool()> &condition, int milliseconds = 8000);

} // namespace tests
