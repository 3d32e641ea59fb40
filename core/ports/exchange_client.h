#pragma once

#include <cstdint>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/domain/market_data.h"
#include "core/domain/order.h"

namespace core::market
{
class OrderBook;
}
namespace core::risk
{
template <class Request> class Approved;
}

namespace core::ports
{

/// One stream or endpoint of a venue, as the connections view shows it.
struct StreamStatus {
    Venue venue{Venue::Binance};
    std::string name; ///< "book BTCUSDT", "trades BTCUSDT", "mark BTCUSDT", "account", "rest"
    Freshness freshness{Freshness::Connecting};
    UtcTime lastMessageAt;           ///< ours; epoch when none yet
    std::uint64_t messages{0};
    std::uint64_t lost{0};           ///< gaps or frames that could not be decoded
    std::uint64_t reconnects{0};
    std::optional<Duration> roundTrip; ///< rest only
    std::optional<Duration> clockOffset{}; ///< rest only: the venue's clock minus ours, where it was measured
    std::string lastError;             ///< one line, without secrets; empty when none
};

/// What an API key may do, as far as the venue tells. Absent: it does not.
struct KeyRights {
    std::optional<bool> reads;
    std::optional<bool> trades;
    std::optional<bool> withdraws; ///< true: such a key is refused
    std::optional<bool> restrictedToAddress;
    std::optional<UtcTime> expires;
    std::string signer; ///< Hyperliquid: address of the agent; else empty
    std::vector<std::string> remarks; ///< English sentences: "hedge mode", "unified account", …
};

/// What `account history` asks for; half-open [from, to).
struct TimeRange {
    UtcTime from;
    UtcTime to;
};

/// What moved one account's money in a range, of all instruments, oldest first.
struct AccountPast {
    std::vector<Fill> fills; ///< without client order ids
    std::map<InstrumentKey, Asset> settledIn; ///< asset of the results, where the venue names it
    std::vector<FundingPayment> funding;
    std::vector<Transfer> transfers;
    UtcTime completeFrom; ///< the venue keeps everything from here on; not before the range
};

/// Answers once, from the event loop, never from inside the call, and not after `stop`.
template <class T> using Done = std::function<void(Result<T>)>;

/// Used and allowed request weight of the current window.
struct RequestBudget {
    int used{0};
    int limit{0};
};

using core::RequestOutcome;

/// The engine's side of the seam. Every call comes on the engine thread, never from inside a call into the client.
class ExchangeListener
{
public:
    virtual ~ExchangeListener() = default;

    virtual void onStreamStatus(const StreamStatus &status) = 0;
    virtual void onRequestBudget(const RequestBudget &budget) = 0;
    virtual void onInstrument(const Instrument &instrument) = 0;

    /// The book changed, or its freshness did. `book` is the client's own and may be read on the engine thread until `stop`.
    /// `freshness` other than Fresh: draw it greyed, decide nothing from it.
    virtual void onBook(const InstrumentKey &instrument, const market::OrderBook &book, Freshness freshness,
                        UtcTime venueTime, UtcTime receivedAt) = 0;
    virtual void onTrade(const Trade &trade) = 0;
    virtual void onBestQuote(const BestQuote &quote) = 0;
    virtual void onMark(const MarkPrice &mark) = 0;
    virtual void onTicker(const Ticker &) {}
    virtual void onLiquidation(const Liquidation &) {}
    /// A running candle several times, then once `closed`. Only of lengths asked for with `watchCandles`.
    virtual void onCandle(const Candle &) {}

    virtual void onAccount(const AccountSnapshot &account, Source source) = 0;
    /// `complete`: positions that are not listed are flat (answers to a query).
    virtual void onPositions(const std::vector<Position> &positions, Source source, bool complete) = 0;
    virtual void onOrder(const OrderUpdate &order, Source source) = 0;
    virtual void onFill(const Fill &fill, Source source) = 0;
    virtual void onFunding(const FundingPayment &, Source) {}
    virtual void onTransfer(const Transfer &, Source) {}
    /// While reconciling: the venue's word has replaced ours.
    virtual void onDifference(const Difference &) {}
    /// Of an order, a change or a cancel; a cancel answers Accepted also when the order had ended already.
    virtual void onRequestOutcome(const ClientOrderId &order, RequestOutcome outcome, const Error &error) = 0;
    /// A query said, with the venue's rules for "not visible yet" respected, that this order never existed.
    virtual void onOrderAbsent(const ClientOrderId &order) = 0;

    /// Orders, positions, balances and fills agree with the venue: from here on acting is allowed. Comes again after each reconnect.
    virtual void onReconciled() = 0;
    /// The account side is not trustworthy until the next onReconciled.
    virtual void onReconciliationLost(const Error &why) = 0;
};

struct Capabilities {
    bool nativeTrailing{false};
    bool conditionalOrders{false};
    bool deadManTimer{false};
    bool deadManPerInstrument{false};
    bool deadManKillsStops{true}; ///< assume the worst where the venue does not say
    bool hedgeMode{false};
    bool signsAhead{false}; ///< `keepReady` does something
    bool modifyKeepsOrderId{true};
    bool triggerByLast{true};
    std::size_t batchMax{1};
    std::size_t symbolsMax{0}; ///< 0: no limit known
};

/// One venue account, asynchronous, on the engine thread. All calls return at once; answers come through the listener.
class ExchangeClient
{
public:
    virtual ~ExchangeClient() = default;

    /// Connects market streams of `symbols` and, when credentials were given, the account. REQUIRES: called once.
    virtual void start(ExchangeListener &listener, const std::vector<Symbol> &symbols) = 0;
    /// No more requests; sockets closed; `done` is called when everything is down.
    virtual void stop(std::function<void()> done) = 0;

    /// The bytes are on their way to the socket when this returns. Answers: onRequestOutcome, then onOrder/onFill.
    virtual void submit(const risk::Approved<OrderRequest> &order) = 0;
    /// Orders that may be submitted next, as they would be: a client whose signature takes long makes it now, in idle time.
    /// Nothing is sent, and `submit` is as right without it. Replaces the earlier list. Only with `signsAhead`.
    virtual void keepReady(const std::vector<OrderRequest> &) {}
    /// In as few requests as the venue allows; each order has its own outcome. No order among them waits for another.
    virtual void submitBatch(const std::vector<risk::Approved<OrderRequest>> &orders) = 0;
    virtual void modify(const risk::Approved<OrderChange> &change) = 0;
    virtual void cancel(const InstrumentKey &instrument, const ClientOrderId &order) = 0;
    /// Plain and conditional orders; absent: of every instrument. Done when a query shows that none is left.
    virtual void cancelAll(const std::optional<InstrumentKey> &instrument, Done<void> done) = 0;
    /// Asks until the fate is known: onOrder (any state) or onOrderAbsent.
    virtual void queryOrder(const InstrumentKey &instrument, const ClientOrderId &order) = 0;
    /// Answers with onPositions(…, Query, complete) and onAccount.
    virtual void queryPositions() = 0;
    /// Fills of `instrument` after the last one seen; answers with onFill(…, Query).
    virtual void queryFills(const InstrumentKey &instrument) = 0;

    virtual void setLeverage(const InstrumentKey &instrument, int leverage, Done<void> done) = 0;
    virtual void setMarginMode(const InstrumentKey &instrument, MarginMode mode, Done<void> done) = 0;
    /// Absent: disarmed. Without `deadManPerInstrument` the timer is the account's and `instrument` is not looked at.
    virtual void setDeadMan(const InstrumentKey &instrument, std::optional<Duration> after, Done<void> done) = 0;
    virtual void keyRights(Done<KeyRights> done) = 0;
    /// The account's own fees on this instrument. The answer changes with its volume: worth asking again each day, not more.
    virtual void feeRates(const InstrumentKey &instrument, Done<FeeRates> done) = 0;

    /// Everything the venue lists, also what is not traded now.
    virtual void instruments(Done<std::vector<Instrument>> done) = 0;
    /// Adds to, and takes from, what `start` began with.
    virtual void addSymbols(const std::vector<Symbol> &symbols) = 0;
    virtual void removeSymbols(const std::vector<Symbol> &symbols) = 0;
    virtual void watchCandles(const InstrumentKey &instrument, Duration length, bool on) = 0;

    // History, oldest first, without gaps inside what the venue keeps; paged and paced inside (lane History).
    virtual void candles(const InstrumentKey &instrument, Duration length, TimeRange range,
                         Done<std::vector<Candle>> done) = 0;
    virtual void trades(const InstrumentKey &instrument, TimeRange range, Done<std::vector<Trade>> done) = 0;
    virtual void fundingRates(const InstrumentKey &instrument, TimeRange range,
                              Done<std::vector<FundingRate>> done) = 0;
    virtual void fills(const InstrumentKey &instrument, TimeRange range, Done<std::vector<Fill>> done) = 0;
    virtual void fundingPayments(TimeRange range, Done<std::vector<FundingPayment>> done) = 0;
    virtual void transfers(TimeRange range, Done<std::vector<Transfer>> done) = 0;
    /// `held`: instruments of open positions, of which a venue may not tell by itself that they were traded.
    virtual void accountPast(TimeRange range, const std::vector<InstrumentKey> &held, Done<AccountPast> done) = 0;

    [[nodiscard]] virtual Capabilities capabilities() const = 0;
    [[nodiscard]] virtual Venue venue() const = 0;
};

} // namespace core::ports
