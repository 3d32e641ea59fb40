#pragma once

#include <QtTest/QTest>

#include <string>
#include <vector>

#include "core/orders/guard.h"

/// A guard with one instrument, driven by hand: time moves only when told to, and every output is kept.
namespace tests
{
using namespace core;
using namespace core::orders;

inline Price price(std::string_view text) { return parsePrice(text).value(); }
inline Quantity quantity(std::string_view text) { return parseQuantity(text).value(); }
inline Money money(std::string_view text) { return parseMoney(text).value(); }
inline Ratio ratio(std::string_view text) { return parseFixed<Ratio>(text).value(); }
inline InstrumentKey key(std::string_view symbol = "BTCUSDT")
{
    return {Venue::Binance, *Symbol::from(symbol)};
}

inline Instrument instrument(std::string_view symbol = "BTCUSDT")
{
    Instrument i;
    i.key = key(symbol);
    i.tickSize = price("0.1");
    i.stepSize = i.marketStepSize = i.quantityMin = i.marketQuantityMin = quantity("0.001");
    i.quantityMax = quantity("1000");
    i.marketQuantityMax = quantity("120");
    i.notionalMin = money("100");
    i.priceUp = ratio("1.05");
    i.priceDown = ratio("0.95");
    i.trading = true;
    return i;
}

/// Loss on margin alone: alert at 15 %, half at 22.5 %, all at 30 %.
inline risk::Limits lossLimits()
{
    risk::Limits limits = risk::defaultLimits();
    risk::Breaker loss{.kind = risk::BreakerKind::LossOnMargin, .scope = risk::Scope::Position, .enabled = true, .tiers = {}};
    loss.tiers = {{.id = "alert", .trigger = ratio("0.15"), .rearm = ratio("0.105"), .action = risk::TierAction::Alert},
                  {.id = "reduce",
                   .trigger = ratio("0.225"),
                   .rearm = ratio("0.18"),
                   .action = risk::TierAction::Reduce,
                   .fraction = ratio("0.5"),
                   .firesMax = 1,
                   .escalateAfter = std::chrono::seconds{60}},
                  {.id = "close",
                   .trigger = ratio("0.3"),
                   .rearm = ratio("0.24"),
                   .action = risk::TierAction::Close,
                   .fraction = {},
                   .firesMax = 1,
                   .escalateAfter = std::chrono::seconds{60}}};
    limits.breakers = {loss};
    limits.backstop.enabled = false; // resting stops have tests of their own
    return limits;
}

class Desk
{
public:
    explicit Desk(Direction direction = Direction::Long) : m_direction(direction) {}

    Guard guard;
    risk::Limits limits = lossLimits();
    std::vector<GuardOutput> outputs; ///< of the last call
    std::vector<GuardOutput> all;
    std::vector<std::string> journal; ///< encoded inputs
    UtcTime now = utcFromMilliseconds(1'700'000'000'000);

    void apply(GuardInput input)
    {
        const GuardInputRecord record{now, std::move(input)};
        journal.push_back(encode(record));
        outputs.clear();
        guard.apply(record, outputs);
        all.insert(all.end(), outputs.begin(), outputs.end());
    }
    void pass(Duration time) { now += time; }
    /// `percent` of the initial margin lost, at 10x: the mark moves by a tenth of it.
    [[nodiscard]] Price markAtLoss(double percentOfMargin) const
    {
        const auto move = static_cast<std::int64_t>(60'000.0 * percentOfMargin / 1000.0 * 1e8 + 0.5);
        return Price::fromRaw(6'000'000'000'000 + (m_direction == Direction::Long ? -move : move));
    }
    void tick(double percentOfMargin, std::string_view symbol = "BTCUSDT")
    {
        apply(MarkTick{key(symbol), markAtLoss(percentOfMargin), now});
    }
    [[nodiscard]] Position held(std::string_view size, std::string_view symbol = "BTCUSDT") const
    {
        Position p;
        p.instrument = key(symbol);
        p.direction = m_direction;
        p.quantity = quantity(size);
        p.entryPrice = price("60000");
        p.leverage = 10;
        p.venueTime = now;
        return p;
    }
    void totals(std::string_view equity = "100000")
    {
        AccountSnapshot account;
        account.asset = *Asset::from("USDT");
        account.walletBalance = account.equity = account.available = money(equity);
        account.venueTime = account.receivedAt = now;
        apply(AccountReport{Venue::Binance, account});
    }
    void positions(std::vector<Position> list, Source source, bool complete)
    {
        apply(PositionsReport{Venue::Binance, std::move(list), source, complete});
    }
    /// The instrument, the limits, the totals, and the arming: nothing reconciled yet.
    void begin(risk::Arming arming, const char *by)
    {
        apply(InstrumentReport{instrument()});
        apply(LimitsChange{Venue::Binance, limits});
        totals();
        apply(ArmingChange{std::nullopt, arming, by});
    }
    /// Armed, reconciled, a position that was opened while we watched, and a fresh mark at the entry.
    void ready(std::string_view size = "0.250", risk::Arming arming = risk::Arming::Armed)
    {
        begin(arming, "user");
        positions({}, Source::Query, true);
        apply(ReconciledReport{});
        pass(std::chrono::milliseconds{100});
        positions({held(size)}, Source::Stream, false);
        tick(0);
    }

    template <class T> [[nodiscard]] std::vector<T> among(const std::vector<GuardOutput> &list) const
    {
        std::vector<T> found;
        for (const GuardOutput &output : list) {
            if (const T *value = std::get_if<T>(&output))
                found.push_back(*value);
        }
        return found;
    }
    [[nodiscard]] std::vector<OrderRequest> sent() const { return requests(outputs); }
    [[nodiscard]] std::vector<OrderRequest> everSent() const { return requests(all); }
    [[nodiscard]] std::vector<OrderRequest> requests(const std::vector<GuardOutput> &list) const
    {
        std::vector<OrderRequest> found;
        for (const auto &send : among<SendOrder>(list))
            found.push_back(send.order.request());
        return found;
    }
    [[nodiscard]] int alerts(std::string_view code) const
    {
        int count = 0;
        for (const auto &alert : among<RaiseAlert>(all))
            count += alert.code == code ? 1 : 0;
        return count;
    }
    [[nodiscard]] std::string alertText(std::string_view code) const
    {
        for (const auto &alert : among<RaiseAlert>(all)) {
            if (alert.code == code)
                return alert.text;
        }
        return {};
    }

    void orderReport(const OrderRequest &request, OrderStatus status, Quantity filled,
                     Source source = Source::Stream)
    {
        OrderUpdate u;
        u.instrument = request.instrument;
        u.clientOrderId = request.clientOrderId;
        u.venueOrderId = {77};
        u.side = request.side;
        u.type = request.type;
        u.status = status;
        u.quantity = request.quantity;
        u.filled = filled;
        u.venueTime = now;
        apply(OrderReport{u, source});
    }
    void fill(const OrderRequest &request, std::int64_t tradeId, std::string_view size, std::string_view at)
    {
        Fill f;
        f.instrument = request.instrument;
        f.tradeId = tradeId;
        f.clientOrderId = request.clientOrderId;
        f.side = request.side;
        f.price = price(at);
        f.quantity = quantity(size);
        f.venueTime = now;
        apply(FillReport{f, Source::Stream});
    }
    /// The venue fills `request` completely, as Binance tells it: position, order, fill.
    void fillWhole(const OrderRequest &request, std::string_view left, std::string_view at = "58000")
    {
        pass(std::chrono::milliseconds{20});
        positions({held(left)}, Source::Stream, false);
        orderReport(request, OrderStatus::Filled, request.quantity);
        fill(request, ++m_trade, request.quantity.text(), at);
    }

private:
    Direction m_direction;
    std::int64_t m_trade{100};
};
/// Rows of a test that is run with a long and with a short position.
inline void bothDirections()
{
    QTest::addColumn<bool>("isLong");
    QTest::newRow("long") << true;
    QTest::newRow("short") << false;
}
inline Direction direction()
{
    const bool isLong = *static_cast<bool *>(QTest::qData("isLong", QMetaType::Bool));
    return isLong ? Direction::Long : Direction::Short;
}

} // namespace tests
