// The engine with the real client in front of the loopback Hyperliquid: a breach sends the close that was signed ahead. The
// position is opened by a second client of the same account, as from a telephone.
#include <QtTest/QTest>

#include "core/runtime/engine.h"
#include "core/venue/hyperliquid/desk.h"
#include "tests/core/runtime/engine_fakes.h"
#include "tests/integration/hl_fixture.h"

using namespace core;
using namespace std::chrono_literals;
using tests::hl::LoopbackFixture;
using tests::hl::waitFor;
namespace hyperliquid = core::exchange::hyperliquid;

namespace
{
/// Loss on margin alone, and no resting stops: every order that reduces is the breaker's.
[[nodiscard]] risk::Limits closeAt(std::string_view share)
{
    risk::Limits limits = risk::defaultLimits();
    limits.breakers = {{.kind = risk::BreakerKind::LossOnMargin,
                        .scope = risk::Scope::Position,
                        .enabled = true,
                        .tiers = {{.id = "close",
                                   .trigger = parseFixed<Ratio>(share).value(),
                                   .rearm = parseFixed<Ratio>("0.1").value(),
                                   .action = risk::TierAction::Close}}}};
    limits.backstop.enabled = false;
    return limits;
}

struct GuardedAccount {
    LoopbackFixture fixture;
    runtime::Channels channels;
    tests::FakeRecords records;
    std::unique_ptr<runtime::Engine> engine;
    hyperliquid::HyperliquidClient *client{nullptr};
    int opened{0};

    [[nodiscard]] bool start()
    {
        if (!fixture.openVenue())
            return false;
        hyperliquid::ClientOptions options;
        const auto account = venue::hyperliquid::testAccounts(7, 1).front();
        options.account = AccountId::from("test").value();
        options.address = account.accountAddress;
        options.agentKey.emplace(account.agentKey);
        options.timings = fixture.options.timings;
        options.endpoints = fixture.options.endpoints;
        fixture.startClient();
        runtime::EngineSetup setup;
        setup.mode = runtime::Mode::Live;
        setup.account = AccountId::from("test").value();
        setup.limits = closeAt("0.3");
        setup.arming = risk::Arming::Armed;
        setup.armedBy = "test";
        setup.clients = {{.venue = Venue::Hyperliquid, .place = runtime::Place::Loopback, .address = fixture.restUrl,
                          .symbols = {fixture.btc.symbol}}};
        engine = std::make_unique<runtime::Engine>(fixture.clock, setup, channels, records, 0);
        auto own = std::make_unique<hyperliquid::HyperliquidClient>(std::move(options), fixture.clock);
        client = own.get();
        std::vector<std::unique_ptr<ports::ExchangeClient>> clients;
        clients.push_back(std::move(own));
        engine->start(std::move(clients));
        return waitFor(
            [this] { return fixture.seen.reconciled > 0 && !fixture.seen.marks.empty() && view().reconciled && isQuiet(); },
            20'000);
    }
    /// What the engine has published last.
    [[nodiscard]] const orders::GuardView &view()
    {
        if (auto taken = channels.snapshot.take())
            newest = *taken;
        static const orders::GuardView kNothing;
        return newest ? newest->guard : kNothing;
    }
    [[nodiscard]] bool isQuiet() { return !view().blind; }
    /// Mark at which the position's limit fires; absent: none is watched.
    [[nodiscard]] std::optional<Price> trigger()
    {
        for (const risk::Standing &standing : view().standings) {
            if (standing.priceAtNext)
                return standing.priceAtNext;
        }
        return std::nullopt;
    }
    void open(std::string_view size)
    {
        fixture.submit(fixture.market("open-" + std::to_string(++opened), Side::Buy, size));
    }
    [[nodiscard]] bool isWatched(std::string_view size)
    {
        return waitFor([&] {
            return trigger() &&
                   std::any_of(newest->account.positions.begin(), newest->account.positions.end(),
                               [&](const auto &row) { return row.quantity == parseQuantity(size).value(); });
        });
    }
    /// Lets the event loop turn often enough for what is foreseen to be signed.
    [[nodiscard]] bool rest()
    {
        int turns = 0;
        return waitFor([&] { return ++turns > 60; });
    }
    [[nodiscard]] bool breach()
    {
        const auto at = trigger(); // of a long; the venue's marks have one place
        const Price mark = Price::fromRaw(at.value_or(Price{}).raw() / kDecimalOne * kDecimalOne);
        return at && fixture.venue->setMark("BTC", mark) && waitFor([&] { return fixture.position() == 0; }, 20'000);
    }
    /// Orders that only reduce, ever: the guard's.
    [[nodiscard]] int closes() const
    {
        const auto all = fixture.venue->desk().history(0);
        return static_cast<int>(std::count_if(all.begin(), all.end(), [](const auto *order) { return order->terms.reduceOnly; }));
    }
    [[nodiscard]] bool isFlat()
    {
        return waitFor([&] { return !trigger(); }, 20'000);
    }
    std::shared_ptr<const runtime::TerminalSnapshot> newest;
};
} // namespace

class TestHlForeseen : public QObject
{
    Q_OBJECT

private slots:
    void aBreachSendsTheCloseThatWasSignedAhead()
    {
        GuardedAccount account;
        QVERIFY(account.start());
        int rounds = 0; // a machine that is held up longer than a signature is kept signs when it sends
        for (; account.client->sentReady() == 0 && rounds < 20; ++rounds) {
            const Price usual = account.fixture.seen.marks.back().mark;
            account.open("0.01");
            QVERIFY(account.isWatched("0.01"));
            QVERIFY(account.rest());
            QVERIFY(account.breach());
            QCOMPARE(account.closes(), rounds + 1); // one order for each breach; nothing that lay ready went beside it
            QVERIFY(account.isFlat());
            QVERIFY(account.fixture.venue->setMark("BTC", usual).has_value());
        }
        QCOMPARE(account.client->sentReady(), std::uint64_t{1});
    }

    void whatChangesBeforeTheBreachIsSigned_data()
    {
        QTest::addColumn<bool>("isSize");
        QTest::newRow("the position grows") << true;
        QTest::newRow("the limit is tightened") << false;
    }
    void whatChangesBeforeTheBreachIsSigned()
    {
        QFETCH(bool, isSize);
        GuardedAccount account;
        QVERIFY(account.start());
        account.open("0.01");
        QVERIFY(account.isWatched("0.01"));
        QVERIFY(account.rest());
        const auto before = account.trigger();
        if (isSize) {
            account.open("0.02");
            QVERIFY(account.isWatched("0.03"));
        } else {
            account.engine->holdLimits({Venue::Hyperliquid, closeAt("0.2")});
            QVERIFY(waitFor([&] { return account.trigger() && account.trigger() > before; }));
        }
        QVERIFY(account.rest());
        QVERIFY(account.breach());
        QCOMPARE(account.closes(), 1);
        QCOMPARE(account.fixture.venue->desk().history(0).front()->filled.text(), std::string(isSize ? "0.03" : "0.01"));
    }

    void whatIsNotNeededIsNeverSent()
    {
        GuardedAccount account;
        QVERIFY(account.start());
        account.open("0.01");
        QVERIFY(account.isWatched("0.01"));
        QVERIFY(account.rest());
        account.fixture.submit(account.fixture.market("by-hand", Side::Sell, "0.01"));
        QVERIFY(waitFor([&] { return account.fixture.position() == 0; }));
        QVERIFY(account.isFlat());
        QVERIFY(account.rest());
        QCOMPARE(account.closes(), 0);
        QCOMPARE(account.client->sentReady(), std::uint64_t{0});
        QCOMPARE(account.fixture.venue->desk().history(0).size(), std::size_t{2}); // both were ours by hand
    }
};

QTEST_GUILESS_MAIN(TestHlForeseen)
#include "tst_hl_foreseen.moc"
