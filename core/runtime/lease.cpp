#include "core/runtime/lease.h"

#include <algorithm>

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QSysInfo>

#include <fmt/format.h>

#ifdef _WIN32
#include <windows.h>
#else
#include <cerrno>
#include <csignal>
#endif

namespace core::runtime
{

using namespace Qt::StringLiterals;

namespace
{
constexpr qint64 kRecordBytesMax = 4'096;
constexpr auto kLookEvery = std::chrono::milliseconds{500};
const QString kPrefix = u"lease-"_s;
const QString kSuffix = u".json"_s;

/// Known to be gone; false when it lives, or when nobody can say.
bool isGone(const LeaseRecord &record)
{
    if (record.process <= 0 || record.host != QSysInfo::machineHostName().toStdString())
        return false;
#ifdef _WIN32
    const HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, static_cast<DWORD>(record.process));
    if (process == nullptr)
        return GetLastError() == ERROR_INVALID_PARAMETER;
    DWORD status = STILL_ACTIVE;
    const bool known = GetExitCodeProcess(process, &status) != 0;
    CloseHandle(process);
    return known && status != STILL_ACTIVE;
#else
    return ::kill(static_cast<pid_t>(record.process), 0) != 0 && errno == ESRCH;
#endif
}

QByteArray toJson(const LeaseRecord &record)
{
    return QJsonDocument(QJsonObject{{u"token"_s, qint64{record.token}},
                                     {u"beat"_s, qint64{record.beat}},
                                     {u"holder"_s, QString::fromStdString(record.holder)},
                                     {u"process"_s, qint64{record.process}},
                                     {u"host"_s, QString::fromStdString(record.host)},
                                     {u"taken_at"_s, QString::fromStdString(isoMilliseconds(record.takenAt))},
                                     {u"released"_s, record.released}})
        .toJson(QJsonDocument::Compact);
}

/// What cannot be read (half written, damaged) is a record of its token whose beat follows its bytes: it counts as alive as long
/// as it changes.
LeaseRecord fromJson(std::int64_t token, const QByteArray &bytes)
{
    LeaseRecord record;
    record.token = token;
    const QJsonObject object = QJsonDocument::fromJson(bytes).object();
    if (object[u"token"].toInteger() != token) {
        record.beat = static_cast<std::int64_t>(qHash(bytes) & 0x7fffffffU);
        return record;
    }
    record.beat = object[u"beat"].toInteger();
    record.holder = object[u"holder"].toString().toStdString();
    record.process = object[u"process"].toInteger();
    record.host = object[u"host"].toString().toStdString();
    record.takenAt = parseIso8601(object[u"taken_at"].toString().toStdString()).value_or(UtcTime{});
    record.released = object[u"released"].toBool();
    return record;
}
} // namespace

Lease::Lease(QString directory, std::string program, const Clock &clock, std::function<void()> changed)
    : m_directory(std::move(directory)), m_clock(clock), m_changed(std::move(changed))
{
    m_own.holder = std::move(program);
    m_own.process = QCoreApplication::applicationPid();
    m_own.host = QSysInfo::machineHostName().toStdString();
}

Lease::~Lease() { stop(); }

Result<void> Lease::start()
{
    if (!QDir().mkpath(m_directory))
        return fail(ErrorCode::IoFailed, fmt::format("data directory {}: cannot be made", m_directory.toStdString()));
    turn();
    {
        const std::scoped_lock lock(m_mutex);
        if (!m_view.problem.empty())
            return fail(ErrorCode::IoFailed, m_view.problem);
    }
    m_thread = std::thread([this] { run(); });
    return {};
}

void Lease::stop()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
    if (m_thread.joinable())
        m_thread.join();
    m_until = 0; // nothing is sent from here on; only then does another one hear of it
    if (!m_rule.holds())
        return;
    m_own.released = true;
    static_cast<void>(write(m_own, false));
    m_rule.onLost();
}

bool Lease::mayAct() const
{
    const std::int64_t now = m_clock.monotonic().count();
    return now >= m_from.load() && now < m_until.load();
}

LeaseView Lease::view() const
{
    const std::scoped_lock lock(m_mutex);
    return m_view;
}

void Lease::run()
{
    for (;;) {
        const Duration pause = m_rule.holds() ? LeaseRule::kRenewEvery : Duration{kLookEvery};
        {
            std::unique_lock lock(m_mutex);
            if (m_wake.wait_for(lock, pause, [this] { return m_stopping; }))
                return;
        }
        turn();
    }
}

void Lease::turn()
{
    if (m_rule.holds())
        renew();
    if (m_rule.holds())
        return;
    const Duration lookedAt = m_clock.monotonic();
    const auto record = newest();
    const auto attempt = m_rule.onSeen(lookedAt, record, record && isGone(*record));
    if (attempt)
        take(*attempt);
    else
        publish(record);
}

void Lease::take(const LeaseRule::Attempt &attempt)
{
    const Duration startedAt = m_clock.monotonic();
    m_own.token = attempt.token;
    m_own.beat = 1;
    m_own.released = false;
    m_own.takenAt = m_clock.now();
    if (!write(m_own, true)) {
        publish(newest());
        return;
    }
    m_rule.onTaken(startedAt, m_clock.monotonic(), attempt);
    removeOlder(attempt.token);
    publish(m_own);
}

void Lease::renew()
{
    const Duration startedAt = m_clock.monotonic();
    ++m_own.beat;
    const bool written = write(m_own, false);
    const auto record = newest();
    if (!record || record->token != m_own.token)
        m_rule.onLost(); // taken over, or the folder is another one
    else if (written)
        m_rule.onRenewed(startedAt);
    publish(record);
}

void Lease::publish(const std::optional<LeaseRecord> &newest)
{
    const auto window = m_rule.window();
    m_from = window ? window->from.count() : 0;
    m_until = window ? window->until.count() : 0;
    bool isNews = false;
    {
        const std::scoped_lock lock(m_mutex);
        const auto tokenOf = [](const std::optional<LeaseRecord> &record) { return record ? record->token : 0; };
        isNews = m_view.ours != m_rule.holds() || tokenOf(m_view.holder) != tokenOf(newest);
        m_view.ours = m_rule.holds();
        m_view.holder = newest;
    }
    if (isNews && m_changed)
        m_changed();
}

void Lease::report(std::string problem)
{
    const std::scoped_lock lock(m_mutex);
    m_view.problem = std::move(problem);
}

QString Lease::fileOf(std::int64_t token) const
{
    return QDir(m_directory).filePath(kPrefix + QString::number(token) + kSuffix);
}

bool Lease::write(const LeaseRecord &record, bool exclusively)
{
    QFile file(fileOf(record.token));
    const auto mode = exclusively ? QIODevice::WriteOnly | QIODevice::NewOnly : QIODevice::WriteOnly | QIODevice::ExistingOnly;
    const QByteArray bytes = toJson(record) + '\n';
    const bool opened = file.open(mode);
    const bool good = opened && file.write(bytes) == bytes.size() && file.flush();
    const bool lostTheRace = !opened && file.exists() == exclusively; // somebody was first, or took ours away
    report(good || lostTheRace ? std::string()
                               : fmt::format("{}: {}", file.fileName().toStdString(), file.errorString().toStdString()));
    return good;
}

std::optional<LeaseRecord> Lease::newest() const
{
    std::int64_t token = 0;
    const QStringList names = QDir(m_directory).entryList({kPrefix + u'*' + kSuffix}, QDir::Files);
    for (const QString &name : names)
        token = std::max<std::int64_t>(token, name.sliced(kPrefix.size()).chopped(kSuffix.size()).toLongLong());
    if (token == 0)
        return std::nullopt;
    QFile file(fileOf(token));
    const QByteArray bytes = file.open(QIODevice::ReadOnly) ? file.read(kRecordBytesMax) : QByteArray();
    return fromJson(token, bytes);
}

void Lease::removeOlder(std::int64_t than) const
{
    const QStringList names = QDir(m_directory).entryList({kPrefix + u'*' + kSuffix}, QDir::Files);
    for (const QString &name : names) {
        if (name.sliced(kPrefix.size()).chopped(kSuffix.size()).toLongLong() < than)
            QFile::remove(QDir(m_directory).filePath(name));
    }
}

} // namespace core::runtime
