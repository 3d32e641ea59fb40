// P7: mark tick → verdict → gate → signed order bytes, in process, 60 positions with an armed breaker each.
// The peer is the floor: the bare HMAC-SHA256 of the same payload. Both sides alternate in one process; every
// tick that is timed fires.
#include <array>
#include <string>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/exchange/binance/order_parameters.h"
#include "core/exchange/binance/signer.h"
#include "tests/bench/guard_desk.h"

using namespace core;
using bench::demand;
using bench::median;
namespace binance = core::exchange::binance;

namespace
{
using SteadyClock = std::chrono::steady_clock;
constexpr std::size_t kPositions = 60;
constexpr int kRounds = 11;
constexpr int kLivesPerRound = 300;
constexpr std::string_view kSecret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

[[nodiscard]] std::vector<Instrument> contracts()
{
    std::vector<Instrument> all;
    for (std::size_t i = 0; i < kPositions; ++i) {
        Instrument instrument;
        instrument.key = {Venue::Binance, *Symbol::from(fmt::format("COIN{:02}USDT", i))};
        instrument.tickSize = parsePrice("0.1").value();
        instrument.stepSize = instrument.marketStepSize = parseQuantity("0.001").value();
        instrument.quantityMax = parseQuantity("1000").value();
        instrument.marketQuantityMax = parseQuantity("120").value();
        instrument.priceUp = parseFixed<Ratio>("1.05").value();
        instrument.priceDown = parseFixed<Ratio>("0.95").value();
        instrument.trading = true;
        all.push_back(instrument);
    }
    return all;
}

/// What the client appends to an order before it signs it.
void formatOrder(std::string &query, const OrderRequest &request, UtcTime now)
{
    auto text = binance::orderQuery(request, binance::AccountMode::OneWay);
    demand(text.has_value(), "the order was refused");
    query = std::move(*text);
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

} // namespace

int main()
{
    bench::Desk desk(contracts());
    const binance::HmacSigner signer(kSecret);
    std::string query;
    std::string payload;
    std::vector<double> every;
    std::vector<double> ours;
    std::vector<double> floors;
    std::vector<double> prepared;
    for (int round = -1; round < kRounds; ++round) { // the first one warms up
        std::vector<double> own;
        std::vector<double> floor;
        const auto act = [&](const OrderRequest &request) {
            formatOrder(query, request, desk.m_now);
            signer.sign(query);
        };
        const auto bare = [&](const OrderRequest &) {
            payload = query.substr(0, query.rfind("&signature="));
            const auto start = SteadyClock::now();
            const std::string signature = signer.signature(payload);
            const auto end = SteadyClock::now();
            if (round < 0)
                demand(query == payload + "&signature=" + hexHmac(payload),
                       "the signature differs from OpenSSL's HMAC");
            demand(query.ends_with(signature), "both sides must sign the same bytes");
            return std::chrono::duration<double, std::micro>(end - start).count();
        };
        const auto prepare = [&] {
            const auto start = SteadyClock::now();
            demand(!desk.m_guard.foreseen(Venue::Binance).empty(), "nothing is foreseen");
            prepared.push_back(std::chrono::duration<double, std::micro>(SteadyClock::now() - start).count());
        };
        bench::breachAll(desk, kLivesPerRound, own, floor, act, bare, prepare);
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
    fmt::print("foreseen-us {:.1f}\n", median(prepared));
    return 0;
}
