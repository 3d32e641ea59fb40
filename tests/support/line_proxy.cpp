#include "tests/support/line_proxy.h"

namespace tests
{

LineProxy::LineProxy(quint16 upstreamPort) : m_upstreamPort(upstreamPort)
{
    connect(this, &QTcpServer::newConnection, this, &LineProxy::onClient);
    listen(QHostAddress::LocalHost);
    m_seconds.setInterval(std::chrono::seconds{1});
    connect(&m_seconds, &QTimer::timeout, this, [this] {
        for (const auto &line : m_lines) {
            if (m_mode == Mode::Trickle && line->upstream && line->upstream->bytesAvailable() > 0)
                line->client->write(line->upstream->read(1));
        }
    });
    m_seconds.start();
}

void LineProxy::setMode(Mode mode)
{
    m_mode = mode;
    for (const auto &line : m_lines) {
        line->lost = line->lost || mode == Mode::Hole;
        pass(*line);
    }
}

void LineProxy::reset()
{
    for (const auto &line : std::vector(m_lines))
        line->client->abort();
}

void LineProxy::onClient()
{
    while (QTcpSocket *client = nextPendingConnection()) {
        ++m_accepted;
        const auto line = std::make_shared<Line>();
        m_lines.push_back(line);
        line->client = client;
        line->lost = m_mode == Mode::Hole;
        connect(client, &QTcpSocket::disconnected, this, [this, line] { forget(line); });
        if (m_mode == Mode::Mute)
            continue;
        line->upstream = new QTcpSocket(this);
        for (QTcpSocket *side : {client, line->upstream}) {
            side->setReadBufferSize(64 * 1024); // a reader that does not read pushes back
            connect(side, &QTcpSocket::readyRead, this, [this, line] { pass(*line); });
            connect(side, &QTcpSocket::bytesWritten, this, [this, line] { pass(*line); });
        }
        connect(line->upstream, &QTcpSocket::disconnected, this, [this, line] {
            if (!line->lost && m_mode != Mode::Hole)
                forget(line);
        });
        connect(line->upstream, &QTcpSocket::connected, this, [this, line] { pass(*line); });
        line->upstream->connectToHost(QHostAddress::LocalHost, m_upstreamPort);
    }
}

void LineProxy::pass(Line &line) const
{
    constexpr qint64 kOnTheWay = 256 * 1024;
    if (line.lost || !line.upstream)
        return;
    if (line.upstream->state() == QAbstractSocket::ConnectedState && line.upstream->bytesToWrite() < kOnTheWay)
        line.upstream->write(line.client->readAll());
    if (m_mode != Mode::Trickle && line.client->bytesToWrite() < kOnTheWay)
        line.client->write(line.upstream->readAll());
}

void LineProxy::forget(const std::shared_ptr<Line> &line)
{
    if (std::erase(m_lines, line) == 0)
        return;
    for (QTcpSocket *side : {line->client, line->upstream}) {
        if (!side)
            continue;
        side->disconnect(this);
        side->abort();
        side->deleteLater();
    }
}

} // namespace tests
