#include "tests/soak/soak.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "core/exchange/binance/client.h"
#include "core/exchange/hyperliquid/client.h"
#include "core/venue/hyperliquid/options.h"
#include "tests/soak/figures.h"

namespace tests::soak
{

using namespace core;
using namespace std::chrono_literals;

namespace
{
constexpr Duration kReadyWithin = 120s;
constexpr Duration kSilenceAtMost = 390s; ///< a client that was shut out asks nothing for 5 minutes, then backs off
constexpr Duration kUnknownAtMost = 90s;  ///< two polls and their time-outs: from then on the client has to say that it doubts
constexpr std::chrono::milliseconds kReportEvery{10'000};
constexpr std::chrono::milliseconds kCheckEvery{2'000};
constexpr int kWorkMinMs = 60;
constexpr int kWorkMaxMs = 300;

[[nodiscard]] double secondsOf(Duration duration)
{
    return std::chrono::duration<double>(duration).count();
}
} // namespace

Soak::Soak(SoakOptions options)
    : m_options(options), m_venues(options.setup), m_random(options.setup.seed ^ 0x736F616BULL)
{
    m_work.setSingleShot(true);
    connect(&m_work, &QTimer::timeout, this, [this] { onWork(); });
    connect(&m_report, &QTimer::timeout, this, [this] { onReport(); });
    m_check.setSingleShot(true);
}

Soak::~Soak() = default;

void Soak::start(std::function<void(int)> done)
{
    m_done = std::move(done);
    say(fmt::format("seed {}, {} minutes, {} symbols", m_options.setup.seed, m_options.minutes, m_options.setup.symbols));
    const auto endpoints = m_venues.start();
    if (endpoints.empty())
        return fail("the exchanges did not start");
    openClients(endpoints);
    m_startedAt = m_clock.monotonic();
    awaitReady();
}

void Soak::openClients(const VenueProcess::Lines &endpoints)
{
    const SoakSetup &setup = m_options.setup;
    exchange::binance::ClientOptions binance;
    binance.endpoints.environment = exchange::binance::Environment::Loopback;
    binance.endpoints.rest = endpoints[1];
    binance.endpoints.streamsPublic = binance.endpoints.streamsMarket = binance.endpoints.streamsPrivate = endpoints[2];
    binance.account = AccountId::from("soak").value_or(AccountId{});
    binance.credentials = exchange::binance::Credentials{net::Secret(binanceKey(setup.seed)),
                                                         net::Secret(binanceSecret(setup.seed))};
    binance.seed = setup.seed;
    m_sides.push_back({.trader = std::make_unique<Trader>(Venue::Binance, kBinanceDepth, m_clock),
                       .client = std::make_unique<exchange::binance::BinanceClient>(std::move(binance), m_clock),
                       .workload = {}, .symbols = binanceSymbols(setup), .booksLeft = {}, .verdicts = {}, .last = {},
                       .plan = {}, .unknownSince = {}});
    const auto account = venue::hyperliquid::testAccounts(setup.seed, 1).front();
    exchange::hyperliquid::ClientOptions hyperliquid;
    hyperliquid.endpoints = {.environment = exchange::hyperliquid::Environment::Loopback,
                             .source = exchange::hyperliquid::SigningSource::Mainnet,
                             .rest = endpoints[3],
                             .webSocket = endpoints[4]};
    hyperliquid.account = AccountId::from("soak").value_or(AccountId{});
    hyperliquid.address = account.accountAddress;
    hyperliquid.agentKey.emplace(account.agentKey);
    hyperliquid.seed = setup.seed;
    m_sides.push_back({.trader = std::make_unique<Trader>(Venue::Hyperliquid, kHyperliquidDepth, m_clock),
                       .client = std::make_unique<exchange::hyperliquid::HyperliquidClient>(std::move(hyperliquid), m_clock),
                       .workload = {}, .symbols = hyperliquidSymbols(setup), .booksLeft = {}, .verdicts = {}, .last = {},
                       .plan = {}, .unknownSince = {}});
    for (std::size_t i = 0; i < m_sides.size(); ++i) {
        Side &side = m_sides[i];
        side.workload = std::make_unique<Workload>(*side.client, *side.trader, side.symbols, setup.seed * 4 + i);
        side.plan = faultsOf(setup, side.trader->venue(), std::chrono::seconds(static_cast<int>(m_options.minutes * 60)));
        side.client->start(*side.trader, side.symbols);
    }
}

void Soak::awaitReady()
{
    const bool ready = std::all_of(m_sides.begin(), m_sides.end(), [](const Side &side) {
        return side.trader->isReady(side.symbols.size()) && side.trader->marks.size() == side.symbols.size();
    });
    if (ready)
        return trade();
    if (m_clock.monotonic() - m_startedAt > kReadyWithin) {
        for (const Side &side : m_sides)
            say(fmt::format("{}: trusted {}, {} fresh books, {} marks", name(side.trader->venue()),
                            side.trader->isTrusted(), side.trader->freshBooks(), side.trader->marks.size()));
        return fail("the clients did not get ready");
    }
    QTimer::singleShot(100, this, [this] { awaitReady(); });
}

void Soak::trade()
{
    say(fmt::format("ready after {:.1f} s", elapsedSeconds()));
    m_startedAt = m_clock.monotonic();
    for (Side &side : m_sides)
        side.trader->endSilence();
    m_samples.push_back(sampleNow());
    m_venues.ask(fmt::format("faults {}", static_cast<int>(m_options.minutes * 60)), {});
    m_report.start(kReportEvery);
    m_work.start(kWorkMinMs);
    QTimer::singleShot(std::chrono::milliseconds(static_cast<std::int64_t>(m_options.minutes * 60'000)), this,
                       [this] { calmDown(); });
}

void Soak::onWork()
{
    if (m_isCalm)
        return;
    m_sides[m_random.below(m_sides.size())].workload->step();
    m_work.start(kWorkMinMs + static_cast<int>(m_random.below(kWorkMaxMs - kWorkMinMs)));
}

void Soak::onReport()
{
    m_samples.push_back(sampleNow());
    tellFaults();
    std::string line = fmt::format("{:5.0f} s", elapsedSeconds());
    for (std::size_t i = 0; i < m_sides.size(); ++i) {
        const Side &side = m_sides[i];
        const TraderFigures &seen = side.trader->figures;
        line += fmt::format(" | {}: {} messages, {} orders, {} live, {} fills, {} faults, {} reconnects{}",
                            name(side.trader->venue()), seen.messages, side.workload->figures().orders,
                            side.trader->live.size(), side.trader->fills.size(), side.faultsTold,
                            side.trader->reconnects(),
                            side.trader->isSure()      ? ""
                            : side.trader->isTrusted() ? ", stale: " + side.trader->doubt()
                                                       : ", not reconciled: " + side.trader->doubt());
        probe(i);
    }
    const Sample &now = m_samples.back();
    say(line + fmt::format(" | {} KB resident, {} KB in use, {} descriptors", now.residentKb, now.heapKb, now.descriptors));
    m_venues.ask("figures", [this](const VenueProcess::Lines &lines) {
        if (!lines.empty())
            m_venueKb.push_back(numberIn(words(lines.front()).front()));
    });
}

void Soak::tellFaults()
{
    for (Side &side : m_sides)
        for (const auto &rules = side.plan.rules;
             side.faultsTold < rules.size() && secondsOf(rules[side.faultsTold].from) <= elapsedSeconds(); ++side.faultsTold) {
            const venue::FaultRule &rule = rules[side.faultsTold];
            say(fmt::format("        {} {:.1f} to {:.1f} s: {} ({})", name(side.trader->venue()), secondsOf(rule.from),
                            secondsOf(rule.until.value_or(rule.from)), name(rule.kind), name(rule.channel)));
        }
}

/// In the middle of it: a fill or a position that the client does not know may be late, but not for long while the client
/// says that its account is fresh.
void Soak::probe(std::size_t index)
{
    m_venues.ask(fmt::format("truth {}", name(m_sides[index].trader->venue())),
                 [this, index](const VenueProcess::Lines &lines) {
                     Side &side = m_sides[index];
                     const auto truth = parseTruth(lines);
                     const Disagreement seen = truth ? compare(*side.trader, *truth) : Disagreement{};
                     std::map<std::string, Duration> unknown;
                     const auto note = [&](const std::string &what) {
                         const auto since = side.unknownSince.find(what);
                         unknown.emplace(what, since == side.unknownSince.end() ? m_clock.monotonic() : since->second);
                     };
                     for (const std::string &fill : seen.fills)
                         note(fill);
                     for (const std::string &position : seen.positions)
                         note(position.substr(0, position.find(':')));
                     side.unknownSince = std::move(unknown);
                     for (auto &[what, since] : side.unknownSince) {
                         if (m_clock.monotonic() - since < kUnknownAtMost || !side.trader->isSure())
                             continue;
                         ++side.overconfident;
                         since = m_clock.monotonic(); // told once in so long
                         say(fmt::format("        {} is sure of itself and does not know: {}", name(side.trader->venue()), what));
                     }
                 });
}

void Soak::calmDown()
{
    m_isCalm = true;
    m_report.stop();
    m_samples.push_back(sampleNow());
    m_calmAt = m_clock.monotonic();
    tellFaults();
    say(fmt::format("{:5.0f} s | faults off, no more orders", elapsedSeconds()));
    for (const Side &side : m_sides)
        if (!side.trader->isSure())
            say(fmt::format("        {} cannot be compared yet, at most {:.0f} s are waited: {}", name(side.trader->venue()),
                            secondsOf(kSilenceAtMost), side.trader->doubt()));
    m_venues.ask("calm", {});
    m_venues.ask("watch", {});
    for (Side &side : m_sides) {
        side.trader->watch();
        side.booksLeft.insert(side.symbols.begin(), side.symbols.end());
    }
    connect(&m_check, &QTimer::timeout, this, [this] { check(); });
    m_check.start(kCheckEvery);
}

// ---- the end: does the client know what the exchange knows? ----

void Soak::check()
{
    m_openQuestions = 0;
    for (std::size_t i = 0; i < m_sides.size(); ++i) {
        askTruth(i);
        askBooks(i);
    }
}

void Soak::askTruth(std::size_t index)
{
    ++m_openQuestions;
    m_venues.ask(fmt::format("truth {}", name(m_sides[index].trader->venue())),
                 [this, index](const VenueProcess::Lines &lines) {
                     Side &side = m_sides[index];
                     const auto truth = parseTruth(lines);
                     side.last = truth ? compare(*side.trader, *truth) : Disagreement{};
                     if (!truth)
                         side.last.orders.push_back("the exchange's answer cannot be read");
                     if (--m_openQuestions == 0)
                         judge();
                 });
}

void Soak::askBooks(std::size_t index)
{
    Side &side = m_sides[index];
    for (const Symbol &symbol : std::set<Symbol>(side.booksLeft)) {
        auto &kept = side.trader->shown[symbol];
        for (std::size_t back = 1; back <= std::min<std::size_t>(kept.size(), 4); ++back) {
            const ShownBook &book = kept[kept.size() - back];
            ++m_openQuestions;
            m_venues.ask(fmt::format("book {} {} {} {}", name(side.trader->venue()), symbol.view(), book.venueMs,
                                     static_cast<std::int64_t>(book.hash)),
                         [this, index, symbol](const VenueProcess::Lines &lines) {
                             if (!lines.empty())
                                 ++m_sides[index].verdicts[symbol][lines.front()];
                             if (!lines.empty() && lines.front() == "same")
                                 m_sides[index].booksLeft.erase(symbol);
                             if (--m_openQuestions == 0)
                                 judge();
                         });
        }
    }
}

/// Both clients are sure of their accounts: when they stay so, they have to agree soon.
bool Soak::isSettled()
{
    const bool settled =
        std::all_of(m_sides.begin(), m_sides.end(), [](const Side &side) { return side.trader->isSure(); });
    if (!settled)
        m_settledAt.reset();
    if (settled && !m_settledAt) {
        m_settledAt = m_clock.monotonic();
        say(fmt::format("{:5.0f} s | both accounts can be compared", elapsedSeconds()));
    }
    return settled;
}

void Soak::judge()
{
    bool agreed = isSettled();
    for (Side &side : m_sides) {
        for (const Symbol &symbol : side.booksLeft)
            side.last.books.push_back(fmt::format("book {}: never equal to the exchange's in {} comparisons ({} not remembered){}",
                                                  symbol.view(), side.verdicts[symbol]["differs"],
                                                  side.verdicts[symbol]["unknown"],
                                                  side.trader->isFresh(symbol) ? "" : ", not fresh"));
        agreed = agreed && side.last.isEmpty();
    }
    const Duration now = m_clock.monotonic();
    const bool isLate = m_settledAt ? now - *m_settledAt > kUnknownAtMost : now - m_calmAt > kSilenceAtMost;
    if (agreed || isLate)
        return finish();
    m_check.start(kCheckEvery);
}

void Soak::finish()
{
    m_samples.push_back(sampleNow()); // now, when nothing waits any more
    const int status = printEnd();
    auto waiting = std::make_shared<std::size_t>(m_sides.size());
    for (Side &side : m_sides)
        side.client->stop([this, waiting, status] {
            if (--*waiting == 0)
                m_done(status);
        });
}

Soak::Sample Soak::sampleNow() const
{
    return {m_clock.monotonic(), residentKilobytes(), heapKilobytes() - keptBytes / 1'024, openDescriptors()};
}

double Soak::elapsedSeconds() const
{
    return secondsOf(m_clock.monotonic() - m_startedAt);
}

void Soak::say(const std::string &line) const
{
    if (m_options.jsonOnly)
        return;
    std::puts(line.c_str());
    std::fflush(stdout);
}

void Soak::fail(const std::string &why)
{
    std::fputs(("soak: " + why + "\n").c_str(), stderr);
    QTimer::singleShot(0, this, [this] { m_done(2); });
}

} // namespace tests::soak
