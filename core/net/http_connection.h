#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <QtCore/QObject>
#include <QtNetwork/QSslSocket>

#include "core/base/clock.h"
#include "core/net/http_reply.h"
#include "core/net/origin.h"

namespace core::net
{

/// One socket that carries one HTTP request at a time. A part of HttpClient; same thread.
class HttpConnection final : public QObject
{
    Q_OBJECT
public:
    enum class State { Connecting, Idle, Busy, Closed };

    HttpConnection(Origin origin, const Clock &clock, QObject *parent);
    ~HttpConnection() override;

    void open();
    /// Hands the bytes to the socket at once. REQUIRES: Idle.
    void write(std::string_view request);
    void close();

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] const Origin &origin() const { return m_origin; }
    [[nodiscard]] Duration idleSince() const { return m_idleSince; }
    [[nodiscard]] bool used() const { return m_used; } ///< it has carried an answer before
    [[nodiscard]] bool replyStarted() const { return m_reader.started(); }

signals:
    void ready();
    void replied(core::net::HttpReply reply);
    /// Nothing more comes from this connection.
    void closed(core::Error why);

private:
    void onReadyRead();
    void onGone(const QString &why);
    void becomeIdle();
    void finish(Error why);

    Origin m_origin;
    const Clock &m_clock;
    QSslSocket m_socket;
    HttpReplyReader m_reader;
    State m_state{State::Connecting};
    Duration m_idleSince{0};
    Duration m_sentAt{0};
    bool m_used{false};
};

} // namespace core::net
