// P7: mark tick → verdict → gate → signed order bytes, in process, 60 positions with an armed breaker each. The peer is the floor:
// the bare HMAC-SHA256 of the same payload. Both sides alternate in one process; every tick that is timed fires.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/exchange/binance/signer.h"
#include "core/orders/guard.h"

using namespace core;
using namespace core::orders;
namespace binance = core::exchange::binance;

namespace
{
using SteadyClock = std::chrono::steady_clock;
constexpr std::size_t kPositions = 60;
constexpr int kRounds = 11;
constexpr int kLivesPerRound = 20;
constexpr std::string_view kSecret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

Price price(std::string_view text) { return parsePrice(text).value(); }
Quantity quantity(std::string_view text) { return parseQuantity(text).value(); }

void demand(bool holds, const char *what)
{
    if (holds)
        return;
    std::fprintf(stderr, "bench_guard: %s\n", what);
    std::exit(1);
}

/// 60 positions; each can be opened, breached and closed again and again.
class Desk
{
public:
    Desk()
    {
        ArmingChange armed{risk::Arming::Armed, "user"};
        apply(armed);
        for (std::size_t i = 0; i < kPositions; ++i) {
            Instrument instrument;
            instrument.key = {Venue::Binance, *Symbol::from(fmt::format("COIN{:02}USDT", i))};
            instrument.tickSize = price("0.1");
            instrument.stepSize = instrument.marketStepSize = quantity("0.001");
            instrument.quantityMax = quantity("1000");
            instrument.marketQuantityMax = quantity("120");
            instrument.priceUp = parseFixed<Ratio>("1.05").value();
            instrument.priceDown = parseFixed<Ratio>("0.95").value();
            instrument.trading = true;
            m_keys.push_back(instrument.key);
            apply(InstrumentReport{instrument});
        }
        apply(PositionsReport{{}, Source::Query, true});
        apply(ReconciledReport{});
        for (std::size_t i = 0; i < kPositions; ++i)
            open(i);
    }

    void open(std::size_t i)
    {
        apply(MarkTick{m_keys[i], price("60000"), m_now});
        apply(PositionsReport{{held(i, "0.250")}, Source::Stream, false});
    }
    /// Filled, flat by stream and by query, and opened anew.
    void closeAndReopen(std::size_t i, const OrderRequest &request)
    {
        m_now += std::chrono::milliseconds{5};
        OrderUpdate update;
        update.instrument = m_keys[i];
        update.clientOrderId = request.clientOrderId;
        update.status = OrderStatus::Filled;
        update.quantity = update.filled = request.quantity;
        update.venueTime = m_now;
        apply(PositionsReport{{held(i, "0")}, Source::Stream, false});
        apply(OrderReport{update, Source::Stream});
        std::vector<Position> others;
        for (std::size_t k = 0; k < kPositions; ++k) {
            if (k != i)
                others.push_back(held(k, "0.250"));
        }
        apply(PositionsReport{others, Source::Query, true});
        demand(std::any_of(m_outputs.begin(), m_outputs.end(), [](const GuardOutput &o) { return std::holds_alternative<ActionVerified>(o); }),
               "the close was not verified");
        m_now += std::chrono::milliseconds{5};
        open(i);
    }
    /// Every other position ticks without reaching anything.
    void quietTicks(std::size_t but)
    {
        for (std::size_t k = 0; k < kPositions; ++k) {
            if (k == but)
                continue;
            apply(MarkTick{m_keys[k], price("59990"), m_now});
            demand(m_outputs.empty(), "a quiet tick said something");
        }
    }
    void apply(GuardInput input)
    {
        m_outputs.clear();
        m_guard.apply({m_now, std::move(input)}, m_outputs);
    }

    Guard m_guard;
    std::vector<InstrumentKey> m_keys;
    std::vector<GuardOutput> m_outputs;
    UtcTime m_now = utcFromMilliseconds(1'700'000'000'000);

private:
    Position held(std::size_t i, std::string_view size) const
    {
        Position p;
        p.instrument = m_keys[i];
        p.quantity = quantity(size);
        p.entryPrice = price("60000");
        p.leverage = 10;
        p.venueTime = m_now;
        return p;
    }
};

/// The bytes of POST /fapi/v1/order, unsigned.
void formatOrder(std::string &query, const OrderRequest &request, UtcTime now)
{
    query.clear();
    binance::appendParameter(query, "symbol", request.instrument.symbol.view());
    binance::appendParameter(query, "side", request.side == Side::Buy ? "BUY" : "SELL");
    binance::appendParameter(query, "type", request.type == OrderType::Limit ? "LIMIT" : "MARKET");
    if (request.limitPrice) {
        binance::appendParameter(query, "timeInForce", "IOC");
        query.append("&price=");
        appendDecimal(query, request.limitPrice->raw());
    }
    query.append("&quantity=");
    appendDecimal(query, request.quantity.raw());
    binance::appendParameter(query, "reduceOnly", "true");
    binance::appendParameter(query, "newClientOrderId", request.clientOrderId.view());
    binance::appendParameter(query, "newOrderRespType", "RESULT");
    binance::appendParameter(query, "recvWindow", "5000");
    fmt::format_to(std::back_inserter(query), "&timestamp={}", toMilliseconds(now));
}

std::string hexHmac(std::string_view payload)
{
    std::array<unsigned char, 32> digest{};
    unsigned length = 0;
    HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
         reinterpret_cast<const unsigned char *>(payload.data()), payload.size(), digest.data(), &length);
    std::string hex;
    for (const unsigned char byte : digest)
        hex += fmt::format("{:02x}", byte);
    return hex;
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}
} // namespace

int main()
{
    Desk desk;
    const binance::HmacSigner signer(kSecret);
    std::string query;
    query.reserve(512);
    std::string payload;
    std::vector<double> every;
    std::vector<double> ours;
    std::vector<double> floors;
    const Price breach = price("58128.05");
    for (int round = -1; round < kRounds; ++round) { // the first one warms up
        std::vector<double> own;
        std::vector<double> floor;
        for (int n = 0; n < kLivesPerRound * static_cast<int>(kPositions) / 4; ++n) {
            const std::size_t i = static_cast<std::size_t>(n * 7) % kPositions;
            desk.quietTicks(i);
            const GuardInputRecord record{desk.m_now, MarkTick{desk.m_keys[i], breach, desk.m_now}};
            desk.m_outputs.clear();
            const auto start = SteadyClock::now();
            desk.m_guard.apply(record, desk.m_outputs);
            const SendOrder *send = nullptr;
            for (const GuardOutput &output : desk.m_outputs) {
                if ((send = std::get_if<SendOrder>(&output)) != nullptr)
                    break;
            }
            if (send != nullptr) {
                formatOrder(query, send->order.request(), desk.m_now);
                signer.sign(query);
            }
            const auto end = SteadyClock::now();
            demand(send != nullptr, "the breach sent no order");
            payload = query.substr(0, query.rfind("&signature="));
            const auto floorStart = SteadyClock::now();
            const std::string bare = signer.signature(payload);
            const auto floorEnd = SteadyClock::now();
            if (round < 0 && n < 60)
                demand(query == payload + "&signature=" + hexHmac(payload), "the signature differs from OpenSSL's HMAC");
            demand(query.ends_with(bare), "both sides must sign the same bytes");
            own.push_back(std::chrono::duration<double, std::micro>(end - start).count());
            floor.push_back(std::chrono::duration<double, std::micro>(floorEnd - floorStart).count());
            const OrderRequest request = send->order.request();
            desk.closeAndReopen(i, request);
        }
        if (round < 0)
            continue;
        every.insert(every.end(), own.begin(), own.end());
        ours.push_back(median(own));
        floors.push_back(median(floor));
    }
    std::vector<double> ratios;
    for (std::size_t i = 0; i < ours.size(); ++i)
        ratios.push_back(ours[i] / floors[i]);
    std::sort(every.begin(), every.end());
    fmt::print("P7 {:.2f} {:.3f} {:.3f} {}\n", median(ratios), median(ours), median(floors), kRounds);
    fmt::print("P7-p50-us {:.3f}\n", every[every.size() / 2]);
    fmt::print("P7-p99-us {:.3f}\n", every[every.size() * 99 / 100]);
    return 0;
}
