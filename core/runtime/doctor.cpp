#include "core/runtime/doctor.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QStorageInfo>
#include <QtCore/QTemporaryFile>
#include <QtCore/QTimer>
#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslSocket>

#include <fmt/format.h>

#include "core/secrets/sealed_store.h"
#include "core/storage/check.h"

namespace core::runtime
{

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Level = Finding::Level;

namespace
{
constexpr std::array<std::string_view, 10> kOrder{
    "data-directory", "disk",       "database",         "key-store",             "encryption",
    "binance-rest",   "binance-streams", "hyperliquid-rest", "hyperliquid-streams", "clock"};
constexpr Duration kAnswerWithin{6s};
constexpr qint64 kDiskFailed = 200LL << 20;
constexpr qint64 kDiskWarning = 2LL << 30;
constexpr Duration kClockWarning{1s};
constexpr Duration kClockFailed{5s};

std::string megabytes(qint64 bytes)
{
    return fmt::format("{} MB", bytes >> 20);
}

std::string milliseconds(Duration duration)
{
    return fmt::format("{} ms", std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

/// The member `key` of a JSON object, when it is a time in milliseconds.
std::function<std::optional<std::int64_t>(const std::string &)> timeIn(QLatin1StringView key)
{
    return [key](const std::string &body) -> std::optional<std::int64_t> {
        const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(body));
        const qint64 time = document.object().value(key).toInteger();
        return time > 0 ? std::optional<std::int64_t>(time) : std::nullopt;
    };
}
} // namespace

std::string_view name(Level level)
{
    switch (level) {
    case Level::Ok: return "ok";
    case Level::Warning: return "warning";
    case Level::Failed: return "failed";
    }
    return "unknown";
}

Doctor::Doctor(DoctorOptions options, const Clock &clock, QObject *parent)
    : QObject(parent), m_options(std::move(options)), m_clock(clock), m_http(clock)
{
}

Doctor::~Doctor() = default;

void Doctor::run(std::function<void(std::vector<Finding>)> done)
{
    m_done = std::move(done);
    m_outstanding = 1;
    checkDataDir();
    checkDatabase();
    checkEncryption();
    checkKeyStore();
    if (m_options.network) {
        const auto &binance = m_options.addresses.binance;
        const auto &hyperliquid = m_options.addresses.hyperliquid;
        checkReply("binance-rest", "Binance", {.address = binance.rest, .target = "/fapi/v1/time"},
                   timeIn("serverTime"_L1));
        checkReply("hyperliquid-rest", "Hyperliquid",
                   {.method = net::HttpMethod::Post,
                    .address = hyperliquid.rest,
                    .target = "/info",
                    .headers = {{"Content-Type", "application/json"}},
                    .body = R"({"type":"exchangeStatus"})",
                    .onlyReads = true},
                   timeIn("time"_L1));
        checkSocket("binance-streams", "Binance", binance.streamsMarket + "/market/ws/btcusdt@markPrice@1s");
        checkSocket("hyperliquid-streams", "Hyperliquid", hyperliquid.webSocket);
    }
    QTimer::singleShot(0, this, &Doctor::settle);
}

void Doctor::add(Finding finding)
{
    const std::string check = finding.check;
    m_findings.insert_or_assign(check, std::move(finding));
}

void Doctor::settle()
{
    if (--m_outstanding > 0 || !m_done)
        return;
    judgeClock();
    std::vector<Finding> findings;
    for (const std::string_view check : kOrder) {
        if (const auto found = m_findings.find(std::string(check)); found != m_findings.end())
            findings.push_back(found->second);
    }
    std::exchange(m_done, nullptr)(std::move(findings));
}

void Doctor::checkDataDir()
{
    const std::string dir = m_options.dataDir.toStdString();
    const bool there = QFileInfo::exists(m_options.dataDir);
    QTemporaryFile probe(m_options.dataDir + u"/doctor-XXXXXX"_s);
    const bool writable = QDir().mkpath(m_options.dataDir) && probe.open() && probe.write("x") == 1;
    if (!writable) {
        add({"data-directory", Level::Failed, dir + " cannot be written",
             "make the folder writable for this user, or name another one with --data-dir"});
        return;
    }
    add({"data-directory", Level::Ok, dir + (there ? " is there and writable" : " has been made")});
    const QStorageInfo disk(m_options.dataDir);
    const qint64 free = disk.bytesAvailable();
    const Level level = free < kDiskFailed ? Level::Failed : free < kDiskWarning ? Level::Warning : Level::Ok;
    add({"disk", level, megabytes(free) + " free where the history is kept",
         level == Level::Ok ? ""
                            : "free some space: without it history is lost (breakers go on working, and say so)"});
}

void Doctor::checkDatabase()
{
    const QString path = m_options.dataDir + u"/etrms.sqlite"_s;
    if (!QFileInfo::exists(path)) {
        add({"database", Level::Ok, "there is no history yet"});
        return;
    }
    const auto report = storage::checkDatabase(path);
    if (report)
        add({"database", Level::Ok,
             fmt::format("schema version {}, {} journal rows, chain intact", report->schemaVersion,
                         report->journalRows)});
    else
        add({"database", Level::Failed, report.error().detail,
             "the program sets a damaged file aside and begins a new one; keep the old file for `etrms-cli db`"});
}

void Doctor::checkEncryption()
{
    if (!QSslSocket::supportsSsl()) {
        add({"encryption", Level::Failed, "there is no TLS on this machine", "install OpenSSL and its certificates"});
        return;
    }
    const auto roots = QSslConfiguration::systemCaCertificates().size();
    add({"encryption", roots > 0 ? Level::Ok : Level::Failed,
         fmt::format("{}, {} root certificates", QSslSocket::sslLibraryVersionString().toStdString(), roots),
         roots > 0 ? "" : "install the system's root certificates (Debian: ca-certificates)"});
}

void Doctor::checkKeyStore()
{
    ++m_outstanding;
    m_keychain.probe([this](const Result<void> &answer) {
        const QString sealed = m_options.dataDir + u"/keys.sealed"_s;
        const bool loose = (QFileInfo(sealed).permissions() & (QFileDevice::ReadGroup | QFileDevice::ReadOther |
                                                               QFileDevice::WriteGroup | QFileDevice::WriteOther)) != 0;
        if (secrets::SealedStore::exists(sealed) && loose)
            add({"key-store", Level::Failed, sealed.toStdString() + " may be read or written by others",
                 "chmod 600 it, then make new keys: somebody may have copied it"});
        else if (answer)
            add({"key-store", Level::Ok, "the system's key store answers"});
        else if (secrets::SealedStore::exists(sealed))
            add({"key-store", Level::Ok, "no system key store; keys are in the sealed file " + sealed.toStdString()});
        else
            add({"key-store", Level::Warning, answer.error().detail,
                 "start a key store (Secret Service or KWallet), or let ETRMS seal keys under a passphrase when you add "
                 "an account"});
        settle();
    });
}

void Doctor::checkReply(const std::string &check, const std::string &venue, net::HttpRequest request,
                        std::function<std::optional<std::int64_t>(const std::string &body)> timeOf)
{
    ++m_outstanding;
    request.timeout = kAnswerWithin;
    const UtcTime sentAt = m_clock.now();
    m_http.send(std::move(request), [this, check, venue, sentAt, timeOf = std::move(timeOf)](const net::HttpResult &result) {
        const std::string advice = "check the line, a proxy or firewall, and whether the venue is offered where you are";
        if (!result) {
            add({check, Level::Failed, venue + " does not answer: " + result.error().error.detail, advice});
        } else if (const auto time = result->status == 200 ? timeOf(result->body) : std::nullopt; !time) {
            add({check, Level::Failed, fmt::format("{} answers with status {} and not with its time", venue, result->status),
                 result->status == 403 || result->status == 451 ? "the venue refuses this address or country" : advice});
        } else {
            const UtcTime middle = sentAt + result->roundTrip / 2;
            m_offsets[venue] = utcFromMilliseconds(*time) - middle;
            add({check, Level::Ok, venue + " answers in " + milliseconds(result->roundTrip)});
        }
        settle();
    });
}

void Doctor::checkSocket(const std::string &check, const std::string &venue, const std::string &address)
{
    ++m_outstanding;
    auto settled = std::make_shared<bool>(false);
    const auto finish = [this, settled, check](Finding finding) {
        if (std::exchange(*settled, true))
            return;
        finding.check = check;
        add(std::move(finding));
        settle();
    };
    const std::string advice = "a proxy or firewall may block WebSockets; without them there is no live data";
    const auto refused = [finish, venue, advice](const Error &why) {
        finish({{}, Level::Failed, venue + "'s stream cannot be opened: " + why.detail, advice});
    };
    m_sockets.push_back(std::make_unique<net::WebSocket>(
        net::WebSocketOptions{.name = venue, .connectTimeout = kAnswerWithin, .idleLimit = Duration::zero(), .connects = {}}, m_clock,
        net::WebSocket::Callbacks{
            .opened = [finish, venue] { finish({{}, Level::Ok, venue + "'s stream opens"}); },
            .lost = refused,
            .frame = [](std::string_view, UtcTime) {},
        }));
    m_sockets.back()->start(address);
    QTimer::singleShot(std::chrono::ceil<std::chrono::milliseconds>(kAnswerWithin + 1s), this,
                       [refused] { refused({ErrorCode::TimedOut, "no answer"}); });
}

void Doctor::judgeClock()
{
    if (m_offsets.empty()) {
        if (m_options.network)
            add({"clock", Level::Warning, "no venue answered, so the clock could not be compared", ""});
        return;
    }
    const auto worst = std::max_element(m_offsets.begin(), m_offsets.end(), [](const auto &a, const auto &b) {
        return std::chrono::abs(a.second) < std::chrono::abs(b.second);
    });
    const Duration size = std::chrono::abs(worst->second);
    const Level level = size > kClockFailed ? Level::Failed : size > kClockWarning ? Level::Warning : Level::Ok;
    add({"clock", level,
         fmt::format("this machine is {} {} {}'s clock", milliseconds(size), worst->second < Duration::zero() ? "ahead of" : "behind",
                     worst->first),
         level == Level::Ok ? "" : "let the system keep time (systemd-timesyncd, chrony); venues refuse orders with a wrong time"});
}

} // namespace core::runtime
