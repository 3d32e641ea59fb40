#include "core/venue/hyperliquid/server.h"

#include <algorithm>

#include <QtCore/QJsonDocument>

#include <fmt/format.h>

#include "core/venue/faults_answers.h"
#include "core/venue/hyperliquid/server_impl.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace core::venue::hyperliquid
{

namespace hl = exchange::hyperliquid;

namespace
{
constexpr Duration kMarketTickMax = 20ms; ///< how late a jump of a hand-driven clock is noticed
constexpr Duration kBlock = 100ms;

/// What a frame of the one socket is about.
[[nodiscard]] FaultChannel channelOf(std::string_view channel)
{
    static constexpr std::string_view kPublic[] = {"l2Book", "bbo"};
    static constexpr std::string_view kMarket[] = {"trades", "candle", "activeAssetCtx", "allMids", "assetCtxs",
                                                   "allDexsAssetCtxs"};
    static constexpr std::string_view kControl[] = {"", "pong", "subscriptionResponse", "error", "post"};
    const auto in = [channel](const auto &list) {
        return std::find(std::begin(list), std::end(list), channel) != std::end(list);
    };
    if (in(kControl))
        return FaultChannel::WebSocket;
    if (in(kPublic))
        return FaultChannel::Public;
    return in(kMarket) ? FaultChannel::Market : FaultChannel::Private;
}

/// An action for faults and counters; `identity` is what it is about, the same when it is asked again.
[[nodiscard]] FaultSubject actionSubject(const hl::ActionValue &body, std::string &identity)
{
    FaultSubject subject{FaultFamily::Request, FaultChannel::Order, {}, false};
    const hl::ActionValue *action = body.find("action");
    if (action == nullptr)
        return subject;
    subject.name = action->textOf("type");
    identity = subject.name;
    const hl::ActionValue *orders = action->find("orders");
    const hl::ActionValue *cancels = action->find("cancels");
    for (const hl::ActionValue *list : {orders, cancels})
        if (list != nullptr && list->array() != nullptr && !list->array()->empty())
            for (const std::string_view key : {"c", "cloid"})
                identity += list->array()->front().textOf(key);
    subject.reducesRisk = subject.name.starts_with("cancel") || subject.name == "scheduleCancel";
    if (orders != nullptr && orders->array() != nullptr)
        subject.reducesRisk = !orders->array()->empty() &&
                              std::all_of(orders->array()->begin(), orders->array()->end(),
                                          [](const hl::ActionValue &order) {
                                              const hl::ActionValue *only = order.find("r");
                                              return only != nullptr && only->boolean() != nullptr && *only->boolean();
                                          });
    return subject;
}

[[nodiscard]] HttpReply htmlReply(int status)
{
    return {.status = status, .headers = {}, .body = fmt::format("<html><body><h1>{}</h1></body></html>", status)};
}
} // namespace

HyperliquidServer::HyperliquidServer(HyperliquidOptions options, const Clock &clock, QObject *parent)
    : QObject(parent), m_impl(std::make_unique<Impl>(*this, std::move(options), clock))
{
}

HyperliquidServer::~HyperliquidServer() = default;

Result<HyperliquidEndpoints> HyperliquidServer::start()
{
    return m_impl->start();
}

DeskFaults &HyperliquidServer::faults()
{
    return m_impl->m_options.faults;
}

const Desk &HyperliquidServer::desk() const
{
    return m_impl->desk();
}

Result<void> HyperliquidServer::delist(std::string_view coin)
{
    const auto asset = m_impl->desk().universe().assetOf(coin);
    if (!asset)
        return fail(ErrorCode::NotFound, fmt::format("coin {} is not listed here", coin));
    m_impl->desk().delist(*asset);
    m_impl->flush();
    return {};
}

Result<void> HyperliquidServer::setMark(std::string_view coin, Price mark)
{
    const auto asset = m_impl->desk().universe().assetOf(coin);
    if (!asset)
        return fail(ErrorCode::NotFound, fmt::format("coin {} is not listed here", coin));
    m_impl->market().setMark(*asset, mark);
    m_impl->flush();
    return {};
}

Result<void> HyperliquidServer::setFaults(FaultPlan plan)
{
    return m_impl->setFaults(std::move(plan));
}

const ControlCounters &HyperliquidServer::counters() const
{
    return m_impl->counters();
}

void HyperliquidServer::dropSockets()
{
    m_impl->dropSockets();
}

HyperliquidServer::Impl::Impl(HyperliquidServer &server, HyperliquidOptions options, const Clock &clock)
    : m_options(std::move(options)), m_server(server), m_clock(clock), m_weight(m_options.weightPerMinute),
      m_http([this](const HttpRequest &request) { return onRequest(request); }, this),
      m_webSockets(u"ETRMS loopback"_s, QWebSocketServer::NonSecureMode, this),
      m_wire(m_webSockets, m_gate, m_clock, this), m_marketTimer(this),
      m_secondTimer(this), m_flushTimer(this)
{
    connect(&m_webSockets, &QWebSocketServer::newConnection, this, [this] { onSocket(); });
    m_marketTimer.setSingleShot(true);
    m_marketTimer.setTimerType(Qt::PreciseTimer);
    m_flushTimer.setSingleShot(true);
    connect(&m_marketTimer, &QTimer::timeout, this, [this] { playMarket(); });
    connect(&m_secondTimer, &QTimer::timeout, this, [this] { onSecond(); });
    connect(&m_flushTimer, &QTimer::timeout, this, [this] { flush(); });
}

HyperliquidServer::Impl::~Impl()
{
    for (auto &[id, socket] : m_sockets)
        socket->disconnect(this);
}

Result<HyperliquidEndpoints> HyperliquidServer::Impl::start()
{
    CORE_ASSERT(m_desk == nullptr, "REQUIRES: started once");
    if (const auto valid = validate(m_options); !valid)
        return fail(valid.error());
    m_desk = std::make_unique<Desk>(m_options, m_clock);
    m_tape = std::make_unique<Tape>(m_desk->universe());
    m_credentials = std::make_unique<Credentials>(m_options);
    m_budget = std::make_unique<RequestBudget>(m_options.requestBudget, m_options.accounts.size());
    m_exchange = std::make_unique<ExchangeApi>(*m_desk, *m_credentials, *m_budget, m_options, m_clock);
    m_info = std::make_unique<InfoApi>(*m_desk, *m_tape, *m_credentials, *m_budget, m_clock);
    m_hub = std::make_unique<SocketHub>(
        *m_desk, *m_tape, *m_info, m_clock,
        [this](SocketHub::ConnectionId id, std::string_view frame) { send(id, frame); },
        [this](const hl::ActionValue &body) { return act(body); });
    m_market = std::make_unique<Market>(*m_desk, *m_tape, *m_hub, m_options, m_clock);
    if (const auto opened = m_market->start(); !opened)
        return fail(opened.error());
    if (const auto placed = m_desk->placeInitialPositions(); !placed)
        return fail(placed.error());
    auto endpoints = listen();
    if (!endpoints)
        return endpoints;
    m_startedAt = m_clock.monotonic();
    m_gate.set(m_options.faultPlan, m_startedAt);
    m_secondTimer.start(1s);
    playMarket();
    return endpoints;
}

Result<HyperliquidEndpoints> HyperliquidServer::Impl::listen()
{
    const auto httpPort = m_http.listen(m_options.httpPort);
    if (!httpPort)
        return fail(httpPort.error());
    const auto webSocketPort = m_wire.listen(m_options.webSocketPort);
    if (!webSocketPort)
        return fail(webSocketPort.error());
    HyperliquidEndpoints endpoints{.restUrl = fmt::format("http://127.0.0.1:{}", *httpPort),
                                   .webSocketUrl = fmt::format("ws://127.0.0.1:{}/ws", *webSocketPort)};
    if (m_options.control) {
        m_control = std::make_unique<ControlServer>(*this, this);
        const auto opened = m_control->listen();
        if (!opened)
            return fail(opened.error());
        endpoints.controlUrl = *opened;
        endpoints.controlToken = m_control->token();
    }
    return endpoints;
}

HttpReply HyperliquidServer::Impl::onRequest(const HttpRequest &request)
{
    const bool isInfo = request.path == "/info";
    if (!isInfo && request.path != "/exchange")
        return {.status = 404, .headers = {}, .body = {}};
    if (request.method != "POST")
        return {.status = 405, .headers = {}, .body = {}};
    if (!request.header("content-type").starts_with("application/json"))
        return {.status = 415, .headers = {}, .body = "Expected request with `Content-Type: application/json`"};
    const DeskFaults &faults = m_options.faults;
    if (const int status = isInfo ? faults.failInfoWith : faults.failExchangeWith; status != 0)
        return htmlReply(status);
    const auto body = hl::parseActionJson(request.body, "body");
    if (!body) {
        const bool isJson =
            !QJsonDocument::fromJson(QByteArray::fromStdString(request.body)).isNull();
        return {.status = isJson ? 422 : 400,
                .headers = {},
                .body = std::string(isJson ? kCannotDeserialize : "Failed to parse the request body as JSON")};
    }
    applyFaults();
    std::string identity;
    const FaultSubject subject = isInfo ? FaultSubject{FaultFamily::Request, FaultChannel::Rest, body->textOf("type")}
                                        : actionSubject(*body, identity);
    bool isExecuted = false;
    HttpReply reply =
        answerUnderFaults(m_gate, subject, {Venue::Hyperliquid, m_clock.monotonic(), m_clock.now()}, [&] {
            isExecuted = true;
            return serve(isInfo, *body);
        });
    reply.delay += m_options.faults.replyDelay;
    m_counters.onRequest(subject, identity, reply.hangUp || reply.isCut || reply.isSilent
                                                ? std::string("lost")
                                                : fmt::format("{}", reply.status),
                         isExecuted, m_clock.monotonic());
    return reply;
}

HttpReply HyperliquidServer::Impl::serve(bool isInfo, const hl::ActionValue &body)
{
    if (!m_weight.take(isInfo ? InfoApi::weightOf(body) : ExchangeApi::weightOf(body), m_clock.now()))
        return {.status = 429, .headers = {}, .body = "null"};
    WireAnswer answer = isInfo ? m_info->answer(body) : act(body);
    if (isInfo)
        m_weight.add(m_info->extraWeight());
    return {.status = answer.status,
            .headers = {},
            .body = std::move(answer.body),
            .hangUp = answer.isLost};
}

WireAnswer HyperliquidServer::Impl::act(const hl::ActionValue &body)
{
    WireAnswer answer = m_exchange->answer(body);
    if (m_options.faults.eventsBeforeReply)
        flush();
    else
        m_flushTimer.start(0);
    return answer;
}

void HyperliquidServer::Impl::flush()
{
    const DeskEvents events = m_desk->takeEvents();
    for (const auto &[asset, trade] : events.ownTrades)
        m_hub->onTrade(asset, m_tape->onTrade(asset, trade));
    for (const std::size_t asset : events.shownBooks)
        m_hub->onBook(asset);
    m_hub->publish(events);
}

void HyperliquidServer::Impl::onSocket()
{
    while (QWebSocket *socket = m_webSockets.nextPendingConnection()) {
        const SocketHub::ConnectionId id = m_nextSocket++;
        socket->setParent(&m_webSockets);
        socket->setMaxAllowedIncomingMessageSize(1024U * 1024U);
        connect(socket, &QWebSocket::disconnected, this, [this, id, socket] {
            m_hub->close(id);
            m_sockets.erase(id);
            socket->deleteLater();
        });
        m_sockets[id] = socket;
        m_wire.attach(socket, FaultChannel::WebSocket);
        if (socket->requestUrl().path() != "/ws"_L1) {
            socket->close(QWebSocketProtocol::CloseCodePolicyViolated);
            continue;
        }
        connect(socket, &QWebSocket::textMessageReceived, this,
                [this, id](const QString &text) { m_hub->onText(id, text.toStdString()); });
        m_hub->open(id);
    }
}

void HyperliquidServer::Impl::send(SocketHub::ConnectionId id, std::string_view frame)
{
    const auto found = m_sockets.find(id);
    if (found == m_sockets.end())
        return;
    QWebSocket *socket = found->second;
    const std::string_view channel = eventNameOf(frame, "channel");
    m_wire.send(socket, channelOf(channel), channel, frame);
    if (static_cast<std::size_t>(socket->bytesToWrite()) > m_options.socketBacklogMax) {
        emit m_server.noticed(u"WebSocket %1 is cut off: reads too slowly"_s.arg(id));
        QTimer::singleShot(0, socket, [socket] { socket->abort(); });
    }
}

void HyperliquidServer::Impl::dropSockets()
{
    for (auto &[id, socket] : m_sockets)
        QTimer::singleShot(0, socket, [socket = socket] { socket->abort(); });
}

void HyperliquidServer::Impl::playMarket()
{
    applyFaults();
    const Duration elapsed = m_clock.monotonic() - m_startedAt;
    m_market->advance(elapsed);
    m_desk->onTimer();
    flush();
    if (elapsed >= m_blockAt) {
        m_hub->onBlock();
        m_blockAt = elapsed + kBlock;
    }
    const auto next = m_market->nextAt();
    const Duration wait =
        next ? std::clamp(*next - (m_clock.monotonic() - m_startedAt), Duration{0}, kMarketTickMax) : kMarketTickMax;
    m_marketTimer.start(std::chrono::ceil<std::chrono::milliseconds>(wait));
}

void HyperliquidServer::Impl::onSecond()
{
    for (const SocketHub::ConnectionId id : m_hub->idle())
        if (const auto found = m_sockets.find(id); found != m_sockets.end()) {
            emit m_server.noticed(u"WebSocket %1: nothing was sent for a minute"_s.arg(id));
            QTimer::singleShot(0, found->second, [socket = found->second] { socket->close(); });
        }
}

} // namespace core::venue::hyperliquid
