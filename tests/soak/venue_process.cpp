#include "tests/soak/venue_process.h"

#include <QtCore/QCoreApplication>

#include "tests/soak/truth.h"

namespace tests::soak
{

using namespace Qt::StringLiterals;

namespace
{
constexpr int kStartMs = 20'000;
}

VenueProcess::VenueProcess(const SoakSetup &setup) : m_setup(setup) {}

VenueProcess::~VenueProcess()
{
    m_process.disconnect();
    m_process.closeWriteChannel();
    if (m_process.state() != QProcess::NotRunning && !m_process.waitForFinished(kStartMs))
        m_process.kill();
    m_process.waitForFinished(kStartMs);
}

VenueProcess::Lines VenueProcess::start()
{
    m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_process.start(QCoreApplication::applicationFilePath(),
                    {u"--serve"_s, u"--seed"_s, QString::number(m_setup.seed), u"--symbols"_s,
                     QString::number(m_setup.symbols)});
    while (!m_process.canReadLine())
        if (!m_process.waitForReadyRead(kStartMs))
            return {};
    const Lines first = words(m_process.readLine().trimmed().toStdString());
    if (first.size() != 5 || first.front() != "ready")
        return {};
    QObject::connect(&m_process, &QProcess::readyReadStandardOutput, &m_process, [this] { onOutput(); });
    return first;
}

void VenueProcess::ask(const std::string &command, std::function<void(const Lines &)> answered)
{
    m_waiting.push_back(std::move(answered));
    m_process.write(QByteArray::fromStdString(command + '\n'));
}

void VenueProcess::onOutput()
{
    m_pending += m_process.readAllStandardOutput();
    qsizetype begin = 0;
    for (qsizetype end = m_pending.indexOf('\n'); end >= 0; end = m_pending.indexOf('\n', begin)) {
        std::string line = m_pending.mid(begin, end - begin).toStdString();
        begin = end + 1;
        if (line != "end") {
            m_lines.push_back(std::move(line));
            continue;
        }
        const Lines lines = std::exchange(m_lines, {});
        if (m_waiting.empty())
            continue;
        const auto answered = std::move(m_waiting.front());
        m_waiting.pop_front();
        if (answered)
            answered(lines);
    }
    m_pending.remove(0, begin);
}

} // namespace tests::soak
