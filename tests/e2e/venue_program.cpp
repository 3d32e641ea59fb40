#include "tests/e2e/venue_program.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QUrl>
#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkReply>
#include <QtTest/QTest>

#include "tests/e2e/program.h"

using namespace Qt::StringLiterals;

namespace tests
{

VenueProgram::~VenueProgram()
{
    if (m_process && m_process->state() != QProcess::NotRunning) {
        m_process->kill();
        m_process->waitForFinished();
    }
}

bool VenueProgram::begin(const QStringList &arguments)
{
    m_process = std::make_unique<QProcess>();
    m_process->start(program(u"etrms-cli"_s), QStringList{u"venue"_s} + arguments);
    if (!QTest::qWaitFor([this] { return m_process->canReadLine(); }, 30'000))
        return false;
    m_ready = QJsonDocument::fromJson(m_process->readLine()).object();
    return m_ready.contains(u"binance"_s);
}

bool VenueProgram::end()
{
    m_process->terminate();
    return m_process->waitForFinished(10'000) && m_process->exitStatus() == QProcess::NormalExit &&
           m_process->exitCode() == 0 && m_process->readAllStandardError().isEmpty();
}

QByteArray VenueProgram::send(const QByteArray &method, const QString &address, const Headers &headers,
                              const QByteArray &body)
{
    QNetworkAccessManager network;
    QNetworkRequest request(QUrl::fromEncoded(address.toLatin1()));
    for (const auto &[name, value] : headers)
        request.setRawHeader(name, value);
    const std::unique_ptr<QNetworkReply> reply(network.sendCustomRequest(request, method, body));
    return QTest::qWaitFor([&] { return reply->isFinished(); }, 10'000) ? reply->readAll() : QByteArray();
}

} // namespace tests
