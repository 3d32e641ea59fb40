#include "core/venue/faults_wire.h"

#include <algorithm>

#include <fmt/format.h>

namespace core::venue
{

namespace
{
constexpr auto kStep = std::chrono::milliseconds{2};
constexpr Duration kHeldMost = std::chrono::milliseconds{100};

/// The bytes of an unmasked text frame, as RFC 6455 section 5.2 lays them out.
[[nodiscard]] QByteArray frameBytes(const QByteArray &text)
{
    QByteArray bytes;
    bytes.append('\x81');
    const auto size = static_cast<std::uint64_t>(text.size());
    const int lengthBytes = size < 126 ? 0 : size < 65'536 ? 2 : 8;
    bytes.append(static_cast<char>(lengthBytes == 0 ? size : lengthBytes == 2 ? 126U : 127U));
    for (int i = lengthBytes - 1; i >= 0; --i)
        bytes.append(static_cast<char>((size >> (8U * static_cast<unsigned>(i))) & 0xFFU));
    return bytes + text;
}
} // namespace

std::string_view eventNameOf(std::string_view frame, std::string_view member)
{
    const std::string key = fmt::format("\"{}\":\"", member);
    const std::size_t at = frame.find(key);
    if (at == std::string_view::npos)
        return {};
    frame.remove_prefix(at + key.size());
    return frame.substr(0, std::min(frame.find('"'), frame.size()));
}

FaultsWire::FaultsWire(QWebSocketServer &server, FaultGate &gate, const Clock &clock, QObject *parent)
    : QObject(parent), m_server(server), m_gate(gate), m_clock(clock), m_listener(this), m_timer(this)
{
    connect(&m_listener, &QTcpServer::newConnection, this, [this] { onConnection(); });
    connect(&m_timer, &QTimer::timeout, this, [this] { flush(); });
    m_timer.setTimerType(Qt::PreciseTimer);
}

FaultsWire::~FaultsWire() = default;

Result<std::uint16_t> FaultsWire::listen(std::uint16_t port)
{
    if (!m_listener.listen(QHostAddress::LocalHost, port))
        return fail(ErrorCode::InUse, fmt::format("webSocketPort: port {}: {}", port,
                                                  m_listener.errorString().toStdString()));
    return m_listener.serverPort();
}

void FaultsWire::onConnection()
{
    while (QTcpSocket *tcp = m_listener.nextPendingConnection()) {
        tcp->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        std::erase_if(m_byPort, [](const auto &entry) { return entry.second.isNull(); });
        m_byPort[tcp->peerPort()] = tcp;
        m_server.handleConnection(tcp);
    }
}

void FaultsWire::attach(QWebSocket *socket, FaultChannel channel)
{
    Line &line = m_lines[socket];
    line.channel = channel;
    if (const auto found = m_byPort.find(socket->peerPort()); found != m_byPort.end()) {
        line.tcp = found->second;
        m_byPort.erase(found);
    }
    connect(socket, &QObject::destroyed, this, [this, socket] { m_lines.erase(socket); });
}

void FaultsWire::send(QWebSocket *socket, FaultChannel channel, std::string_view event, std::string_view frame)
{
    const auto found = m_lines.find(socket);
    if (found == m_lines.end() || found->second.isDead)
        return;
    Line &line = found->second;
    const Duration now = m_clock.monotonic();
    const QByteArray text(frame.data(), static_cast<qsizetype>(frame.size()));
    const auto rules = m_gate.strike({FaultFamily::Frame, channel, event, false}, now);
    Duration dueAt = now;
    int times = 1;
    bool isHeld = false;
    for (const FaultRule *rule : rules) {
        if (rule->kind == FaultKind::DropFrames)
            return;
        if (rule->kind == FaultKind::CutFrame)
            return cut(line, text);
        if (rule->kind == FaultKind::HalfOpen)
            return silence(line);
        if (rule->kind == FaultKind::DelayFrames)
            dueAt += rule->length;
        if (rule->kind == FaultKind::SlowFrames) {
            line.freeAt = std::max(line.freeAt, now) + std::chrono::seconds{1} * text.size() / rule->rate;
            dueAt = std::max(dueAt, line.freeAt);
        }
        times += rule->kind == FaultKind::DuplicateFrames ? 1 : 0;
        isHeld = isHeld || rule->kind == FaultKind::ReorderFrames;
    }
    if (isHeld && !line.held) {
        line.held = Line::Frame{dueAt, text};
        keepTime();
        return;
    }
    for (int i = 0; i < times; ++i)
        put(socket, line, text, dueAt);
    if (line.held) {
        const Line::Frame held = *std::exchange(line.held, std::nullopt);
        put(socket, line, held.text, std::max(dueAt, held.dueAt));
    }
}

/// What waits keeps its place: a frame never overtakes another one here.
void FaultsWire::put(QWebSocket *socket, Line &line, const QByteArray &text, Duration dueAt)
{
    if (line.waiting.empty() && dueAt <= m_clock.monotonic()) {
        socket->sendTextMessage(QString::fromUtf8(text));
        return;
    }
    line.waiting.push_back({line.waiting.empty() ? dueAt : std::max(dueAt, line.waiting.back().dueAt), text});
    keepTime();
}

void FaultsWire::cut(Line &line, const QByteArray &text)
{
    line.isDead = true;
    if (line.tcp.isNull())
        return;
    const QByteArray bytes = frameBytes(text);
    line.tcp->write(bytes.left(bytes.size() / 2));
    line.tcp->flush();
    // Later: whoever sends may be walking over the connections.
    QTimer::singleShot(0, line.tcp, [tcp = line.tcp] { tcp->abort(); });
}

/// Nobody reads any more, so that not even a pong comes; the connection stays open.
void FaultsWire::silence(Line &line)
{
    line.isDead = true;
    line.waiting.clear();
    line.held.reset();
    if (!line.tcp.isNull())
        QObject::disconnect(line.tcp, &QIODevice::readyRead, nullptr, nullptr);
}

void FaultsWire::onTimer()
{
    const Duration now = m_clock.monotonic();
    for (auto &[socket, line] : m_lines)
        if (!line.isDead && m_gate.active(FaultKind::HalfOpen, line.channel, now) != nullptr)
            silence(line);
}

void FaultsWire::keepTime()
{
    if (!m_timer.isActive())
        m_timer.start(kStep);
}

void FaultsWire::flush()
{
    const Duration now = m_clock.monotonic();
    const bool isSlow = m_gate.active(FaultKind::SlowFrames, now) != nullptr ||
                        m_gate.active(FaultKind::DelayFrames, now) != nullptr;
    bool isIdle = true;
    for (auto &[socket, line] : m_lines) {
        if (line.isDead)
            continue;
        if (!isSlow) // over: what piled up comes at once
            line.freeAt = Duration{0};
        if (line.held && now >= line.held->dueAt + kHeldMost) {
            const Line::Frame held = *std::exchange(line.held, std::nullopt);
            put(socket, line, held.text, now);
        }
        while (!line.waiting.empty() && (!isSlow || line.waiting.front().dueAt <= now)) {
            socket->sendTextMessage(QString::fromUtf8(line.waiting.front().text));
            line.waiting.pop_front();
        }
        isIdle = isIdle && line.waiting.empty() && !line.held;
    }
    if (isIdle)
        m_timer.stop();
}

} // namespace core::venue
