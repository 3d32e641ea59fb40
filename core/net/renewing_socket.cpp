#include "core/net/renewing_socket.h"

#include <algorithm>

namespace core::net
{
namespace
{

std::chrono::milliseconds wholeMilliseconds(Duration duration)
{
    return std::chrono::ceil<std::chrono::milliseconds>(duration);
}

} // namespace

RenewingSocket::RenewingSocket(RenewalOptions options, const Clock &clock, Callbacks callbacks,
                               QObject *parent)
    : QObject(parent), m_options(std::move(options)), m_clock(clock), m_callbacks(std::move(callbacks)),
      m_jitter(m_options.socket.seed ^ 0x24F0UL)
{
    m_due.setSingleShot(true);
    m_due.setTimerType(Qt::VeryCoarseTimer);
    if (m_options.every < std::chrono::minutes{1})
        m_due.setTimerType(Qt::CoarseTimer);
    connect(&m_due, &QTimer::timeout, this, [this] { (void)renew(); });
    m_overlap.setInterval(
        wholeMilliseconds(std::max(m_options.overlap / 4, Duration{std::chrono::milliseconds{5}})));
    connect(&m_overlap, &QTimer::timeout, this, &RenewingSocket::changeWhenReady);
}

RenewingSocket::~RenewingSocket()
{
    stop();
}

std::unique_ptr<WebSocket> RenewingSocket::makeLine()
{
    WebSocketOptions options = m_options.socket;
    options.seed += ++m_lineCount;
    auto self = std::make_shared<WebSocket *>(nullptr); // known only after it was made
    WebSocket::Callbacks callbacks;
    callbacks.opened = [this, self] { onOpened(**self); };
    callbacks.lost = [this, self](const Error &why) { onLost(**self, why); };
    callbacks.frame = [this, self](std::string_view frame, UtcTime at) { onFrame(**self, frame, at); };
    callbacks.address = m_callbacks.address;
    auto line = std::make_unique<WebSocket>(std::move(options), m_clock, std::move(callbacks));
    *self = line.get();
    return line;
}

void RenewingSocket::start()
{
    stop();
    m_line = makeLine();
    m_line->start({});
}

void RenewingSocket::stop()
{
    m_due.stop();
    m_overlap.stop();
    retire(m_replacement);
    retire(m_line);
    m_held.clear();
    m_heldBytes = 0;
}

/// We may stand inside one of its callbacks.
void RenewingSocket::retire(std::unique_ptr<WebSocket> &line)
{
    if (!line)
        return;
    line->stop();
    line.release()->deleteLater();
}

void RenewingSocket::reconnect(Error why)
{
    if (m_line)
        m_line->reconnect(std::move(why));
}

bool RenewingSocket::renew()
{
    if (m_replacement || state() != WebSocket::State::Open)
        return false;
    m_due.stop();
    m_replacement = makeLine();
    m_replacement->start({});
    return true;
}

bool RenewingSocket::send(std::string_view text)
{
    if (m_replacement)
        (void)m_replacement->send(text);
    return m_line && m_line->send(text);
}

WebSocket::State RenewingSocket::state() const
{
    return m_line ? m_line->state() : WebSocket::State::Stopped;
}

std::optional<Duration> RenewingSocket::quietFor() const
{
    return m_line ? m_line->quietFor() : std::nullopt;
}

void RenewingSocket::onOpened(WebSocket &line)
{
    if (&line == m_replacement.get()) {
        m_replacementSince = m_clock.monotonic();
        m_overlap.start();
        if (m_callbacks.subscribe)
            m_callbacks.subscribe(line);
        return;
    }
    ++m_openings;
    if (m_options.every > Duration::zero())
        m_due.start(wholeMilliseconds(m_options.every -
                                      m_jitter.upTo(std::min(m_options.jitter, m_options.every / 2))));
    if (m_callbacks.opened)
        m_callbacks.opened();
    if (m_callbacks.subscribe && &line == m_line.get() && line.state() == WebSocket::State::Open)
        m_callbacks.subscribe(line);
}

void RenewingSocket::onLost(WebSocket &line, const Error &why)
{
    if (&line == m_replacement.get()) { // it tries again by itself; the old one still serves
        m_overlap.stop();
        m_held.clear();
        m_heldBytes = 0;
        return;
    }
    if (isReplacementReady()) {
        change();
        return;
    }
    retire(m_replacement);
    m_overlap.stop();
    m_due.stop();
    m_held.clear();
    m_heldBytes = 0;
    if (m_callbacks.lost)
        m_callbacks.lost(why);
}

void RenewingSocket::onFrame(WebSocket &line, std::string_view frame, UtcTime receivedAt)
{
    if (&line == m_line.get()) {
        if (m_callbacks.frame)
            m_callbacks.frame(frame, receivedAt);
        return;
    }
    m_held.push_back({std::string(frame), receivedAt});
    m_heldBytes += frame.size() + sizeof(Held);
    if (m_heldBytes > m_options.heldBytesMax)
        change();
}

/// Everything is subscribed on it, it has spoken where that can be expected, and for the time of the overlap nothing can have come
/// before it listened and after the old one fell silent.
bool RenewingSocket::isReplacementReady() const
{
    return m_replacement && m_replacement->state() == WebSocket::State::Open &&
           m_replacement->isSendQueueEmpty() && (m_options.mayBeQuiet || !m_held.empty()) &&
           m_clock.monotonic() - m_replacementSince >= m_options.overlap;
}

void RenewingSocket::changeWhenReady()
{
    if (m_replacement && !m_replacement->isSendQueueEmpty())
        m_replacementSince = m_clock.monotonic(); // the overlap counts from the last subscription
    if (isReplacementReady())
        change();
}

void RenewingSocket::change()
{
    ++m_renewals;
    m_overlap.stop();
    std::unique_ptr<WebSocket> old = std::move(m_line);
    m_line = std::move(m_replacement);
    retire(old);
    if (m_options.every > Duration::zero())
        m_due.start(wholeMilliseconds(m_options.every -
                                      m_jitter.upTo(std::min(m_options.jitter, m_options.every / 2))));
    m_heldBytes = 0;
    const std::deque<Held> held = std::exchange(m_held, {});
    const WebSocket *const line = m_line.get();
    for (const Held &one : held) {
        if (m_line.get() != line) // stopped by what it was told
            return;
        if (m_callbacks.frame)
            m_callbacks.frame(one.frame, one.receivedAt);
    }
}

} // namespace core::net
