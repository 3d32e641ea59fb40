#include "core/venue/server.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/assert.h"
#include "core/venue/binance_subject.h"
#include "core/venue/binance_text.h"
#include "core/venue/faults_answers.h"
#include "core/venue/scenario.h"
#include "core/venue/server_impl.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace core::venue
{

namespace
{
constexpr int kIncomingPerSecondMax = 10;
constexpr int kSecondsPerPing = 180;
constexpr Duration kPongWithin = 10min;
constexpr Duration kLifetime = 24h;
constexpr Duration kMarketTickMax = 20ms; ///< how late a jump of a hand-driven clock is noticed

[[nodiscard]] FaultChannel channelOf(const QString &path)
{
    if (path.startsWith("/private"_L1))
        return FaultChannel::Private;
    if (path.startsWith("/market"_L1))
        return FaultChannel::Market;
    return path.startsWith("/public"_L1) ? FaultChannel::Public : FaultChannel::WebSocket;
}
} // namespace

VenueServer::VenueServer(VenueOptions options, const Clock &clock, QObject *parent)
    : QObject(parent), m_impl(std::make_unique<Impl>(*this, std::move(options), clock))
{
}

VenueServer::~VenueServer() = default;

Result<Endpoints> VenueServer::start()
{
    return m_impl->start();
}

Result<void> VenueServer::setFaults(FaultPlan plan)
{
    return m_impl->setFaults(std::move(plan));
}

Result<void> VenueServer::control(const ControlCall &call)
{
    return m_impl->control(call);
}

const VenueEngine &VenueServer::engine() const
{
    return m_impl->engine();
}

const ControlCounters &VenueServer::counters() const
{
    return m_impl->counters();
}

VenueServer::Impl::Impl(VenueServer &server, VenueOptions options, const Clock &clock)
    : m_server(server), m_options(std::move(options)), m_clock(clock),
      m_hub([this](StreamHub::ConnectionId id, std::string_view frame) { send(id, frame); }),
      m_http([this](const HttpRequest &request) { return onRequest(request); }, this),
      m_webSockets(u"ETRMS loopback"_s, QWebSocketServer::NonSecureMode, this),
      m_wire(m_webSockets, m_gate, m_clock, this), m_marketTimer(this),
      m_secondTimer(this), m_candleTimer(this)
{
    connect(&m_webSockets, &QWebSocketServer::newConnection, this, [this] { onSocket(); });
    m_marketTimer.setSingleShot(true);
    m_marketTimer.setTimerType(Qt::PreciseTimer);
    connect(&m_marketTimer, &QTimer::timeout, this, [this] { playMarket(); });
    connect(&m_secondTimer, &QTimer::timeout, this, [this] { onSecond(); });
    connect(&m_candleTimer, &QTimer::timeout, this, [this] { publishCandles(); });
}

VenueServer::Impl::~Impl()
{
    for (auto &[id, client] : m_clients)
        client.socket->disconnect(this);
}

Result<Endpoints> VenueServer::Impl::start()
{
    CORE_ASSERT(m_engine == nullptr, "REQUIRES: started once");
    const auto *recording = std::get_if<RecordingOptions>(&m_options.market);
    if (recording != nullptr && m_options.instruments.empty() && !recording->files.empty()) {
        auto derived = instrumentsOf(*recording);
        if (!derived)
            return fail(derived.error());
        m_options.instruments = std::move(*derived);
    }
    if (const auto valid = validate(m_options); !valid)
        return fail(valid.error());
    if (const auto opened = openMarket(); !opened)
        return fail(opened.error());
    Endpoints endpoints;
    if (const auto listening = listen(endpoints); !listening)
        return fail(listening.error());
    m_live = true;
    m_startedAt = m_clock.monotonic();
    m_gate.set(m_options.faults, m_startedAt);
    m_secondTimer.start(1s);
    m_candleTimer.start(250ms);
    playMarket();
    return endpoints;
}

Result<void> VenueServer::Impl::openMarket()
{
    m_engine = std::make_unique<VenueEngine>(m_options, m_clock);
    m_api = std::make_unique<BinanceApi>(*m_engine, m_candles);
    Result<std::unique_ptr<MarketSource>> source;
    if (const auto *recording = std::get_if<RecordingOptions>(&m_options.market)) {
        source = openRecording(*recording);
    } else {
        source = makeScenario(std::get<ScenarioOptions>(m_options.market), m_options.instruments);
    }
    if (!source)
        return fail(source.error());
    for (const Symbol &symbol : (*source)->symbols())
        if (m_engine->instrument(symbol) == nullptr)
            return fail(ErrorCode::InvalidArgument,
                        "instruments: " + symbol.string() + " is in the recording and not in the list");
    m_feed = std::make_unique<MarketFeed>(std::move(*source), m_options, *this, [this](const Symbol &symbol) {
        return m_engine->book(symbol).middle();
    });
    if (const auto started = m_feed->start(m_clock.now()); !started)
        return started;
    if (const auto placed = m_engine->placeInitialPositions(); !placed)
        return placed;
    m_engine->setListener(this);
    m_api->setListenKeyListener(this);
    return {};
}

Result<void> VenueServer::Impl::listen(Endpoints &endpoints)
{
    const auto httpPort = m_http.listen(m_options.httpPort);
    if (!httpPort)
        return fail(httpPort.error());
    const auto webSocketPort = m_wire.listen(m_options.webSocketPort);
    if (!webSocketPort)
        return fail(webSocketPort.error());
    if (m_options.control) {
        m_control = std::make_unique<ControlServer>(*this, this);
        const auto opened = m_control->listen();
        if (!opened)
            return fail(opened.error());
        endpoints.controlUrl = *opened;
        endpoints.controlToken = m_control->token();
    }
    endpoints.restUrl = fmt::format("http://127.0.0.1:{}", *httpPort);
    endpoints.webSocketUrl = fmt::format("ws://127.0.0.1:{}", *webSocketPort);
    endpoints.publicStreamUrl = endpoints.webSocketUrl + "/public";
    endpoints.marketStreamUrl = endpoints.webSocketUrl + "/market";
    endpoints.privateStreamUrl = endpoints.webSocketUrl + "/private";
    endpoints.webSocketApiUrl = endpoints.webSocketUrl + "/ws-fapi/v1";
    return {};
}

HttpReply VenueServer::Impl::onRequest(const HttpRequest &request)
{
    applyFaults();
    const FaultSubject subject = binanceSubject(request);
    bool isExecuted = false;
    HttpReply reply = answerUnderFaults(m_gate, subject, {Venue::Binance, m_clock.monotonic(), m_clock.now()}, [&] {
        isExecuted = true;
        return serve(request);
    });
    m_counters.onRequest(subject, binanceIdentity(request), answerCode(reply), isExecuted, m_clock.monotonic());
    return reply;
}

HttpReply VenueServer::Impl::serve(const HttpRequest &request)
{
    ApiResponse response = m_api->handle(
        {request.method, request.path, request.query, request.body, request.header("x-mbx-apikey")});
    return {.status = response.status,
            .headers = std::move(response.headers),
            .body = std::move(response.body)};
}

void VenueServer::Impl::onSocket()
{
    while (QWebSocket *socket = m_webSockets.nextPendingConnection()) {
        const StreamHub::ConnectionId id = m_nextClient++;
        socket->setParent(&m_webSockets);
        socket->setMaxAllowedIncomingMessageSize(256U * 1024U);
        connect(socket, &QWebSocket::disconnected, this, [this, id, socket] {
            m_hub.close(id);
            m_clients.erase(id);
            socket->deleteLater();
        });
        const QUrl url = socket->requestUrl();
        QString target = url.path(QUrl::FullyEncoded);
        if (url.hasQuery())
            target += u'?' + url.query(QUrl::FullyEncoded);
        const FaultChannel channel = channelOf(url.path());
        m_wire.attach(socket, channel);
        m_clients[id] = {.socket = socket, .channel = channel, .openedAt = m_clock.monotonic(), .pongAt = m_clock.monotonic()};
        if (url.path() == "/ws-fapi/v1"_L1) {
            m_clients[id].session.emplace();
        } else if (const auto opened = m_hub.open(id, target.toStdString()); !opened) {
            socket->close(QWebSocketProtocol::CloseCodePolicyViolated,
                          QString::fromStdString(opened.error().detail));
            continue;
        }
        connect(socket, &QWebSocket::textMessageReceived, this,
                [this, id](const QString &text) { onSocketText(id, text); });
        connect(socket, &QWebSocket::pong, this, [this, id] {
            if (const auto client = m_clients.find(id); client != m_clients.end())
                client->second.pongAt = m_clock.monotonic();
        });
    }
}

void VenueServer::Impl::onSocketText(StreamHub::ConnectionId id, const QString &text)
{
    const auto found = m_clients.find(id);
    if (found == m_clients.end() || found->second.doomed)
        return;
    Client &client = found->second;
    if (client.session) {
        const std::string answer = BinanceSocketApi(*m_api).answer(*client.session, text.toStdString());
        send(id, answer);
        return;
    }
    const std::int64_t second = std::chrono::floor<std::chrono::seconds>(m_clock.monotonic()).count();
    client.messagesInSecond = client.second == second ? client.messagesInSecond + 1 : 1;
    client.second = second;
    if (client.messagesInSecond > kIncomingPerSecondMax) {
        doom(client, id, u"more than 10 incoming messages in a second"_s);
        return;
    }
    m_hub.onText(id, text.toStdString());
}

void VenueServer::Impl::send(StreamHub::ConnectionId id, std::string_view frame)
{
    const auto found = m_clients.find(id);
    if (found == m_clients.end() || found->second.doomed)
        return;
    m_wire.send(found->second.socket, found->second.channel, eventNameOf(frame, "e"), frame);
    if (static_cast<std::size_t>(found->second.socket->bytesToWrite()) > m_options.socketBacklogMax)
        doom(found->second, id, u"reads too slowly"_s);
}

/// Later, because whoever called may be walking over the connections.
void VenueServer::Impl::doom(Client &client, StreamHub::ConnectionId id, const QString &why)
{
    client.doomed = true;
    emit m_server.noticed(u"WebSocket %1 is cut off: %2"_s.arg(id).arg(why));
    QTimer::singleShot(0, client.socket, [socket = client.socket] { socket->abort(); });
}

void VenueServer::Impl::playMarket()
{
    const Duration elapsed = m_clock.monotonic() - m_startedAt;
    applyFaults();
    m_feed->advance(elapsed, MarketFeed::kStepsAtOnce);
    m_engine->onTimer();
    const auto next = m_feed->nextAt();
    if (!next) {
        if (!std::exchange(m_ended, true))
            emit m_server.marketEnded();
        return;
    }
    const Duration wait =
        std::clamp(*next - (m_clock.monotonic() - m_startedAt), Duration{0}, kMarketTickMax);
    m_marketTimer.start(std::chrono::ceil<std::chrono::milliseconds>(wait));
}

void VenueServer::Impl::onSecond()
{
    m_api->onTimer();
    publishSecond();
    if (++m_seconds % kSecondsPerPing != 0)
        return;
    const Duration now = m_clock.monotonic();
    for (auto &[id, client] : m_clients) {
        if (client.doomed)
            continue;
        if (now - client.openedAt > kLifetime)
            doom(client, id, u"24 hours are over"_s);
        else if (now - client.pongAt > kPongWithin)
            doom(client, id, u"no pong for 10 minutes"_s);
        else
            client.socket->ping();
    }
}

} // namespace core::venue
