// P8: the guard as it is built (engine, real client, real sockets) against a loopback server on another thread: from the mark
// frame that breaches to the closing order at the server, against the echo of the same transport in the same run: a frame
// over the same WebSocket class, answered at once by a request over the same HTTP class from the same engine thread. Breach
// and echo take turns; behind both, the recording of the venue runs at ten times its speed. Usage:
// bench_guard_wire [--breaches 1000] [--load 10] [--venue binance|hyperliquid] [--gap]. Prints "P8-<venue> ratio ours peer rounds"
// (medians, µs), then what the guard adds to the echo. Journal records are counted, not written: the disk is P12's.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <QtCore/QCoreApplication>

#include "core/net/http_client.h"
#include "core/net/system_clock.h"
#include "core/net/web_socket.h"
#include "core/runtime/engine.h"
#include "core/runtime/worker_thread.h"
#include "tests/bench/null_records.h"
#include "tests/bench/wire_scripts.h"

using namespace core;
using namespace std::chrono_literals;

namespace
{
constexpr int kSignaturesChecked = 50;
constexpr auto kGiveUpAfter = 20s;

struct Samples {
    std::vector<double> ours; ///< µs
    std::vector<double> echo;
    std::uint64_t replayed{0};
    double seconds{0};
};

[[nodiscard]] double quantile(std::vector<double> values, double share)
{
    std::sort(values.begin(), values.end());
    return values.at(static_cast<std::size_t>(share * static_cast<double>(values.size() - 1)));
}

[[noreturn]] void giveUp(const std::string &why)
{
    fmt::print(stderr, "bench_guard_wire: {}\n", why);
    std::exit(1);
}

struct Plan {
    int breaches{1'000};
    int load{10};
    /// The close is due at 59100: 30 % of a margin of 1500 on 0.5 from 60000. Further than 0.4 % beyond (`--gap`) no order was
    /// foreseen, and Hyperliquid's is signed when it is due.
    std::string breachMark{"59090.0"};
};

/// The venue's side: opens a position, breaches it, waits for the order, shows it filled, sends an echo, and again.
class Lab
{
public:
    Lab(Venue venue, const Plan &plan, std::function<void(const Samples &)> done)
        : m_script(bench::scriptOf(venue)), m_breaches(plan.breaches), m_load(plan.load), m_breachMark(plan.breachMark),
          m_done(std::move(done)),
          m_server([this](const bench::WireRequest &request) { return answer(request); })
    {
        m_frames = bench::recordingOf(venue);
        if (m_frames.empty() && plan.load > 0)
            giveUp("the recording is not there; --load 0 measures without it");
        m_watch.setSingleShot(true);
        QObject::connect(&m_watch, &QTimer::timeout, &m_server,
                         [this] { giveUp(fmt::format("nothing came in step '{}' of round {}", m_step, m_samples.ours.size())); });
    }
    [[nodiscard]] quint16 httpPort() const { return m_server.httpPort(); }
    [[nodiscard]] quint16 webSocketPort() const { return m_server.webSocketPort(); }

    void begin()
    {
        for (const auto route : {bench::Route::Market, bench::Route::Account, bench::Route::Echo}) {
            if (!m_server.isListening(route))
                return later(20, "listening", [this] { begin(); });
        }
        if (m_load > 0)
            m_server.replay(std::move(m_frames), m_load, [this](std::string &text) { m_script->freshen(text); });
        m_startedAt = std::chrono::steady_clock::now();
        static_cast<void>(m_server.push(bench::Route::Market, m_script->mark("60000.0")));
        later(pause(), "first mark", [this] { open(); });
    }

private:
    void later(int milliseconds, const char *step, std::function<void()> action)
    {
        m_step = step;
        m_watch.start(kGiveUpAfter);
        QTimer::singleShot(std::chrono::milliseconds{milliseconds}, Qt::PreciseTimer, &m_server, std::move(action));
    }
    /// Breaches do not come in step with the recording's timer.
    [[nodiscard]] int pause()
    {
        m_seed = m_seed * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
        return 3 + static_cast<int>((m_seed >> 33U) % 4U);
    }
    void open()
    {
        static_cast<void>(m_server.push(bench::Route::Account, m_script->opened()));
        later(pause(), "open", [this] { breach(); });
    }
    void breach()
    {
        const QString frame = m_script->mark(m_breachMark);
        m_step = "breach";
        m_waiting = true;
        m_sentAt = m_server.push(bench::Route::Market, frame);
    }
    [[nodiscard]] std::string answer(const bench::WireRequest &request)
    {
        if (request.target.starts_with("/echo")) {
            m_samples.echo.push_back(microseconds(request.at));
            later(1, "echo", [this] { next(); });
            return "{}";
        }
        // The timer of an earlier run is taken off at the start: no order.
        const bool isTimer = request.body.find(R"("type":"scheduleCancel")") != std::string::npos;
        const bool isOrder = request.method == "POST" && !isTimer && (request.target.starts_with("/fapi/v1/order") ||
                                                                      request.target == "/exchange");
        if (isOrder) {
            if (!std::exchange(m_waiting, false) || !m_script->isWholeClose(request))
                giveUp(fmt::format("an order that nobody waits for: {} {}", request.target, request.body));
            m_samples.ours.push_back(microseconds(request.at));
            if (m_samples.ours.size() <= kSignaturesChecked && !m_script->isSignedRight(request))
                giveUp("the signature of the closing order is wrong");
            later(0, "fill", [this] {
                for (const QString &frame : m_script->closed())
                    static_cast<void>(m_server.push(bench::Route::Account, frame));
                // Another socket than the account's: it must be there long before the next position is.
                static_cast<void>(m_server.push(bench::Route::Market, m_script->mark("60000.0")));
                m_step = "verification";
                m_flat = true;
            });
        } else if (m_flat && m_script->asksPositions(request)) {
            m_flat = false;
            later(pause(), "echo", [this] {
                m_sentAt = m_server.push(bench::Route::Echo, m_script->mark(m_breachMark));
            });
        }
        return m_script->answer(request);
    }
    [[nodiscard]] double microseconds(bench::SteadyTime at) const
    {
        return std::chrono::duration<double, std::micro>(at - m_sentAt).count();
    }
    void next()
    {
        if (static_cast<int>(m_samples.ours.size()) < m_breaches)
            return open();
        m_watch.stop();
        m_samples.replayed = m_server.replayed();
        m_samples.seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - m_startedAt).count();
        m_done(m_samples);
    }

    std::unique_ptr<bench::VenueScript> m_script;
    int m_breaches;
    int m_load;
    std::string m_breachMark;
    std::function<void(const Samples &)> m_done;
    bench::WireServer m_server;
    std::vector<bench::ReplayFrame> m_frames;
    QTimer m_watch;
    Samples m_samples;
    bench::SteadyTime m_sentAt, m_startedAt;
    const char *m_step{"start"};
    bool m_waiting{false};
    bool m_flat{false};
    std::uint64_t m_seed{20'240'808};
};

/// The floor: the same classes on the same thread with nothing between frame and request.
class Echo
{
public:
    Echo(const Clock &clock, quint16 httpPort, quint16 webSocketPort)
        : m_address(fmt::format("http://127.0.0.1:{}", httpPort)), m_http(clock),
          m_socket({.name = "echo", .pingEvery = Duration{0}, .idleLimit = Duration{0}, .connects = {}}, clock,
                   {.opened = {}, .lost = {}, .frame = [this](std::string_view, UtcTime) { reply(); }})
    {
        m_http.keepWarm(m_address, 2);
        m_socket.start(fmt::format("ws://127.0.0.1:{}/echo", webSocketPort));
    }

private:
    void reply()
    {
        net::HttpRequest request;
        request.method = net::HttpMethod::Post;
        request.address = m_address;
        request.target = "/echo?" + std::string(280, 'x'); // as long as an order of Binance
        m_http.send(std::move(request), [](const net::HttpResult &) {});
    }

    std::string m_address;
    net::HttpClient m_http;
    net::WebSocket m_socket;
};

[[nodiscard]] runtime::EngineSetup setupOf(Venue venue)
{
    runtime::EngineSetup setup;
    setup.mode = runtime::Mode::Live;
    setup.account = AccountId::from("bench").value();
    setup.clients = {{.venue = venue, .address = "loopback", .symbols = {bench::contractOf(venue).symbol}, .account = true}};
    setup.limits = risk::defaultLimits();
    setup.limits.backstop.enabled = false; // the way of the close is measured, not that of the resting stops
    setup.arming = risk::Arming::Armed;
    setup.armedBy = "bench";
    return setup;
}

[[nodiscard]] Samples measure(Venue venue, const Plan &plan)
{
    const net::SystemClock clock;
    runtime::Channels channels;
    bench::NullRecords records;
    Samples samples;
    runtime::WorkerThread<Lab> thread(QStringLiteral("venue"));
    thread.start([&] {
        return std::make_unique<Lab>(venue, plan, [&samples](const Samples &all) {
            samples = all;
            QMetaObject::invokeMethod(qApp, &QCoreApplication::quit, Qt::QueuedConnection);
        });
    });
    quint16 http = 0;
    quint16 webSocket = 0;
    thread.call([&](Lab &lab) {
        http = lab.httpPort();
        webSocket = lab.webSocketPort();
    });
    {
        const Echo echo(clock, http, webSocket);
        runtime::Engine engine(clock, setupOf(venue), channels, records, 0);
        std::vector<std::unique_ptr<ports::ExchangeClient>> clients;
        clients.push_back(bench::clientOf(venue, http, webSocket, clock));
        engine.start(std::move(clients));
        QTimer screen;
        bool begun = false;
        int looks = 0;
        QObject::connect(&screen, &QTimer::timeout, &engine, [&] {
            const auto taken = channels.snapshot.take();
            static_cast<void>(channels.alerts.takeAll());
            static_cast<void>(channels.columns.takeAll());
            static_cast<void>(channels.screenTrades.takeAll());
            static_cast<void>(channels.analysisTrades.takeAll());
            if (!begun && taken && (*taken)->guard.reconciled) {
                begun = true;
                thread.post([](Lab &lab) { lab.begin(); });
            }
            if (!begun && ++looks > 600) {
                for (const auto &stream : taken ? (*taken)->streams : std::vector<ports::StreamStatus>{})
                    fmt::print(stderr, "{}: {}\n", stream.name, stream.lastError);
                giveUp("the account was not reconciled");
            }
        });
        screen.start(33ms);
        QCoreApplication::exec();
        engine.stop([] { QMetaObject::invokeMethod(qApp, &QCoreApplication::quit, Qt::QueuedConnection); });
        QCoreApplication::exec();
    }
    thread.stop();
    return samples;
}

void print(Venue venue, const Samples &samples)
{
    const std::string_view name = venue == Venue::Binance ? "binance" : "hyperliquid";
    const double ours = quantile(samples.ours, 0.5);
    const double echo = quantile(samples.echo, 0.5);
    const double oursTail = quantile(samples.ours, 0.99);
    const double echoTail = quantile(samples.echo, 0.99);
    fmt::print("P8-{} {:.3f} {:.1f} {:.1f} {}\n", name, ours / echo, ours, echo, samples.ours.size());
    fmt::print("P8-{}-p99 {:.3f} {:.1f} {:.1f} {}\n", name, oursTail / echoTail, oursTail, echoTail, samples.ours.size());
    fmt::print("P8-{}-over-echo-us p50 {:+.1f} p99 {:+.1f}\n", name, ours - echo, oursTail - echoTail);
    fmt::print("# {} frames of the recording behind it in {:.1f} s\n", samples.replayed, samples.seconds);
    std::fflush(stdout);
}
} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    Plan plan;
    std::vector<Venue> venues{Venue::Binance, Venue::Hyperliquid};
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        const QByteArray value = i + 1 < argc ? argv[i + 1] : "";
        if (option == "--gap") {
            plan.breachMark = "57000.0";
            continue;
        }
        ++i;
        if (option == "--breaches")
            plan.breaches = value.toInt();
        else if (option == "--load")
            plan.load = value.toInt();
        else if (option == "--venue")
            venues = {value == "binance" ? Venue::Binance : Venue::Hyperliquid};
        else
            giveUp("options: --breaches N, --load FACTOR, --venue binance|hyperliquid, --gap");
    }
    if (plan.breaches < 1 || plan.load < 0)
        giveUp("one breach at least, and a load of 0 or more");
    for (const Venue venue : venues)
        print(venue, measure(venue, plan));
    return 0;
}
