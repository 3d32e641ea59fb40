#include "core/exchange/binance/signer.h"

#include <cstring>

#include <QtCore/QMessageAuthenticationCode>
#include <QtCore/QUrl>
#include <QtTest/QTest>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <rapidcheck.h>

namespace binance = core::exchange::binance;

namespace
{
constexpr std::string_view kSecret = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";

constexpr std::string_view kApiKey = "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83";

[[nodiscard]] QByteArray bytes(const std::string &text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

/// Section 7.1 of RFC 8032.
constexpr const char *kSeed1 = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
constexpr const char *kSeed2 = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

[[nodiscard]] QByteArray pemOfSeed(const QByteArray &hexSeed)
{
    const QByteArray pkcs8 = QByteArray::fromHex("302e020100300506032b657004220420" + hexSeed);
    return "-----BEGIN PRIVATE KEY-----\n" + pkcs8.toBase64() + "\n-----END PRIVATE KEY-----\n";
}

/// Takes `key`.
[[nodiscard]] std::string pemOf(EVP_PKEY *key, const char *passPhrase = nullptr)
{
    BIO *const out = BIO_new(BIO_s_mem());
    const EVP_CIPHER *const cipher = passPhrase != nullptr ? EVP_aes_256_cbc() : nullptr;
    PEM_write_bio_PKCS8PrivateKey(out, key, cipher, passPhrase,
                                  passPhrase != nullptr ? static_cast<int>(std::strlen(passPhrase)) : 0, nullptr,
                                  nullptr);
    char *text = nullptr;
    const long size = BIO_get_mem_data(out, &text);
    const std::string pem(text, static_cast<std::size_t>(size));
    BIO_free(out);
    EVP_PKEY_free(key);
    return pem;
}
[[nodiscard]] EVP_PKEY *newEd25519()
{
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
}
} // namespace

class TestSigner : public QObject
{
    Q_OBJECT

private slots:
    void bn01_publishedVectorsReproduce_data()
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
    void bn01_publishedVectorsReproduce()
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

    void bn01_theWebSocketVectorReproduces()
    {
        const std::string payload = binance::webSocketPayload({{"symbol", "BTCUSDT"},
                                                               {"side", "BUY"},
                                                               {"signature", "is not signed"},
                                                               {"type", "LIMIT"},
                                                               {"timeInForce", "GTC"},
                                                               {"quantity", "1"},
                                                               {"price", "9000"},
                                                               {"recvWindow", "5000"},
                                                               {"timestamp", "1591702613943"},
                                                               {"apiKey", std::string(kApiKey)}});
        QCOMPARE(bytes(payload), "apiKey=" + bytes(std::string(kApiKey)) +
                                     "&price=9000&quantity=1&recvWindow=5000&side=BUY&symbol=BTCUSDT&timeInForce=GTC"
                                     "&timestamp=1591702613943&type=LIMIT");
        QCOMPARE(bytes(binance::HmacSigner(kSecret).signature(payload)),
                 QByteArray("5b8fe2b962b8e1b2b82fb40e548d56147c2a8f835b5f1393ae4b4b90c38b527f"));
    }

    void ed25519SignsTheVectorsOfItsStandard_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QByteArray>("message");
        QTest::addColumn<QByteArray>("signature");
        const QByteArray first = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
                                 "1cf9b46bd25bf5f0595bbe24655141438e7a100b";
        const QByteArray second = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
                                  "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        QTest::newRow("seed in hex, nothing to sign") << QByteArray(kSeed1) << QByteArray() << first;
        QTest::newRow("seed in capital hex with a line end") << QByteArray(kSeed1).toUpper() + "\n" << QByteArray() << first;
        QTest::newRow("seed in base64") << QByteArray::fromHex(kSeed2).toBase64() << QByteArray("r") << second;
        QTest::newRow("PEM") << pemOfSeed(kSeed2) << QByteArray("r") << second;
        QTest::newRow("PEM with blanks around") << "\n " + pemOfSeed(kSeed2) + " " << QByteArray("r") << second;
    }
    void ed25519SignsTheVectorsOfItsStandard()
    {
        QFETCH(QByteArray, key);
        QFETCH(QByteArray, message);
        QFETCH(QByteArray, signature);
        const auto signer = binance::Signer::make(binance::KeyType::Ed25519, key.toStdString());
        QVERIFY(signer.has_value());
        const QByteArray base64 = QByteArray::fromHex(signature).toBase64();
        QCOMPARE(bytes(signer->signature(message.toStdString())), base64);
        std::string query = message.toStdString();
        signer->sign(query);
        const QByteArray encoded = base64.toPercentEncoding();
        QCOMPARE(bytes(query), message.isEmpty() ? "signature=" + encoded : message + "&signature=" + encoded);
        QVERIFY(!query.ends_with('='));
    }

    void everySignatureVerifiesUnderThePublicKey()
    {
        EVP_PKEY *const key = newEd25519();
        EVP_PKEY_up_ref(key);
        const auto signer = binance::Signer::make(binance::KeyType::Ed25519, pemOf(key));
        QVERIFY(signer.has_value());
        QVERIFY(rc::check("verifies; another payload does not", [&](const std::string &payload) {
            const QByteArray signature = QByteArray::fromBase64(bytes(signer->signature(payload)));
            const auto verifies = [&](const std::string &text) {
                EVP_MD_CTX *const context = EVP_MD_CTX_new();
                EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, key);
                const int done = EVP_DigestVerify(context, reinterpret_cast<const unsigned char *>(signature.constData()),
                                                  static_cast<std::size_t>(signature.size()),
                                                  reinterpret_cast<const unsigned char *>(text.data()), text.size());
                EVP_MD_CTX_free(context);
                return done == 1;
            };
            RC_ASSERT(verifies(payload));
            RC_ASSERT(!verifies(payload + "x"));
        }));
        EVP_PKEY_free(key);
    }

    void aKeyOfAnotherKindIsRefusedWithASentence_data()
    {
        QTest::addColumn<bool>("isHmac");
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QByteArray>("words");
        const QByteArray rsa = bytes(pemOf(EVP_RSA_gen(1024)));
        QTest::newRow("RSA") << false << rsa << QByteArray("this is an RSA key");
        QTest::newRow("RSA as an HMAC secret") << true << rsa << QByteArray("not an HMAC secret");
        QTest::newRow("Ed25519 as an HMAC secret") << true << pemOfSeed(kSeed1) << QByteArray("not an HMAC secret");
        QTest::newRow("elliptic curve") << false << bytes(pemOf(EVP_EC_gen("P-256"))) << QByteArray("not an Ed25519 key");
        QTest::newRow("behind a pass phrase")
            << false << bytes(pemOf(newEd25519(), "a phrase")) << QByteArray("without a pass phrase");
        QTest::newRow("PEM cut off") << false << pemOfSeed(kSeed1).left(60) << QByteArray("not a private key");
        QTest::newRow("an HMAC secret") << false << QByteArray("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j")
                                        << QByteArray("an Ed25519 key is");
        QTest::newRow("31 bytes in base64") << false << QByteArray(31, 'k').toBase64() << QByteArray("an Ed25519 key is");
        QTest::newRow("nothing") << false << QByteArray() << QByteArray("an Ed25519 key is");
        QTest::newRow("no HMAC secret") << true << QByteArray() << QByteArray("the HMAC secret is empty");
    }
    void aKeyOfAnotherKindIsRefusedWithASentence()
    {
        QFETCH(bool, isHmac);
        QFETCH(QByteArray, key);
        QFETCH(QByteArray, words);
        const auto signer = binance::Signer::make(isHmac ? binance::KeyType::Hmac : binance::KeyType::Ed25519,
                                                  key.toStdString());
        QVERIFY(!signer.has_value());
        QVERIFY2(bytes(signer.error().detail).contains(words), signer.error().detail.c_str());
        for (const QByteArray &line : key.split('\n'))
            QVERIFY(line.size() < 8 || line.startsWith('-') || !bytes(signer.error().detail).contains(line.left(8)));
    }

    void keyTypesHaveNames()
    {
        QCOMPARE(binance::parseKeyType("hmac").value(), binance::KeyType::Hmac);
        QCOMPARE(binance::parseKeyType("ed25519").value(), binance::KeyType::Ed25519);
        QVERIFY(bytes(binance::parseKeyType("rsa").error().detail).contains("not supported"));
        QVERIFY(!binance::parseKeyType("").has_value());
        // Both types behind one name give what they give alone.
        QCOMPARE(binance::Signer::make(binance::KeyType::Hmac, kSecret).value().signature("a=1"),
                 binance::HmacSigner(kSecret).signature("a=1"));
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
