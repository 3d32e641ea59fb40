// P7 for Hyperliquid: mark tick → verdict → gate → the bytes of POST /exchange, in process, 60 positions with an armed
// breaker each. First priced, checked, packed, hashed and signed when it is due; then with what Guard::foreseen lists signed
// ahead, so that the tick only picks it up. The peer is the bare recoverable signature of a fixed digest. Both sides
// alternate in one process; every tick that is timed fires.
#include <array>
#include <string>

#include <fmt/format.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "core/exchange/hyperliquid/cloids.h"
#include "core/exchange/hyperliquid/order_channel_wire.h"
#include "core/exchange/hyperliquid/rest_codec.h"
#include "core/exchange/hyperliquid/signed_ahead.h"
#include "tests/bench/guard_desk.h"

using namespace core;
using bench::demand;
using bench::median;
namespace hyperliquid = core::exchange::hyperliquid;

namespace
{
using SteadyClock = std::chrono::steady_clock;
constexpr int kPositions = 60;
constexpr int kRounds = 11;
constexpr int kLivesPerRound = 300;
constexpr std::string_view kKey = "0123456789012345678901234567890123456789012345678901234567890123";

[[nodiscard]] hyperliquid::AssetTable contracts()
{
    std::string meta = R"({"universe":[)";
    for (int i = 0; i < kPositions; ++i)
        meta += fmt::format(R"({}{{"szDecimals":5,"name":"COIN{:02}","maxLeverage":40,"marginTableId":56}})", i == 0 ? "" : ",", i);
    meta += R"(],"marginTables":[],"collateralToken":0})";
    const auto read = hyperliquid::parseMeta(meta);
    hyperliquid::AssetTable table;
    demand(read && table.replaceDex(0, *read, "USDC").has_value(), "the list of contracts was refused");
    return table;
}

/// The bare signature, with the same library and key.
class Floor
{
public:
    Floor() : m_context(secp256k1_context_create(SECP256K1_CONTEXT_NONE))
    {
        demand(hyperliquid::readHex(kKey, m_key), "the key is no hex");
        demand(secp256k1_context_randomize(m_context, m_key.data()) == 1, "the context takes no seed");
    }
    ~Floor() { secp256k1_context_destroy(m_context); }
    Floor(const Floor &) = delete;
    Floor &operator=(const Floor &) = delete;

    [[nodiscard]] double microseconds()
    {
        std::array<std::uint8_t, 64> compact{};
        int parity = 0;
        const auto start = SteadyClock::now();
        secp256k1_ecdsa_recoverable_signature raw{};
        const int signedIt =
            secp256k1_ecdsa_sign_recoverable(m_context, &raw, m_digest.data(), m_key.data(), nullptr, nullptr);
        secp256k1_ecdsa_recoverable_signature_serialize_compact(m_context, compact.data(), &parity, &raw);
        const auto end = SteadyClock::now();
        demand(signedIt == 1, "the peer did not sign");
        m_digest[0] = compact[0];
        return std::chrono::duration<double, std::micro>(end - start).count();
    }

private:
    secp256k1_context *m_context;
    hyperliquid::Digest m_key{};
    hyperliquid::Digest m_digest = hyperliquid::keccak256("a fixed digest");
};

/// Rounds of breaches, and what is posted in the first one read again: it must name us. Prints ratio and quantiles.
template <class Act, class Prepare>
void measure(std::string_view name, bench::Desk &desk, const Act &act, const Prepare &prepare, const std::string &bytes,
             const hyperliquid::ActionValue &action, const hyperliquid::ActionEnvelope &envelope,
             const hyperliquid::ActionSigner &signer, Floor &peer)
{
    std::vector<double> every;
    std::vector<double> ours;
    std::vector<double> floors;
    for (int round = -1; round < kRounds; ++round) { // the first one warms up
        std::vector<double> own;
        std::vector<double> floor;
        const auto bare = [&](const OrderRequest &) {
            if (round < 0) {
                const auto posted = hyperliquid::parseActionJson(bytes, "request");
                demand(posted && posted->find("action") != nullptr && *posted->find("action") == action,
                       "the posted action differs");
                const auto again = signer.signL1(action, envelope, hyperliquid::Network::Mainnet);
                demand(bytes == hyperliquid::requestJson(action, envelope, again.signature), "the posted bytes differ");
                const auto who = hyperliquid::recoverL1Signer(*posted->find("action"), envelope,
                                                              hyperliquid::Network::Mainnet, again.signature);
                demand(who && *who == signer.address(), "the signature names somebody else");
            }
            return peer.microseconds();
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
    fmt::print("{} {:.3f} {:.3f} {:.3f} {}\n", name, median(ratios), median(ours), median(floors), kRounds);
    fmt::print("{}-p50-us {:.3f}\n", name, every[every.size() / 2]);
    fmt::print("{}-p99-us {:.3f}\n", name, every[every.size() * 99 / 100]);
}
} // namespace

int main()
{
    const hyperliquid::AssetTable table = contracts();
    std::vector<Instrument> instruments;
    for (const hyperliquid::ListedAsset &asset : table.all())
        instruments.push_back(asset.instrument);
    bench::Desk desk(instruments);
    const auto signer = hyperliquid::ActionSigner::fromHex(kKey).value();
    Floor peer;
    const hyperliquid::Surroundings around{.mark = parsePrice("58128").value(),
                                           .mid = parsePrice("58128").value(),
                                           .position = parseQuantity("0.25").value()};
    const auto wireOrderOf = [&](const OrderRequest &request) {
        const auto order = hyperliquid::wireOrder(*table.find(request.instrument.symbol), request, around,
                                                  Ratio::fromRaw(5'000'000),
                                                  hyperliquid::Cloids::cloidOf(request.clientOrderId));
        demand(order.has_value(), "the order was refused");
        return *order;
    };
    std::uint64_t nonce = 1'700'000'000'000U;
    std::string bytes;
    hyperliquid::ActionValue action;
    hyperliquid::ActionEnvelope envelope;
    const auto signNow = [&](const OrderRequest &request) {
        const hyperliquid::WireOrder order = wireOrderOf(request);
        auto built = hyperliquid::orderAction(std::span(&order, 1));
        demand(built.has_value(), "the action was refused");
        action = std::move(*built);
        envelope.nonce = ++nonce;
        envelope.expiresAfter = nonce + 8'000;
        const auto signature = signer.signL1(action, envelope, hyperliquid::Network::Mainnet);
        bytes = hyperliquid::requestJson(action, envelope, signature.signature);
    };
    hyperliquid::SignedAhead ahead;
    hyperliquid::NonceSource nonces;
    const UtcTime now = utcFromMilliseconds(1'700'000'000'000);
    const auto prepare = [&] {
        std::vector<hyperliquid::WireOrder> orders;
        for (const OrderRequest &request : desk.m_guard.foreseen(Venue::Hyperliquid))
            orders.push_back(wireOrderOf(request));
        orders.resize(std::min<std::size_t>(orders.size(), 8)); // of the nearest: reduce and close
        ahead.want(std::move(orders));
        while (ahead.signNext({.signer = signer}, nonces, now, 0)) {
        }
    };
    const auto pickUp = [&](const OrderRequest &request) {
        auto ready = ahead.take(wireOrderOf(request), now, 0);
        demand(ready.has_value(), "nothing was ready for the order");
        bytes = std::move(ready->body);
        action = std::move(ready->action);
        envelope = ready->envelope;
    };
    measure("P7-hyperliquid", desk, signNow, [] {}, bytes, action, envelope, signer, peer);
    measure("P7-hyperliquid-ready", desk, pickUp, prepare, bytes, action, envelope, signer, peer);
    return 0;
}
