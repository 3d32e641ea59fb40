#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QProcess>
#include <QtCore/QProcessEnvironment>
#include <QtTest/QTest>

#include "tests/e2e/program.h"
#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;
using tests::Run;

namespace
{
const QString kKey = u"0x0123456789012345678901234567890123456789012345678901234567890123"_s;
const QString kVariable = u"ETRMS_SIGNING_KEY"_s;

Run sign(const QStringList &options, const QByteArray &lines, const QString &key = kKey)
{
    return tests::run(u"etrms-cli"_s, QStringList{u"sign"_s} + options, {{kVariable, key}}, 60, lines);
}
Run signActions(const QByteArray &lines, const QString &key = kKey)
{
    return sign({u"--venue"_s, u"hyperliquid"_s}, lines, key);
}

QByteArray compact(const QJsonValue &value)
{
    if (value.isString())
        return '"' + value.toString().toUtf8() + '"';
    return value.isDouble() ? QByteArray::number(value.toInteger()) : QByteArray("null");
}

QByteArray requestOf(const QJsonObject &entry)
{
    const bool mainnet = entry.value("network"_L1) == "mainnet"_L1;
    return "{\"action\":" + entry.value("actionJson"_L1).toString().toUtf8() +
           ",\"nonce\":" + compact(entry.value("nonce"_L1)) + ",\"vaultAddress\":" + compact(entry.value("vaultAddress"_L1)) +
           ",\"expiresAfter\":" + compact(entry.value("expiresAfter"_L1)) + (mainnet ? "" : ",\"mainnet\":false") + "}\n";
}
} // namespace

/// `etrms-cli sign`: lines in, signatures out, and the key nowhere.
class TestSignCommand : public QObject
{
    Q_OBJECT

private slots:
    void hl01_everyVectorGoesThroughTheCommandUnchanged_data()
    {
        REQUIRE_SHARED();
        QTest::addColumn<QString>("key");
        QTest::addColumn<QJsonArray>("entries");
        QFile file(tests::sharedDir() + u"/reference/hyperliquid-signing-vectors.json"_s);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QJsonObject vectors = QJsonDocument::fromJson(file.readAll()).object();
        QMap<QString, QJsonArray> byKey;
        for (const QString &section : {u"canonical"_s, u"generated"_s}) {
            for (const QJsonValue &entry : vectors.value(section).toArray())
                byKey[entry["privateKey"_L1].toString()].append(entry);
        }
        for (auto entry = byKey.begin(); entry != byKey.end(); ++entry)
            QTest::newRow(qPrintable(entry.key().left(6))) << entry.key() << entry.value();
    }
    void hl01_everyVectorGoesThroughTheCommandUnchanged()
    {
        QFETCH(QString, key);
        QFETCH(QJsonArray, entries);
        QByteArray lines;
        for (const QJsonValue &entry : std::as_const(entries))
            lines += requestOf(entry.toObject());
        const Run run = signActions(lines, key);
        QCOMPARE(run.err, QByteArray());
        QCOMPARE(run.status, 0);
        const QByteArrayList answers = run.out.trimmed().split('\n');
        QCOMPARE(answers.size(), entries.size());
        for (qsizetype i = 0; i < answers.size(); ++i) {
            const QJsonObject answer = QJsonDocument::fromJson(answers[i]).object();
            const QJsonValue entry = entries[i];
            for (const QLatin1StringView part : {"r"_L1, "s"_L1, "v"_L1})
                QCOMPARE(answer.value(part), entry["signature"_L1][part]);
            QCOMPARE(answer.value("connectionId"_L1), entry["connectionId"_L1]);
            QCOMPARE(answer.value("primaryType"_L1), entry["eip712"_L1]["primaryType"_L1]);
            QCOMPARE(answer.size(), 4);
        }
    }

    void bn01_binanceQueriesAreSigned()
    {
        const QStringList binance{u"--venue"_s, u"binance"_s};
        const QString secret = u"2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"_s;
        const Run hmac = sign(binance, "{\"query\":\"recvWindow=5000&timestamp=1591702613943\"}\n", secret);
        QCOMPARE(hmac.out, QByteArray("{\"signature\":\"5581570ecf76b9b74c6f1a66ef6520c2959a75c32641affb2634d655d6e64db8\"}\n"));
        QCOMPARE(hmac.status, 0);
        const QString seed = u"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"_s;
        const Run ed25519 = sign(binance + QStringList{u"--key-type"_s, u"ed25519"_s}, "{\"query\":\"r\"}", seed);
        const QByteArray expected = QByteArray::fromHex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085a"
                                                        "c1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
                                        .toBase64();
        QCOMPARE(ed25519.out, "{\"signature\":\"" + expected + "\"}\n");
    }

    void aBadLineIsNamedAndTheOthersAreAnswered_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char *what, const char *line, const char *words) {
            QTest::newRow(what) << QByteArray(line) << QByteArray(words);
        };
        row("no JSON", "signme", "request");
        row("no object", "[1]", "request: expects an object");
        row("no action", R"({"nonce":1})", "request.action: is missing");
        row("an action that is text", R"({"action":"noop","nonce":1})", "request.action: expects an object");
        row("no nonce", R"({"action":{"type":"noop"}})", "request.nonce: is missing");
        row("a negative nonce", R"({"action":{"type":"noop"},"nonce":-1})", "request.nonce: expects");
        row("a decimal in the action", R"({"action":{"type":"order","orders":[{"a":0},{"a":0,"p":97000.5}]},"nonce":1})",
            "request.action.orders[1].p: expects an integer");
        row("an integer written as a decimal", R"({"action":{"type":"noop","x":1.0},"nonce":1})", "request.action.x: expects");
        row("a vault that is none", R"({"action":{"type":"noop"},"nonce":1,"vaultAddress":"0x12"})", "request.vaultAddress");
        row("an expiry in words", R"({"action":{"type":"noop"},"nonce":1,"expiresAfter":"soon"})", "request.expiresAfter");
        row("a network in words", R"({"action":{"type":"noop"},"nonce":1,"mainnet":"yes"})", "request.mainnet");
        row("a misspelt field", R"({"action":{"type":"noop"},"nonce":1,"expires":5})", "request.expires: is no field");
        row("a user action without its fields",
            R"({"action":{"type":"usdSend","signatureChainId":"0x66eee","hyperliquidChain":"Mainnet"},"nonce":1})",
            "request.action.destination: is missing");
    }
    void aBadLineIsNamedAndTheOthersAreAnswered()
    {
        QFETCH(QByteArray, line);
        QFETCH(QByteArray, words);
        const QByteArray good = "{\"action\":{\"type\":\"noop\"},\"nonce\":7}\n";
        const Run run = signActions(good + "\n" + line + "\n" + good);
        QCOMPARE(run.status, 1);
        QCOMPARE(run.out.count("connectionId"), 2);
        QVERIFY(tests::isOneLine(run.err));
        QVERIFY2(run.err.contains("line 3: " + words), run.err.constData());
        QVERIFY(!run.err.contains("012345678901"));
    }

    void nothingToSignIsDone()
    {
        const Run run = signActions("\n\n");
        QCOMPARE(run.status, 0);
        QVERIFY(run.out.isEmpty() && run.err.isEmpty());
    }

    void hl10_noOutputHoldsTheKey_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QString>("key");
        QTest::addColumn<int>("status");
        const QStringList hyperliquid{u"--venue"_s, u"hyperliquid"_s};
        const QStringList binance{u"--venue"_s, u"binance"_s};
        const QStringList ed25519 = binance + QStringList{u"--key-type"_s, u"ed25519"_s};
        QTest::newRow("a good key") << hyperliquid << kKey << 1;
        QTest::newRow("a key that is too short") << hyperliquid << kKey.chopped(2) << 2;
        QTest::newRow("a key given as an argument") << hyperliquid + QStringList{kKey} << kKey << 2;
        QTest::newRow("an HMAC secret") << binance << kKey << 1;
        QTest::newRow("an HMAC secret given as Ed25519") << ed25519 << kKey << 2;
        QTest::newRow("a PEM text that is none")
            << ed25519 << u"-----BEGIN PRIVATE KEY-----\n%1\n-----END PRIVATE KEY-----"_s.arg(kKey) << 2;
    }
    void hl10_noOutputHoldsTheKey()
    {
        QFETCH(QStringList, options);
        QFETCH(QString, key);
        QFETCH(int, status);
        const Run run = sign(options, "{\"action\":{\"type\":\"noop\",\"x\":1.5},\"nonce\":1}\n{\"query\":5}\n", key);
        QCOMPARE(run.status, status);
        QVERIFY(!(run.out + run.err).contains("0123456789012345"));
        QVERIFY(!run.err.isEmpty());
    }

    void hl10_theProcessListDoesNotShowTheKey()
    {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(kVariable, kKey);
        process.setProcessEnvironment(environment);
        process.start(tests::program(u"etrms-cli"_s), {u"sign"_s, u"--venue"_s, u"hyperliquid"_s});
        QVERIFY(process.waitForStarted());
        process.write("{\"action\":{\"type\":\"noop\"},\"nonce\":7}\n");
        QVERIFY(process.waitForReadyRead()); // it answers while its input is still open
        QFile commandLine(u"/proc/%1/cmdline"_s.arg(process.processId()));
        QVERIFY(commandLine.open(QIODevice::ReadOnly));
        const QByteArray words = commandLine.readAll();
        QVERIFY(words.contains("hyperliquid") && !words.contains("01234567"));
        process.closeWriteChannel();
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 0);
    }
};

QTEST_GUILESS_MAIN(TestSignCommand)
#include "tst_sign_command.moc"
