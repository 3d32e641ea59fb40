#include "core/exchange/binance/signer.h"

#include <QtCore/QMessageAuthenticationCode>
#include <QtCore/QUrl>
#include <QtTest/QTest>
#include <rapidcheck.h>

namespace binance = core::exchange::binance;

namespace
{
constexpr std::string_view kSecret = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";

[[nodiscard]] QByteArray bytes(const std::string &text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}
} // namespace

class TestSigner : public QObject
{
    Q_OBJECT

private slots:
    void signsThePublishedVectors_data()
    {
        QTest::addColumn<QByteArray>("payload");
        QTest::addColumn<QByteArray>("digest");
        QTest::newRow("V1 published in the documentation")
            << QByteArray(
                   "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000"
                   "&timestamp=1591702613943")
            << QByteArray("3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9");
        QTest::newRow("V2 another order of parameters")
            << QByteArray(
                   "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=9000&recvWindow=5000"
                   "&timestamp=1591702613943")
            << QByteArray("ec11dcc17e67e47f0d3c3f513dfe9062307e37619c5c82ebaa8fe0bdf3d59519");
        QTest::newRow("V3 query and body glued without separator")
            << QByteArray(
                   "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=9000&recvWindow=5000"
                   "&timestamp=1591702613943")
            << QByteArray("30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4");
        QTest::newRow("V4 a symbol that is not ASCII")
            << QByteArray(
                   "symbol=%E6%B5%8B%E8%AF%95USDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=30"
                   "&recvWindow=5000&timestamp=1760000007980")
            << QByteArray("9965a212a07f9337cf0d4430427332c25ab6dd25f868342ac1a623c3c2abdf9f");
        QTest::newRow("V5 the smallest request")
            << QByteArray("recvWindow=5000&timestamp=1591702613943")
            << QByteArray("5581570ecf76b9b74c6f1a66ef6520c2959a75c32641affb2634d655d6e64db8");
        QTest::newRow("V6 a batch")
            << QByteArray("batchOrders=%5B%7B%22symbol%22%3A%22BTCUSDT%22%2C%22side%22%3A%22BUY%22%2C%22type%"
                          "22%3A%22"
                          "LIMIT%22%2C%22timeInForce%22%3A%22GTC%22%2C%22price%22%3A%2210001%22%2C%"
                          "22quantity%22%3A%22"
                          "0.001%22%7D%5D&recvWindow=5000&timestamp=1591702613943")
            << QByteArray("fffd1417aec29d573ba9b10876222cb6ab832f7827547b131817b2837daed8f2");
    }
    void signsThePublishedVectors()
    {
        QFETCH(QByteArray, payload);
        QFETCH(QByteArray, digest);
        const binance::HmacSigner signer(kSecret);
        QCOMPARE(bytes(signer.signature(payload.toStdString())), digest);
        QCOMPARE(bytes(signer.signature(payload.toStdString())),
                 digest); // the prepared context is not used up
        std::string query = payload.toStdString();
        signer.sign(query);
        QCOMPARE(bytes(query), payload + "&signature=" + digest);
    }

    void buildsTheSignedStringsFromTheirParameters()
    {
        std::string order;
        binance::appendParameter(order, "symbol", "测试USDT");
        binance::appendParameter(order, "side", "BUY");
        binance::appendParameter(order, "type", "LIMIT");
        binance::appendParameter(order, "timeInForce", "GTC");
        binance::appendParameter(order, "quantity", "1");
        binance::appendParameter(order, "price", "30");
        binance::appendParameter(order, "recvWindow", "5000");
        binance::appendParameter(order, "timestamp", "1760000007980");
        const binance::HmacSigner signer(kSecret);
        QCOMPARE(bytes(signer.signature(order)),
                 QByteArray("9965a212a07f9337cf0d4430427332c25ab6dd25f868342ac1a623c3c2abdf9f"));

        std::string batch;
        binance::appendParameter(batch, "batchOrders",
                                 R"([{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC",)"
                                 R"("price":"10001","quantity":"0.001"}])");
        binance::appendParameter(batch, "recvWindow", "5000");
        binance::appendParameter(batch, "timestamp", "1591702613943");
        QCOMPARE(bytes(signer.signature(batch)),
                 QByteArray("fffd1417aec29d573ba9b10876222cb6ab832f7827547b131817b2837daed8f2"));
    }

    void encodesEverythingButUnreservedCharacters_data()
    {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("encoded");
        QTest::newRow("unreserved characters stay") << QByteArray("AZaz09-_.~") << QByteArray("AZaz09-_.~");
        QTest::newRow("a blank is %20, never +") << QByteArray("a b") << QByteArray("a%20b");
        QTest::newRow("base64 of an RSA signature") << QByteArray("a+b/c=") << QByteArray("a%2Bb%2Fc%3D");
        QTest::newRow("JSON") << QByteArray(R"([{"a":1,"b":2}])")
                              << QByteArray("%5B%7B%22a%22%3A1%2C%22b%22%3A2%7D%5D");
        QTest::newRow("UTF-8") << QByteArray("测") << QByteArray("%E6%B5%8B");
        QTest::newRow("separators of a query") << QByteArray("&=?#%") << QByteArray("%26%3D%3F%23%25");
        QTest::newRow("control bytes and the last byte") << QByteArray("\x01\xff", 2) << QByteArray("%01%FF");
        QTest::newRow("nothing") << QByteArray() << QByteArray();
    }
    void encodesEverythingButUnreservedCharacters()
    {
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, encoded);
        QCOMPARE(bytes(binance::percentEncoded(value.toStdString())), encoded);
    }

    void agreesWithAnotherImplementation()
    {
        QVERIFY(rc::check("HMAC equals Qt's, encoding equals Qt's", [](const std::string &secret,
                                                                       const std::string &payload) {
            const binance::HmacSigner signer(secret);
            const QByteArray expected =
                QMessageAuthenticationCode::hash(bytes(payload), bytes(secret), QCryptographicHash::Sha256)
                    .toHex();
            RC_ASSERT(bytes(signer.signature(payload)) == expected);
            RC_ASSERT(bytes(signer.signature("something else")) != expected);
            RC_ASSERT(bytes(signer.signature(payload)) == expected);
            RC_ASSERT(bytes(binance::percentEncoded(payload)) ==
                      bytes(payload).toPercentEncoding(QByteArray(), QByteArray(), '%'));
        }));
    }

    void takesAnEmptySecretAndKeysLongerThanABlock()
    {
        const binance::HmacSigner empty{std::string_view{}};
        QCOMPARE(
            bytes(empty.signature("")),
            QMessageAuthenticationCode::hash(QByteArray(), QByteArray(), QCryptographicHash::Sha256).toHex());
        const std::string longSecret(200, 'k');
        QCOMPARE(
            bytes(binance::HmacSigner(longSecret).signature("x")),
            QMessageAuthenticationCode::hash(QByteArray("x"), bytes(longSecret), QCryptographicHash::Sha256)
                .toHex());
    }

    void keepsItsKeyWhenMoved()
    {
        binance::HmacSigner first(kSecret);
        const std::string before = first.signature("a=1");
        binance::HmacSigner second(std::move(first));
        QCOMPARE(second.signature("a=1"), before);
        binance::HmacSigner third("another");
        third = std::move(second);
        QCOMPARE(third.signature("a=1"), before);
    }

    void signatureIsTheOnlyParameterOfAnEmptyQuery()
    {
        std::string query;
        binance::HmacSigner(kSecret).sign(query);
        QVERIFY(query.starts_with("signature="));
        QCOMPARE(query.size(), std::size_t{10 + 64});
    }
};

QTEST_APPLESS_MAIN(TestSigner)
#include "tst_signer.moc"
