#pragma once

#include <memory>

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QProcess>
#include <QtCore/QStringList>

namespace tests
{

/// `etrms-cli venue` as a process of its own, and plain HTTP to it. The caller's thread needs no event loop running.
class VenueProgram
{
public:
    using Headers = QList<std::pair<QByteArray, QByteArray>>;

    ~VenueProgram();
    /// Starts it and reads its line. False: it did not say where it listens.
    [[nodiscard]] bool begin(const QStringList &arguments);
    [[nodiscard]] const QJsonObject &ready() const { return m_ready; }
    /// SIGTERM; false when it did not end at once, with status 0 and without a word on stderr.
    [[nodiscard]] bool end();
    /// The body of the answer; empty when none came.
    [[nodiscard]] static QByteArray send(const QByteArray &method, const QString &address, const Headers &headers = {},
                                         const QByteArray &body = {});

private:
    std::unique_ptr<QProcess> m_process;
    QJsonObject m_ready;
};

} // namespace tests
