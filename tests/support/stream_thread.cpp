#include "tests/support/stream_thread.h"

#include <QtCore/QEventLoop>
#include <QtCore/QTimer>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

namespace tests
{

StreamThread::StreamThread(Frame frame, std::chrono::milliseconds every)
    : m_frame(std::move(frame)), m_every(every), m_thread(QThread::create([this] { serve(); }))
{
    m_thread->start();
    m_port.wait(0);
}

StreamThread::~StreamThread()
{
    m_over = true;
    m_thread->wait();
}

std::string StreamThread::url() const
{
    return "ws://127.0.0.1:" + std::to_string(m_port.load());
}

void StreamThread::serve()
{
    QWebSocketServer server(QStringLiteral("stream"), QWebSocketServer::NonSecureMode);
    QList<QWebSocket *> peers;
    QObject::connect(&server, &QWebSocketServer::newConnection, &server, [&] {
        while (QWebSocket *peer = server.nextPendingConnection()) {
            ++m_connections;
            peer->setParent(&server);
            peers += peer;
            QObject::connect(peer, &QWebSocket::disconnected, &server, [&peers, peer] {
                peers.removeOne(peer);
                peer->deleteLater();
            });
        }
    });
    QEventLoop loop;
    QTimer ticks;
    QObject::connect(&ticks, &QTimer::timeout, &server, [&] {
        if (m_over)
            loop.quit();
        if (!m_on || m_over || peers.isEmpty())
            return;
        const QString frame = QString::fromStdString(m_frame(++m_sent));
        for (QWebSocket *peer : std::as_const(peers))
            peer->sendTextMessage(frame);
    });
    ticks.setTimerType(Qt::PreciseTimer);
    ticks.start(m_every);
    server.listen(QHostAddress::LocalHost);
    m_port = server.serverPort();
    m_port.notify_all();
    loop.exec();
    for (QWebSocket *peer : std::as_const(peers))
        peer->disconnect(&server);
}

} // namespace tests
