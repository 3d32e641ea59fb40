#include "core/secrets/account_book.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>

using namespace core;
using namespace core::secrets;
using namespace Qt::StringLiterals;

namespace
{
AccountProfile binance()
{
    return {.label = "main", .address = {}, .vaultAddress = {}};
}
AccountProfile hyperliquid()
{
    return {.label = "hl 2",
            .venue = Venue::Hyperliquid,
            .environment = Environment::Testnet,
            .keyType = KeyType::Agent,
            .address = "0x14791697260e4c9a71f18484c9f997b308e59325",
            .vaultAddress = {}};
}

void write(const QString &path, const QByteArray &text)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
}
} // namespace

class TestAccountBook : public QObject
{
    Q_OBJECT

private slots:
    void whatWasSavedIsLoaded()
    {
        const QTemporaryDir dir;
        const AccountBook book(dir.filePath(u"x/accounts.json"_s));
        QVERIFY(book.load().value().empty());
        AccountProfile hedge = binance();
        hedge.label = "hedge";
        hedge.hedgeMode = true;
        hedge.keyType = KeyType::Ed25519;
        const std::vector<AccountProfile> profiles{binance(), hyperliquid(), hedge};
        QVERIFY(book.save(profiles));
        QVERIFY(book.load().value() == profiles);
    }

    void aLabelIsThereOnce()
    {
        const QTemporaryDir dir;
        const AccountBook book(dir.filePath(u"accounts.json"_s));
        const auto refused = book.save({binance(), binance()});
        QVERIFY(!refused);
        QVERIFY(refused.error().detail.starts_with("label:"));
    }

    void aBadFieldIsNamed_data()
    {
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<QByteArray>("named");
        const auto row = [](const char *name, const char *text, const char *named) {
            QTest::newRow(name) << QByteArray(text) << QByteArray(named);
        };
        row("no label", R"({"venue":"binance","environment":"production","keyType":"hmac"})", "label:");
        row("label with a slash", R"({"label":"a/b","venue":"binance","environment":"production","keyType":"hmac"})", "label:");
        row("venue", R"({"label":"a","venue":"kraken","environment":"production","keyType":"hmac"})", "venue");
        row("environment", R"({"label":"a","venue":"binance","environment":"prod","keyType":"hmac"})", "environment:");
        row("key type", R"({"label":"a","venue":"binance","environment":"production","keyType":"rsa"})", "keyType:");
        row("agent on binance", R"({"label":"a","venue":"binance","environment":"production","keyType":"agent"})", "keyType:");
        row("no address", R"({"label":"a","venue":"hyperliquid","environment":"production","keyType":"agent"})", "address:");
        row("upper case address",
            R"({"label":"a","venue":"hyperliquid","environment":"production","keyType":"agent","address":"0x14791697260E4c9A71f18484C9f997B308e59325"})",
            "address:");
        row("hedge mode as text",
            R"({"label":"a","venue":"binance","environment":"production","keyType":"hmac","hedgeMode":"true"})", "hedgeMode:");
        row("a vault that is no text is not no vault",
            R"({"label":"a","venue":"hyperliquid","environment":"production","keyType":"agent","address":"0x14791697260e4c9a71f18484c9f997b308e59325","vaultAddress":7})",
            "vaultAddress: a text");
        row("an address that is no text",
            R"({"label":"a","venue":"binance","environment":"production","keyType":"hmac","address":null})", "address: a text");
        row("a secret that does not belong here",
            R"({"label":"a","venue":"binance","environment":"production","keyType":"hmac","secret":"x"})", "secret: unknown");
    }
    void aBadFieldIsNamed()
    {
        QFETCH(QByteArray, row);
        QFETCH(QByteArray, named);
        const QTemporaryDir dir;
        const QString path = dir.filePath(u"accounts.json"_s);
        write(path, R"({"schema":1,"accounts":[)" + row + "]}");
        const auto loaded = AccountBook(path).load();
        QVERIFY(!loaded);
        QVERIFY2(loaded.error().detail.find("accounts[0]: " + named.toStdString()) != std::string::npos,
                 loaded.error().detail.c_str());
    }

    void aNewerOrBrokenFileIsNotHalfRead()
    {
        const QTemporaryDir dir;
        const QString path = dir.filePath(u"accounts.json"_s);
        for (const char *text : {"", "{", "[]", R"({"schema":2,"accounts":[]})", R"({"schema":1})"}) {
            write(path, text);
            QVERIFY2(!AccountBook(path).load(), text);
        }
    }
};

QTEST_GUILESS_MAIN(TestAccountBook)
#include "tst_account_book.moc"
