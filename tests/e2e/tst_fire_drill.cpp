#include <algorithm>
#include <csignal>

#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QRandomGenerator>
#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkReply>
#include <QtSql/QSqlQuery>
#include <QtTest/QTest>

#include "core/risk/limits.h"
#include "core/storage/risk_repositories.h"
#include "tests/e2e/guard_process.h"
#include "tests/e2e/phone.h"

using namespace Qt::StringLiterals;
using core::Side;
using core::secrets::AccountProfile;
using tests::GuardProcess;
using tests::Machine;

namespace
{
/// Closes at a loss of so much of the margin; 0.01 % is reached at once in any market.
QByteArray limits(std::int64_t trigger, bool stops)
{
    core::risk::Limits limits = core::risk::defaultLimits();
    core::risk::Breaker loss;
    loss.kind = core::risk::BreakerKind::LossOnMargin;
    loss.scope = core::risk::Scope::Position;
    loss.tiers = {{.id = "close",
                   .trigger = core::Ratio::fromRaw(trigger),
                   .rearm = core::Ratio::fromRaw(trigger / 2),
                   .action = core::risk::TierAction::Close}};
    limits.breakers = {loss};
    limits.backstop.enabled = stops;
    return QByteArray::fromStdString(core::risk::toToml(limits));
}

/// "p50 120 ms, p99 300 ms, most 310 ms of 12".
QByteArray figures(std::vector<qint64> values)
{
    if (values.empty())
        return "none";
    std::ranges::sort(values);
    const auto at = [&](std::size_t percent) { return QByteArray::number(values[std::min(values.size() - 1, values.size() * percent / 100)]); };
    return "p50 " + at(50) + " ms, p99 " + at(99) + " ms, most " + QByteArray::number(values.back()) + " ms of " +
           QByteArray::number(values.size());
}

int rounds(const char *variable, int everyday)
{
    bool given = false;
    const int wanted = qEnvironmentVariableIntValue(variable, &given);
    return given ? wanted : everyday;
}
} // namespace

/// The built programs as somebody would run them: an exchange, a guard, and a person who opens positions with a phone. targets.md
/// R2 and R27; the numbers of rounds stand in ETRMS_FIRE_ROUNDS and ETRMS_KILL_ROUNDS.
class TestFireDrill : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_venue = std::make_unique<QProcess>();
        m_venue->start(tests::program(u"etrms-cli"_s), {u"venue"_s, u"--scenario"_s, u"calm"_s, u"--seed"_s, u"7"_s, u"--flat"_s,
                                                        u"--control"_s, u"--no-hyperliquid"_s});
        QByteArray line;
        QVERIFY(QTest::qWaitFor(
            [&] {
                line += m_venue->readAllStandardOutput();
                return line.contains('\n');
            },
            60'000));
        m_ready = QJsonDocument::fromJson(line).object();
        const QJsonObject account = m_ready[u"accounts"_s].toArray().first().toObject();
        m_profile = {};
        m_profile.label = "main";
        m_apiKey = account[u"api_key"_s].toString().toStdString();
        m_secret = account[u"api_secret"_s].toString().toStdString();
        const QJsonObject addresses = m_ready[u"addresses"_s].toObject();
        m_machine = std::make_unique<Machine>(addresses);
        QVERIFY(m_machine->keep(m_profile, m_apiKey, m_secret));
        m_phone = std::make_unique<tests::Phone>(m_profile, m_apiKey, m_secret, QJsonDocument(addresses).toJson(),
                                                 *core::Symbol::from("BTCUSDT"));
        QVERIFY(m_phone->isReady());
    }
    void cleanup()
    {
        m_phone.reset();
        m_venue->kill();
        m_venue->waitForFinished();
    }

    void whatBreachesIsClosed()
    {
        GuardProcess guard(*m_machine, options(10'000, false));
        QVERIFY2(guard.says("history-known"), guard.out);
        std::vector<qint64> toFlat;
        for (int round = rounds("ETRMS_FIRE_ROUNDS", 3); round > 0; --round) {
            guard.out.clear();
            QElapsedTimer since;
            since.start();
            QVERIFY(m_phone->market(round % 2 == 0 ? Side::Buy : Side::Sell, "0.05"));
            QVERIFY2(guard.says("close-verified"), guard.out);
            QVERIFY2(m_phone->holds("0"), guard.out);
            toFlat.push_back(since.elapsed());
        }
        guard.signal(SIGTERM);
        QVERIFY(guard.ends());
        everyOrderIsAccountedFor();
        qInfo("from opening to flat, with the wait for the mark that breaches: %s", figures(toFlat).constData());
    }

    void whoKillsTheGuardFindsItGuardingAgain()
    {
        std::vector<qint64> toGuarding;
        QVERIFY(m_phone->market(Side::Buy, "0.05"));
        auto guard = std::make_unique<GuardProcess>(*m_machine, options(20'000'000, true));
        QVERIFY2(guard->says("acting · binance armed reconciled"), guard->out);
        QVERIFY(waitForStop());
        for (int round = rounds("ETRMS_KILL_ROUNDS", 3); round > 0; --round) {
            QElapsedTimer until;
            until.start();
            const int kill = QRandomGenerator::global()->bounded(700);
            QVERIFY(QTest::qWaitFor([&] { return until.elapsed() >= kill; }, 60'000));
            guard->signal(SIGKILL);
            QVERIFY(guard->ends());
            QVERIFY2(conditionalOrders() >= 1, "the stop rests at the venue while nobody guards");
            QElapsedTimer since;
            since.start();
            guard = std::make_unique<GuardProcess>(*m_machine, options(20'000'000, true));
            QVERIFY2(guard->says("acting · binance armed reconciled"), guard->out);
            toGuarding.push_back(since.elapsed());
        }
        QVERIFY(m_phone->market(Side::Sell, "0.05"));
        QVERIFY(QTest::qWaitFor([this] { return conditionalOrders() == 0; }, 60'000)); // swept
        guard->signal(SIGTERM);
        QVERIFY(guard->ends());
        everyOrderIsAccountedFor();
        const auto database = core::storage::Database::open(databasePath(), core::storage::Access::ReadOnly, core::UtcTime{});
        QVERIFY(database.has_value());
        const auto days = core::storage::nakedDays(*database, core::storage::Mode::Live, *core::AccountId::from("main"));
        QVERIFY(days.has_value());
        for (const auto &day : *days)
            qInfo("naked notional x seconds: %s", day.notionalSeconds.text().c_str());
        qInfo("from the start of the program to guarding: %s", figures(toGuarding).constData());
    }

private:
    [[nodiscard]] QString databasePath() const { return m_machine->data() + u"/etrms.sqlite"_s; }
    [[nodiscard]] QStringList options(std::int64_t trigger, bool stops)
    {
        const QString file = m_machine->folder.filePath(u"limits.toml"_s);
        m_machine->write(file, limits(trigger, stops));
        return {u"--arming"_s, u"armed"_s, u"--limits"_s, file};
    }
    [[nodiscard]] QNetworkRequest control(const QString &path) const
    {
        const QJsonObject at = m_ready[u"control"_s].toObject();
        QNetworkRequest request(QUrl(at[u"url"_s].toString() + path));
        request.setRawHeader("X-Etrms-Token", at[u"token"_s].toString().toLatin1());
        request.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
        return request;
    }
    [[nodiscard]] QByteArray bodyOf(QNetworkReply *answer) const
    {
        const std::unique_ptr<QNetworkReply> reply(answer);
        const bool done = QTest::qWaitFor([&] { return reply->isFinished(); }, 30'000);
        return done && reply->error() == QNetworkReply::NoError ? reply->readAll() : QByteArray();
    }
    [[nodiscard]] QJsonObject venueAccount()
    {
        return QJsonDocument::fromJson(bodyOf(m_network.get(control(u"/state"_s))))[u"accounts"_s].toArray().first().toObject();
    }
    [[nodiscard]] qsizetype conditionalOrders() { return venueAccount()[u"conditional"_s].toArray().size(); }
    [[nodiscard]] bool waitForStop()
    {
        return QTest::qWaitFor([this] { return conditionalOrders() == 1; }, 60'000);
    }
    /// Each order that the venue has from the guard stands in the records, and it ended flat.
    void everyOrderIsAccountedFor()
    {
        const QJsonObject account = venueAccount();
        QVERIFY(account[u"positions"_s].toArray().isEmpty());
        QVERIFY(account[u"conditional"_s].toArray().isEmpty());
        const auto database = core::storage::Database::open(databasePath(), core::storage::Access::ReadOnly, core::UtcTime{});
        QVERIFY2(database.has_value(), database ? "" : database.error().detail.c_str());
        int unaccounted = 0;
        int ours = 0;
        for (const QJsonValue &order : account[u"orders"_s].toArray()) {
            const QString id = order[u"client_id"_s].toString();
            if (id.startsWith(u"phone-"_s))
                continue;
            ++ours;
            QSqlQuery query(database->handle());
            query.prepare(u"SELECT count(*) FROM orders WHERE client_order_id = ?"_s);
            query.addBindValue(id);
            QVERIFY(query.exec() && query.next());
            unaccounted += query.value(0).toInt() == 0 ? 1 : 0;
        }
        qInfo("orders of the guard at the venue: %d, unaccounted: %d", ours, unaccounted);
        QCOMPARE(unaccounted, 0);
    }

    QNetworkAccessManager m_network;
    std::unique_ptr<QProcess> m_venue;
    QJsonObject m_ready;
    AccountProfile m_profile;
    std::string m_apiKey;
    std::string m_secret;
    std::unique_ptr<Machine> m_machine;
    std::unique_ptr<tests::Phone> m_phone;
};

QTEST_GUILESS_MAIN(TestFireDrill)
#include "tst_fire_drill.moc"
