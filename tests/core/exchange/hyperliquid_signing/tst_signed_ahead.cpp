#include <set>

#include <QtTest/QTest>
#include <rapidcheck.h>

#include "core/exchange/hyperliquid/signed_ahead.h"

using namespace core;
using namespace core::exchange::hyperliquid;
using namespace std::chrono_literals;

namespace
{
constexpr std::string_view kKey = "0123456789012345678901234567890123456789012345678901234567890123";
const UtcTime kStart = utcFromMilliseconds(1'795'305'600'000);

WireOrder close(std::uint32_t asset, int step, std::uint8_t decision)
{
    WireOrder order;
    order.asset = asset;
    order.price = WireNumber(Price::fromRaw((58'800 - 59 * step) * kDecimalOne));
    order.size = WireNumber(parseQuantity("0.5").value());
    order.reduceOnly = true;
    order.terms = LimitTerms{Tif::Ioc};
    std::array<std::uint8_t, Cloid::kBytes> id{};
    id[0] = static_cast<std::uint8_t>(asset);
    id[1] = decision;
    order.cloid = Cloid::fromBytes(id);
    return order;
}

std::vector<WireOrder> steps(std::uint32_t asset, std::uint8_t decision)
{
    std::vector<WireOrder> orders;
    for (int step = 0; step < 4; ++step)
        orders.push_back(close(asset, step, decision));
    return orders;
}

/// The venue's rule for one key: the 100 highest nonces are kept, a new one is unused and above the lowest, near the time.
class NonceBook
{
public:
    [[nodiscard]] bool takes(std::uint64_t nonce, UtcTime now)
    {
        const std::int64_t ahead = static_cast<std::int64_t>(nonce) - toMilliseconds(now);
        const bool inWindow = ahead > -2 * 86'400'000LL && ahead < 86'400'000LL;
        if (!inWindow || m_kept.contains(nonce) || (m_kept.size() == 100 && nonce < *m_kept.begin()))
            return false;
        m_kept.insert(nonce);
        if (m_kept.size() > 100)
            m_kept.erase(m_kept.begin());
        return true;
    }

private:
    std::set<std::uint64_t> m_kept;
};

struct Desk {
    ActionSigner signer = ActionSigner::fromHex(kKey).value();
    NonceSource nonces;
    SignedAhead ahead;
    UtcTime now = kStart;
    std::uint64_t sent{0};

    [[nodiscard]] SigningTerms terms() const { return {.signer = signer}; }
    int signAll()
    {
        int count = 0;
        while (ahead.signNext(terms(), nonces, now, sent))
            ++count;
        return count;
    }
};
} // namespace

/// Signed ahead, sent once, and never when anything has changed.
class TestSignedAhead : public QObject
{
    Q_OBJECT

private slots:
    void whatIsTakenIsWhatSigningNowWouldGive()
    {
        QVERIFY(rc::check("byte for byte", [] {
            Desk desk;
            std::optional<Address> vault;
            if (*rc::gen::inRange(0, 2) == 1)
                vault = Address::parse("0x00000000000000000000000000000000000000aa").value();
            const SigningTerms terms{.signer = desk.signer,
                                     .network = *rc::gen::element(Network::Mainnet, Network::Testnet),
                                     .vault = vault,
                                     .expiresAfter = std::chrono::milliseconds{*rc::gen::inRange(1, 20'000)}};
            const int step = *rc::gen::inRange(0, 4);
            desk.ahead.want(steps(3, 1));
            while (desk.ahead.signNext(terms, desk.nonces, desk.now, 0)) {
            }
            desk.now += std::chrono::milliseconds{*rc::gen::inRange(0, 3'001)};
            const WireOrder order = close(3, step, 1);
            const auto ready = desk.ahead.take(order, desk.now, 0);
            RC_ASSERT(ready.has_value());
            const ActionValue action = orderAction(std::span(&order, 1)).value();
            RC_ASSERT(ready->envelope.vault == vault);
            const auto expires = utcFromMilliseconds(static_cast<std::int64_t>(*ready->envelope.expiresAfter));
            RC_ASSERT(expires == ready->expiresAt && expires >= desk.now + terms.expiresAfter);
            RC_ASSERT(ready->body ==
                      requestJson(action, ready->envelope, desk.signer.signL1(action, ready->envelope, terms.network).signature));
            const auto posted = parseActionJson(ready->body, "request").value();
            const auto who = recoverL1Signer(*posted.find("action"), ready->envelope, terms.network,
                                             desk.signer.signL1(action, ready->envelope, terms.network).signature);
            RC_ASSERT(who && *who == desk.signer.address());
        }));
    }

    void aChangeOfAnythingLeavesItUnused_data()
    {
        QTest::addColumn<int>("what");
        QTest::newRow("size") << 0;
        QTest::newRow("price") << 1;
        QTest::newRow("side") << 2;
        QTest::newRow("contract") << 3;
        QTest::newRow("decision") << 4;
        QTest::newRow("rests") << 5;
        QTest::newRow("may add") << 6;
    }
    void aChangeOfAnythingLeavesItUnused()
    {
        QFETCH(int, what);
        Desk desk;
        desk.ahead.want(steps(3, 1));
        QCOMPARE(desk.signAll(), 4);
        WireOrder order = close(3, 0, 1);
        if (what == 0)
            order.size = WireNumber(parseQuantity("0.49").value());
        if (what == 1)
            order.price = WireNumber(parsePrice("58799").value());
        if (what == 2)
            order.isBuy = true;
        if (what == 3)
            order.asset = 4;
        if (what == 4)
            order.cloid = close(3, 0, 2).cloid;
        if (what == 5)
            order.terms = LimitTerms{Tif::Gtc};
        if (what == 6)
            order.reduceOnly = false;
        QVERIFY(!desk.ahead.take(order, desk.now, 0));
        // Whatever is sent for this contract changes what the others were made for.
        QCOMPARE(desk.ahead.size(), what == 3 ? std::size_t{4} : std::size_t{0});
    }

    void itIsUsedOnceAndItsSiblingsNever()
    {
        Desk desk;
        auto wanted = steps(3, 1);
        wanted.push_back(close(7, 0, 1));
        desk.ahead.want(wanted);
        QCOMPARE(desk.signAll(), 5);
        QVERIFY(desk.ahead.take(close(3, 2, 1), desk.now, 0));
        for (int step = 0; step < 4; ++step)
            QVERIFY(!desk.ahead.take(close(3, step, 1), desk.now, 1));
        QCOMPARE(desk.signAll(), 0); // not again until it is asked for
        QVERIFY(desk.ahead.take(close(7, 0, 1), desk.now, 1));
    }

    void whatIsNotWantedAnyMoreIsVoid()
    {
        Desk desk;
        desk.ahead.want(steps(3, 1));
        QCOMPARE(desk.signAll(), 4);
        desk.ahead.want({close(3, 1, 1)});
        QVERIFY(!desk.ahead.take(close(3, 0, 1), desk.now, 0));
        desk.ahead.want(steps(3, 1));
        QCOMPARE(desk.signAll(), 4);
        desk.ahead.want(steps(3, 2)); // the next fire of the tier
        QCOMPARE(desk.ahead.size(), std::size_t{0});
    }

    void ageClockAndNoncesMakeItVoid_data()
    {
        QTest::addColumn<int>("later");
        QTest::addColumn<int>("sentSince");
        QTest::addColumn<bool>("good");
        QTest::newRow("at once") << 0 << 0 << true;
        QTest::newRow("three seconds old") << 3'000 << 0 << true;
        QTest::newRow("older") << 3'001 << 0 << false;
        QTest::newRow("the clock went back a second") << -1'000 << 0 << true;
        QTest::newRow("the clock went back further") << -1'001 << 0 << false;
        QTest::newRow("49 actions were sent since") << 10 << 49 << true;
        QTest::newRow("50 actions were sent since") << 10 << 50 << false;
    }
    void ageClockAndNoncesMakeItVoid()
    {
        QFETCH(int, later);
        QFETCH(int, sentSince);
        QFETCH(bool, good);
        Desk desk;
        desk.sent = 1'000;
        desk.ahead.want(steps(3, 1));
        QCOMPARE(desk.signAll(), 4);
        const UtcTime now = desk.now + std::chrono::milliseconds{later};
        QCOMPARE(desk.ahead.take(close(3, 0, 1), now, 1'000 + static_cast<std::uint64_t>(sentSince)).has_value(), good);
    }

    void itIsRenewedBeforeItIsTooOld()
    {
        Desk desk;
        desk.ahead.want(steps(3, 1));
        QCOMPARE(desk.signAll(), 4);
        desk.now += 1500ms;
        QCOMPARE(desk.signAll(), 0);
        desk.now += 1ms;
        QCOMPARE(desk.signAll(), 4);
        QCOMPARE(desk.ahead.size(), std::size_t{4});
        desk.now += 3000ms;
        QVERIFY(desk.ahead.take(close(3, 3, 1), desk.now, 0));
    }

    void onlySoManyAreKept()
    {
        Desk desk;
        std::vector<WireOrder> many;
        for (std::uint32_t asset = 0; asset < 100; ++asset)
            many.push_back(close(asset, 0, 1));
        desk.ahead.want(many);
        QCOMPARE(desk.signAll(), static_cast<int>(SignedAhead::kKeptMost));
        QVERIFY(desk.ahead.take(close(0, 0, 1), desk.now, 0));
        QVERIFY(!desk.ahead.take(close(99, 0, 1), desk.now, 0));
    }

    /// Any mixture of signing ahead, sending what is ready, sending something else, and a clock that jumps.
    void theVenueTakesEveryNonceOnce()
    {
        QVERIFY(rc::check("nonces", [] {
            Desk desk;
            NonceBook venue;
            const int length = *rc::gen::inRange(50, 400);
            for (int i = 0; i < length; ++i) {
                switch (*rc::gen::inRange(0, 6)) {
                case 0:
                    desk.ahead.want(steps(static_cast<std::uint32_t>(*rc::gen::inRange(0, 3)), 1));
                    break;
                case 1:
                    static_cast<void>(desk.ahead.signNext(desk.terms(), desk.nonces, desk.now, desk.sent));
                    break;
                case 2: {
                    const auto asset = static_cast<std::uint32_t>(*rc::gen::inRange(0, 3));
                    const auto ready = desk.ahead.take(close(asset, *rc::gen::inRange(0, 4), 1), desk.now, desk.sent);
                    if (ready) {
                        ++desk.sent;
                        RC_ASSERT(venue.takes(ready->envelope.nonce, desk.now));
                    }
                    break;
                }
                case 3: // other actions, also in bursts within one millisecond
                    for (int n = *rc::gen::inRange(1, 40); n > 0; --n) {
                        ++desk.sent;
                        RC_ASSERT(venue.takes(desk.nonces.next(toMilliseconds(desk.now)), desk.now));
                    }
                    break;
                case 4:
                    desk.now += std::chrono::milliseconds{*rc::gen::inRange(0, 2'000)};
                    break;
                default:
                    desk.now -= std::chrono::milliseconds{*rc::gen::inRange(0, 1'500)};
                    break;
                }
            }
        }));
    }
};

QTEST_GUILESS_MAIN(TestSignedAhead)
#include "tst_signed_ahead.moc"
