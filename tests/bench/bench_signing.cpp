// From an order to its signature on both venues. Hyperliquid: building, packing, hashing and signing against the bare
// ECDSA of a fixed digest, which nothing can avoid. Binance: HMAC and Ed25519 of an order's query. Both sides alternate
// in one process.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "core/exchange/binance/signer.h"
#include "core/exchange/hyperliquid/signer.h"

namespace binance = core::exchange::binance;
namespace hyperliquid = core::exchange::hyperliquid;

namespace
{
using SteadyClock = std::chrono::steady_clock;
constexpr int kRounds = 21;
constexpr int kPerRound = 2'000;
constexpr std::string_view kKey = "0123456789012345678901234567890123456789012345678901234567890123";

void demand(bool holds, const char *what)
{
    if (holds)
        return;
    std::fprintf(stderr, "bench_signing: %s\n", what);
    std::exit(1);
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// Microseconds of one call, over a round.
template <class Work> double timed(Work work)
{
    const auto start = SteadyClock::now();
    for (int i = 0; i < kPerRound; ++i)
        work(i);
    return std::chrono::duration<double, std::micro>(SteadyClock::now() - start).count() / kPerRound;
}

hyperliquid::WireOrder order()
{
    hyperliquid::WireOrder wire;
    wire.asset = 5;
    wire.price = hyperliquid::WireNumber(core::parsePrice("141.37").value());
    wire.size = hyperliquid::WireNumber(core::parseQuantity("12.5").value());
    wire.reduceOnly = true;
    wire.terms = hyperliquid::LimitTerms{hyperliquid::Tif::Ioc};
    wire.cloid = hyperliquid::Cloid::parse("0x9e3779b97f4a7c17f7068d63c6bdfecf").value();
    return wire;
}

void checkVector(const hyperliquid::ActionSigner &signer)
{
    const hyperliquid::WireOrder wire = order();
    const auto action = hyperliquid::orderAction(std::span(&wire, 1));
    demand(action.has_value(), "the order was refused");
    // gen-limit-ioc-reduceonly-a of the vectors
    demand(hyperliquid::jsonText(*action) ==
               R"({"type":"order","orders":[{"a":5,"b":false,"p":"141.37","s":"12.5","r":true,)"
               R"("t":{"limit":{"tif":"Ioc"}},"c":"0x9e3779b97f4a7c17f7068d63c6bdfecf"}],"grouping":"na"})",
           "the action differs");
    const auto result = signer.signL1(*action, {1'795'305'600'685U}, hyperliquid::Network::Mainnet);
    const auto who = hyperliquid::recoverL1Signer(*action, {1'795'305'600'685U}, hyperliquid::Network::Mainnet,
                                                  result.signature);
    demand(who.has_value() && *who == signer.address(), "the signature names somebody else");
}

void benchHyperliquid()
{
    const auto signer = hyperliquid::ActionSigner::fromHex(kKey).value();
    checkVector(signer);
    secp256k1_context *const context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    hyperliquid::Digest key{};
    demand(hyperliquid::readHex(kKey, key), "the key is no hex");
    demand(secp256k1_context_randomize(context, key.data()) == 1, "the context takes no seed");
    const hyperliquid::Digest digest = hyperliquid::keccak256("a fixed digest");
    std::array<std::uint8_t, 64> compact{};
    unsigned sum = 0;
    std::vector<double> ours;
    std::vector<double> peers;
    for (int round = -1; round < kRounds; ++round) { // the first one warms up
        const double own = timed([&](int i) {
            const hyperliquid::WireOrder wire = order();
            const auto action = hyperliquid::orderAction(std::span(&wire, 1));
            const auto signature = signer.signL1(*action, {1'795'305'600'000U + static_cast<std::uint64_t>(i)},
                                                 hyperliquid::Network::Mainnet);
            sum += signature.signature.v;
        });
        const double peer = timed([&](int) {
            secp256k1_ecdsa_recoverable_signature raw{};
            int parity = 0;
            demand(secp256k1_ecdsa_sign_recoverable(context, &raw, digest.data(), key.data(), nullptr, nullptr) == 1,
                   "the peer did not sign");
            secp256k1_ecdsa_recoverable_signature_serialize_compact(context, compact.data(), &parity, &raw);
            sum += static_cast<unsigned>(parity);
        });
        if (round < 0)
            continue;
        ours.push_back(own);
        peers.push_back(peer);
    }
    secp256k1_context_destroy(context);
    std::vector<double> ratios;
    for (std::size_t i = 0; i < ours.size(); ++i)
        ratios.push_back(ours[i] / peers[i]);
    demand(sum != 0, "nothing was signed");
    fmt::print("sign-hyperliquid {:.3f} {:.3f} {:.3f} {}\n", median(ratios), median(ours), median(peers), kRounds);
}

void benchBinance(const char *name, const binance::Signer &signer)
{
    constexpr std::string_view kQuery =
        "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.250&reduceOnly=true&newClientOrderId=4f8a.t2.1"
        "&newOrderRespType=RESULT&recvWindow=5000&timestamp=1700000000000";
    std::vector<double> microseconds;
    std::string query;
    for (int round = -1; round < kRounds; ++round) {
        const double own = timed([&](int) {
            query.assign(kQuery);
            signer.sign(query);
        });
        if (round >= 0)
            microseconds.push_back(own);
    }
    fmt::print("{}-us {:.3f}\n", name, median(microseconds));
}
} // namespace

int main()
{
    benchHyperliquid();
    benchBinance("sign-binance-hmac", binance::Signer::make(binance::KeyType::Hmac, kKey).value());
    benchBinance("sign-binance-ed25519", binance::Signer::make(binance::KeyType::Ed25519, kKey).value());
    return 0;
}
