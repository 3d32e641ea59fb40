#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <simdjson.h>

#include "core/exchange/hyperliquid/action_canonical.h"
#include "core/exchange/hyperliquid/msgpack.h"
#include "core/exchange/hyperliquid/signer_user_actions.h"
#include "tests/core/exchange/hyperliquid_signing/signing_support.h"
#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;
using namespace core::exchange::hyperliquid;
using tests::bytes;
using tests::hex;

namespace
{
QByteArray readShared(const QString &path)
{
    QFile file(tests::sharedDir() + u'/' + path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QJsonObject vectors()
{
    return QJsonDocument::fromJson(readShared(u"reference/hyperliquid-signing-vectors.json"_s)).object();
}

QByteArray textOf(const QJsonObject &entry, QLatin1StringView key)
{
    return entry.value(key).toString().toUtf8();
}

void compareSignature(const Signature &signature, const QJsonObject &expected)
{
    QCOMPARE(bytes(signature.rText()), tests::padded(expected.value("r"_L1)));
    QCOMPARE(bytes(signature.sText()), tests::padded(expected.value("s"_L1)));
    QCOMPARE(int{signature.v}, expected.value("v"_L1).toInt());
}

void rowsOf(const QStringList &sections)
{
    QTest::addColumn<QJsonObject>("entry");
    for (const QString &section : sections) {
        for (const QJsonValue &entry : vectors().value(section).toArray())
            QTest::newRow(qUtf8Printable(entry[u"id"_s].toString())) << entry.toObject();
    }
}

/// The entries of the SDK's file; `action` comes as its own text, since QJsonObject would sort it.
struct SdkEntry {
    QJsonObject fields;
    QByteArray action;
};
std::vector<SdkEntry> sdkEntries()
{
    const QByteArray file = readShared(u"data/expected/hyperliquid-signing-python-sdk.json"_s);
    const QJsonArray fields = QJsonDocument::fromJson(file).array();
    std::vector<SdkEntry> entries;
    simdjson::ondemand::parser parser;
    const simdjson::padded_string text(file.constData(), static_cast<std::size_t>(file.size()));
    simdjson::ondemand::document document;
    simdjson::ondemand::array array;
    if (parser.iterate(text).get(document) != simdjson::SUCCESS || document.get_array().get(array) != simdjson::SUCCESS)
        return entries;
    for (auto element : array) {
        SdkEntry entry{fields.at(static_cast<qsizetype>(entries.size())).toObject(), {}};
        simdjson::ondemand::object action;
        std::string_view raw;
        if (element.find_field_unordered("action").get_object().get(action) == simdjson::SUCCESS &&
            action.raw_json().get(raw) == simdjson::SUCCESS)
            entry.action = bytes(raw);
        entries.push_back(std::move(entry));
    }
    return entries;
}
} // namespace
Q_DECLARE_METATYPE(SdkEntry)

class TestSigningVectors : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { REQUIRE_SHARED(); } // without the files there are no rows, which must not pass in CI

    void hl01_everyVectorGivesItsBytesHashesAndSignature_data() { rowsOf({u"canonical"_s, u"generated"_s}); }
    void hl01_everyVectorGivesItsBytesHashesAndSignature()
    {
        REQUIRE_SHARED();
        QFETCH(QJsonObject, entry);
        const ActionValue action = tests::parsed(textOf(entry, "actionJson"_L1));
        QCOMPARE(bytes(jsonText(action)), textOf(entry, "actionJson"_L1));
        const ActionSigner signer = tests::signerOf(textOf(entry, "privateKey"_L1).toStdString());
        QCOMPARE(bytes(signer.address().text()), textOf(entry, "signerAddress"_L1));
        const QJsonObject expected = entry.value("signature"_L1).toObject();
        if (entry.value("scheme"_L1) == "userSigned"_L1) {
            const auto hashes = hashUserAction(action);
            QVERIFY(hashes.has_value());
            QCOMPARE(bytes(userPrimaryType(action.textOf("type"))),
                     textOf(entry.value("eip712"_L1).toObject(), "primaryType"_L1));
            QCOMPARE(hex(hashes->domainSeparator), textOf(entry, "domainSeparator"_L1));
            QCOMPARE(hex(hashes->structHash), textOf(entry, "structHash"_L1));
            QCOMPARE(hex(hashes->digest), textOf(entry, "digest"_L1));
            compareSignature(signer.signUser(action).value(), expected);
            QCOMPARE(recoverUserSigner(action, signer.signUser(action).value()).value(), signer.address());
            return;
        }
        QVERIFY(!isUserSigned(action));
        QCOMPARE(hex(msgpack(action)), textOf(entry, "msgpackHex"_L1));
        const ActionEnvelope envelope = tests::envelopeOf(entry);
        const L1Signature signature = signer.signL1(action, envelope, tests::networkOf(entry));
        QCOMPARE(hex(signature.connectionId), textOf(entry, "connectionId"_L1));
        QCOMPARE(hex(l1Digest(signature.connectionId, tests::networkOf(entry))), textOf(entry, "digest"_L1));
        compareSignature(signature.signature, expected);
        if (entry.contains("publishedSignature"_L1))
            compareSignature(signature.signature, entry.value("publishedSignature"_L1).toObject());
    }

    void hl01_theVenueNamesTheSignerFromPostedJson_data() { rowsOf({u"canonical"_s, u"generated"_s}); }
    void hl01_theVenueNamesTheSignerFromPostedJson()
    {
        REQUIRE_SHARED();
        QFETCH(QJsonObject, entry);
        if (entry.value("scheme"_L1) == "userSigned"_L1)
            return;
        const QJsonObject parts = entry.value("signature"_L1).toObject();
        const auto signature = parseSignature(textOf(parts, "r"_L1).toStdString(), textOf(parts, "s"_L1).toStdString(),
                                              static_cast<std::uint64_t>(parts.value("v"_L1).toInt()));
        QVERIFY(signature.has_value());
        // Sorted, as QJsonObject posts it: the venue reads fields, not bytes. Types it does not know stay as they are.
        const bool known = !textOf(entry, "actionJson"_L1).contains("dummy");
        const QByteArray sorted =
            QJsonDocument(entry.value("action"_L1).toObject()).toJson(QJsonDocument::Compact);
        const ActionValue posted = tests::parsed(known ? sorted : textOf(entry, "actionJson"_L1));
        const auto who =
            recoverL1Signer(posted, tests::envelopeOf(entry), tests::networkOf(entry), *signature);
        QVERIFY(who.has_value());
        const bool hashOnly = textOf(entry, "note"_L1).startsWith("HASH-ONLY");
        QCOMPARE(bytes(who->text()) == textOf(entry, "signerAddress"_L1), !hashOnly);
    }

    void hl01_everyVectorOfThePythonSdk_data()
    {
        QTest::addColumn<SdkEntry>("entry");
        int number = 0;
        for (const SdkEntry &entry : sdkEntries())
            QTest::addRow("%d %s %s", number++, qUtf8Printable(entry.fields.value("name"_L1).toString()),
                          qUtf8Printable(entry.fields.value("network"_L1).toString()))
                << entry;
    }
    void hl01_everyVectorOfThePythonSdk()
    {
        REQUIRE_SHARED();
        QFETCH(SdkEntry, entry);
        const QByteArray kind = textOf(entry.fields, "kind"_L1);
        const ActionSigner signer = tests::signerOf();
        const QJsonObject expected = entry.fields.value("signature"_L1).toObject();
        if (kind == "float_to_int_1e8") {
            checkNumber(entry.fields);
        } else if (kind == "user_signed") {
            const QByteArray primary = textOf(entry.fields, "primaryType"_L1);
            QJsonObject action = entry.fields.value("message"_L1).toObject();
            action.insert("type"_L1, primary.endsWith("UsdSend") ? u"usdSend"_s : u"withdraw3"_s);
            action.insert("signatureChainId"_L1, entry.fields.value("signatureChainId"_L1));
            action.insert("hyperliquidChain"_L1, u"Testnet"_s);
            const auto signature = signer.signUser(tests::parsed(QJsonDocument(action).toJson(QJsonDocument::Compact)));
            QVERIFY(signature.has_value());
            compareSignature(*signature, expected);
        } else {
            const ActionValue action = tests::parsed(entry.action);
            QCOMPARE(hex(msgpack(action)), "0x" + textOf(entry.fields, "msgpackHex"_L1));
            const L1Signature signature =
                signer.signL1(action, tests::envelopeOf(entry.fields), tests::networkOf(entry.fields));
            QCOMPARE(hex(signature.connectionId), textOf(entry.fields, "connectionId"_L1));
            QCOMPARE(kind == "action_hash", expected.isEmpty());
            if (!expected.isEmpty())
                compareSignature(signature.signature, expected);
        }
    }

    void hl02_everyPairHashesDifferently_data() { rowsOf({u"mustDiffer"_s}); }
    void hl02_everyPairHashesDifferently()
    {
        REQUIRE_SHARED();
        QFETCH(QJsonObject, entry);
        QByteArrayList hashes;
        for (const QLatin1StringView form : {"good"_L1, "bad"_L1}) {
            QJsonObject half = entry.value(form).toObject();
            half.insert("nonce"_L1, entry.value("nonce"_L1));
            const Digest hash =
                connectionId(tests::parsed(textOf(half, "actionJson"_L1)), tests::envelopeOf(half));
            QCOMPARE(hex(hash), textOf(half, "connectionId"_L1));
            hashes.push_back(hex(hash));
        }
        QVERIFY(hashes.first() != hashes.last());
    }
    /// Whatever is posted, the venue hashes the good form, so a client that hashed the bad one is a stranger.
    void hl02_theVenueReadsTheBadFormAsTheGoodOne_data() { rowsOf({u"mustDiffer"_s}); }
    void hl02_theVenueReadsTheBadFormAsTheGoodOne()
    {
        REQUIRE_SHARED();
        QFETCH(QJsonObject, entry);
        if (entry.value("id"_L1) == "anti-vault-zero"_L1)
            return; // differs beside the action
        const auto canonical =
            canonicalAction(tests::parsed(textOf(entry.value("bad"_L1).toObject(), "actionJson"_L1)));
        QVERIFY(canonical.has_value());
        QCOMPARE(bytes(jsonText(*canonical)), textOf(entry.value("good"_L1).toObject(), "actionJson"_L1));
    }

    void hl03_wireNumbersAreWrittenOnce_data()
    {
        QTest::addColumn<QString>("input");
        QTest::addColumn<QJsonValue>("output");
        for (const QJsonValue &row : vectors().value("wireNumbers"_L1).toArray())
            QTest::newRow(qUtf8Printable(u'"' + row["input"_L1].toString() + u'"'))
                << row["input"_L1].toString() << row["output"_L1];
    }
    void hl03_wireNumbersAreWrittenOnce()
    {
        REQUIRE_SHARED();
        QFETCH(QString, input);
        QFETCH(QJsonValue, output);
        const auto number = wireNumberText(input.toStdString());
        QCOMPARE(number.has_value(), output.isString());
        if (!number)
            return;
        QCOMPARE(bytes(*number), output.toString().toUtf8());
        if (const auto fixed = core::parsePrice(*number))
            QCOMPARE(WireNumber(*fixed).text(), *number);
    }

private:
    static void checkNumber(const QJsonObject &entry)
    {
        // 1e-8 counts; the SDK's floats are written as plain decimals here.
        const double input = entry.value("input"_L1).toDouble();
        const QByteArray plain = QByteArray::number(input, 'f', 12);
        const auto number = wireNumberText(plain.toStdString());
        const QString expect = entry.value("expect"_L1).toString();
        QCOMPARE(number.has_value(), !expect.startsWith("error"_L1));
        if (!number)
            return;
        // Shift the point by eight places in text: one of the numbers exceeds 64 bits.
        const auto point = std::min(number->find('.'), number->size());
        std::string count = number->substr(0, point);
        std::string decimals = point == number->size() ? std::string() : number->substr(point + 1);
        decimals.resize(8, '0');
        count += decimals;
        count.erase(0, std::min(count.find_first_not_of('0'), count.size() - 1));
        QCOMPARE(QString::fromStdString(count), expect);
    }
};

QTEST_APPLESS_MAIN(TestSigningVectors)
#include "tst_signing_vectors.moc"
