#include "tests/soak/soak.h"

#include <algorithm>
#include <cstdio>

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

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
constexpr Duration kQuietAtMost = 60s;
constexpr std::chrono::milliseconds kReportEvery{10'000};
constexpr std::chrono::milliseconds kCheckEvery{2'000};
constexpr int kWorkMinMs = 60;
constexpr int kWorkMaxMs = 300;
constexpr std::size_t kListedMost = 40;

[[nodiscard]] double secondsOf(Duration duration)
{
    return std::chrono::duration<double>(duration).count();
}

[[nodiscard]] qint64 millisecondsOf(Duration duration)
{
    return duration / 1ms;
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
                       .workload = {}, .symbols = binanceSymbols(setup), .booksLeft = {}, .verdicts = {}, .last = {}});
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
                       .workload = {}, .symbols = hyperliquidSymbols(setup), .booksLeft = {}, .verdicts = {}, .last = {}});
    for (std::size_t i = 0; i < m_sides.size(); ++i) {
        Side &side = m_sides[i];
        side.workload = std::make_unique<Workload>(*side.client, *side.trader, side.symbols, setup.seed * 4 + i);
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
    std::string line = fmt::format("{:5.0f} s", elapsedSeconds());
    for (const Side &side : m_sides) {
        const auto plan = faultsOf(m_options.setup, side.trader->venue(),
                                   std::chrono::seconds(static_cast<int>(m_options.minutes * 60)));
        const auto begun = std::count_if(plan.rules.begin(), plan.rules.end(), [this](const venue::FaultRule &rule) {
            return secondsOf(rule.from) <= elapsedSeconds();
        });
        const TraderFigures &seen = side.trader->figures;
        line += fmt::format(" | {}: {} messages, {} orders, {} live, {} fills, {} faults, {} reconnects{}",
                            name(side.trader->venue()), seen.messages, side.workload->figures().orders,
                            side.trader->live.size(), side.trader->fills.size(), begun, side.trader->reconnects(),
                            side.trader->isTrusted() ? "" : ", not reconciled");
    }
    say(line + fmt::format(" | {} KB, {} descriptors", m_samples.back().residentKb, m_samples.back().descriptors));
    m_venues.ask("figures", [this](const VenueProcess::Lines &lines) {
        if (!lines.empty())
            m_venueKb.push_back(numberIn(words(lines.front()).front()));
    });
}

void Soak::calmDown()
{
    m_isCalm = true;
    m_report.stop();
    m_samples.push_back(sampleNow());
    m_calmAt = m_clock.monotonic();
    say(fmt::format("{:5.0f} s | faults off, no more orders", elapsedSeconds()));
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

void Soak::judge()
{
    bool agreed = true;
    for (Side &side : m_sides) {
        for (const Symbol &symbol : side.booksLeft)
            side.last.books.push_back(fmt::format("book {}: never equal to the exchange's in {} comparisons ({} not remembered){}",
                                                  symbol.view(), side.verdicts[symbol]["differs"],
                                                  side.verdicts[symbol]["unknown"],
                                                  side.trader->isFresh(symbol) ? "" : ", not fresh"));
        agreed = agreed && side.last.isEmpty() && side.trader->isTrusted();
    }
    if (agreed || m_clock.monotonic() - m_calmAt > kQuietAtMost)
        return finish();
    m_check.start(kCheckEvery);
}

void Soak::finish()
{
    const int status = printEnd();
    auto waiting = std::make_shared<std::size_t>(m_sides.size());
    for (Side &side : m_sides)
        side.client->stop([this, waiting, status] {
            if (--*waiting == 0)
                m_done(status);
        });
}

int Soak::printEnd() const
{
    const auto text = [](std::string_view value) { return QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size())); };
    const double quiet = secondsOf(m_clock.monotonic() - m_calmAt);
    bool good = true;
    QJsonObject json{{QStringLiteral("seed"), static_cast<qint64>(m_options.setup.seed)},
                     {QStringLiteral("minutes"), m_options.minutes},
                     {QStringLiteral("symbols"), m_options.setup.symbols},
                     {QStringLiteral("quiet_s"), quiet}};
    const auto span = std::chrono::seconds(static_cast<int>(m_options.minutes * 60));
    for (const Side &side : m_sides) {
        const Disagreement &wrong = side.last;
        for (const auto *list : {&wrong.orders, &wrong.fills, &wrong.positions, &wrong.books})
            for (std::size_t i = 0; i < list->size(); ++i)
                if (i < kListedMost)
                    say(fmt::format("{}: {}", name(side.trader->venue()), (*list)[i]));
        good = good && wrong.isEmpty() && side.trader->isTrusted() && side.trader->figures.crossedWhileFresh == 0;
        std::map<std::string_view, int> faults;
        for (const venue::FaultRule &rule : faultsOf(m_options.setup, side.trader->venue(), span).rules)
            ++faults[venue::name(rule.kind)];
        QJsonObject byKind;
        for (const auto &[kind, count] : faults)
            byKind.insert(text(kind), count);
        const TraderFigures &seen = side.trader->figures;
        const WorkloadFigures &asked = side.workload->figures();
        const auto number = [](auto value) { return static_cast<qint64>(value); };
        json.insert(
            text(name(side.trader->venue())),
            QJsonObject{{QStringLiteral("books"), number(side.symbols.size())},
                        {QStringLiteral("messages"), number(seen.messages)},
                        {QStringLiteral("orders"), number(asked.orders)},
                        {QStringLiteral("changes"), number(asked.changes)},
                        {QStringLiteral("cancels"), number(asked.cancels)},
                        {QStringLiteral("cancel_alls"), number(asked.cancelAlls)},
                        {QStringLiteral("leverages"), number(asked.leverages)},
                        {QStringLiteral("answered"), number(asked.answered)},
                        {QStringLiteral("denied"), number(asked.denied)},
                        {QStringLiteral("fills"), number(side.trader->fills.size())},
                        {QStringLiteral("orders_unaccounted"), number(wrong.orders.size())},
                        {QStringLiteral("fills_missing"), number(wrong.fills.size())},
                        {QStringLiteral("positions_differ"), number(wrong.positions.size())},
                        {QStringLiteral("books_differ"), number(wrong.books.size())},
                        {QStringLiteral("reconciled_at_end"), side.trader->isTrusted()},
                        {QStringLiteral("outcomes_unknown"), number(seen.unknownOutcomes)},
                        {QStringLiteral("outcomes_refused"), number(seen.refusedOutcomes)},
                        {QStringLiteral("absent"), number(seen.absent)},
                        {QStringLiteral("differences_mended"), number(seen.differences)},
                        {QStringLiteral("reconciliations"), number(seen.reconciled)},
                        {QStringLiteral("crossed_while_fresh"), number(seen.crossedWhileFresh)},
                        {QStringLiteral("reconnects"), number(side.trader->reconnects())},
                        {QStringLiteral("max_gap_ms"), millisecondsOf(seen.silenceMost)},
                        {QStringLiteral("max_unreconciled_ms"), millisecondsOf(seen.untrustedMost)},
                        {QStringLiteral("faults"), byKind}});
    }
    std::vector<std::pair<double, double>> points;
    const double warm = m_options.minutes * 60 / 4;
    std::int64_t warmKb = 0;
    for (const Sample &sample : m_samples) {
        const double at = secondsOf(sample.at - m_startedAt);
        if (at < warm)
            continue;
        if (warmKb == 0)
            warmKb = sample.residentKb;
        points.emplace_back(at, static_cast<double>(sample.residentKb) / 1'024);
    }
    json.insert(QStringLiteral("rss_start_kb"), static_cast<qint64>(m_samples.front().residentKb));
    json.insert(QStringLiteral("rss_after_warmup_kb"), static_cast<qint64>(warmKb));
    json.insert(QStringLiteral("rss_end_kb"), static_cast<qint64>(m_samples.back().residentKb));
    json.insert(QStringLiteral("rss_slope_mb_per_hour"), slopePerHour(points));
    json.insert(QStringLiteral("descriptors_start"), m_samples.front().descriptors);
    json.insert(QStringLiteral("descriptors_end"), m_samples.back().descriptors);
    json.insert(QStringLiteral("venues_rss_end_kb"), static_cast<qint64>(m_venueKb.empty() ? 0 : m_venueKb.back()));
    json.insert(QStringLiteral("ok"), good);
    std::puts(QJsonDocument(json).toJson(QJsonDocument::Compact).constData());
    return good ? 0 : 1;
}

Soak::Sample Soak::sampleNow() const
{
    return {m_clock.monotonic(), residentKilobytes(), openDescriptors()};
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
