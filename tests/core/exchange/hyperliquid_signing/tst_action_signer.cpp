#include <array>
#include <compare>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "core/exchange/hyperliquid/nonce.h"
#include "core/exchange/hyperliquid/signer_user_actions.h"
#include "tests/core/exchange/hyperliquid_signing/signing_support.h"

using namespace core::exchange::hyperliquid;
using tests::bytes;

namespace
{
/// n ÷ 2 of secp256k1.
constexpr Digest kHalfOrder{0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                            0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4,
                            0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};

Digest randomDigest(std::mt19937_64 &random)
{
    Digest digest{};
    for (std::uint8_t &byte : digest)
        byte = static_cast<std::uint8_t>(random());
    return digest;
}

ActionValue usdSend()
{
    return tests::parsed(R"({"type":"usdSend","signatureChainId":"0x66eee","hyperliquidChain":"Testnet",)"
                         R"("destination":"0x5e9ee1089755c3435139848e47e6635505d5a13a","amount":"1","time":1})");
}
} // namespace

class TestActionSigner : public QObject
{
    Q_OBJECT

private slots:
    void hl04_tenThousandSignaturesAreLowAndNameTheirSigner()
    {
        std::mt19937_64 random(20'261'122);
        const ActionSigner signer = tests::signerOf();
        int evenParity = 0;
        for (int i = 0; i < 10'000; ++i) {
            const Digest digest = randomDigest(random);
            const Signature signature = signer.sign(digest);
            QVERIFY(signature.s <= kHalfOrder);
            QVERIFY(signature.v == 27 || signature.v == 28);
            evenParity += signature.v == 27 ? 1 : 0;
            const auto who = recoverSigner(digest, signature);
            QVERIFY(who.has_value());
            QCOMPARE(*who, signer.address());
        }
        QVERIFY(evenParity > 4'500 && evenParity < 5'500);
    }

    void aChangedByteNamesAStranger()
    {
        std::mt19937_64 random(1);
        const ActionSigner signer = tests::signerOf();
        for (int i = 0; i < 256; ++i) {
            Digest digest = randomDigest(random);
            const Signature signature = signer.sign(digest);
            digest[static_cast<std::size_t>(i) / 8] ^= static_cast<std::uint8_t>(1U << (i % 8));
            const auto who = recoverSigner(digest, signature);
            QVERIFY(!who || *who != signer.address());
        }
    }

    void hl08_theNetworksSignDifferently()
    {
        const ActionSigner signer = tests::signerOf();
        const ActionEnvelope envelope{1'795'305'600'000U};
        const L1Signature mainnet = signer.signL1(noopAction(), envelope, Network::Mainnet);
        const L1Signature testnet = signer.signL1(noopAction(), envelope, Network::Testnet);
        QCOMPARE(mainnet.connectionId, testnet.connectionId);
        QVERIFY(mainnet.signature != testnet.signature);
        QCOMPARE(recoverL1Signer(noopAction(), envelope, Network::Mainnet, mainnet.signature).value(), signer.address());
        QVERIFY(recoverL1Signer(noopAction(), envelope, Network::Testnet, mainnet.signature) != signer.address());
    }

    void everyPartOfTheEnvelopeIsSigned()
    {
        const ActionSigner signer = tests::signerOf();
        const Address vault = Address::parse("0x1719884eb866cb12b2287399b15f7db5e7d775ea").value();
        const ActionEnvelope envelope{7, vault, 9};
        const Signature signature = signer.signL1(noopAction(), envelope, Network::Mainnet).signature;
        QCOMPARE(recoverL1Signer(noopAction(), envelope, Network::Mainnet, signature).value(), signer.address());
        for (const ActionEnvelope &other :
             {ActionEnvelope{8, vault, 9}, ActionEnvelope{7, {}, 9}, ActionEnvelope{7, vault, {}},
              ActionEnvelope{7, vault, 10}, ActionEnvelope{7, Address{}, 9}})
            QVERIFY(recoverL1Signer(noopAction(), other, Network::Mainnet, signature) != signer.address());
    }

    void signsWhatTheUserSigns()
    {
        const ActionSigner signer = tests::signerOf();
        const auto signature = signer.signUser(usdSend());
        QVERIFY(signature.has_value());
        QCOMPARE(recoverUserSigner(usdSend(), *signature).value(), signer.address());
        // An unnamed agent may be posted without its empty name.
        const auto named = approveAgentAction(Network::Testnet, Address{}, "", 5);
        QVERIFY(named.has_value());
        ActionValue::Map unnamed = *named->map();
        unnamed.erase(unnamed.begin() + 4);
        QCOMPARE(recoverUserSigner(unnamed, signer.signUser(*named).value()).value(), signer.address());
    }
    void namesTheFieldThatAUserActionLacks_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("missing") << QByteArray(R"("amount":"1",)") << QByteArray()
                                 << QByteArray("action.amount: is missing");
        QTest::newRow("another kind") << QByteArray(R"("time":1)") << QByteArray(R"("time":"1")")
                                      << QByteArray("action.time: expects uint64");
        QTest::newRow("no chain") << QByteArray(R"("signatureChainId":"0x66eee",)") << QByteArray()
                                  << QByteArray("action.signatureChainId: expects");
        QTest::newRow("a chain beyond 64 bits") << QByteArray("0x66eee") << QByteArray("0x10000000000000000")
                                                << QByteArray("action.signatureChainId: expects");
        QTest::newRow("an L1 action") << QByteArray("usdSend") << QByteArray("order")
                                      << QByteArray("action.type: is not signed by the user");
    }
    void namesTheFieldThatAUserActionLacks()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QByteArray, words);
        QByteArray json = bytes(jsonText(usdSend()));
        const auto signature = tests::signerOf().signUser(tests::parsed(json.replace(from, to)));
        QVERIFY(!signature.has_value());
        QVERIFY2(bytes(signature.error().detail).startsWith(words), signature.error().detail.c_str());
    }

    void readsSignaturesWithAndWithoutLeadingZeros()
    {
        const auto short_ = parseSignature("0x1", "0xAb", 28);
        QVERIFY(short_.has_value());
        QCOMPARE(int{short_->r.back()}, 1);
        QCOMPARE(bytes(short_->sText()), "0x" + QByteArray(62, '0') + "ab");
        const std::string tooLong = "0x" + std::string(65, '0');
        QVERIFY(!parseSignature(tooLong, "0x1", 27).has_value());
        QVERIFY(!parseSignature("0x", "0x1", 27).has_value());
        QVERIFY(!parseSignature("0x1", "1", 27).has_value());
        QVERIFY(!parseSignature("0x1", "0xg", 27).has_value());
        QVERIFY(!parseSignature("0x1", "0x1", 0).has_value());
        // Zero and numbers beyond the order are no signature: refused, not undefined.
        QVERIFY(!recoverSigner({}, parseSignature("0x0", "0x0", 27).value()).has_value());
        QVERIFY(!recoverSigner({}, parseSignature("0x" + std::string(64, 'f'), "0x1", 27).value()).has_value());
    }

    void hl10_aRefusedKeyIsNotRepeated_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("63 digits") << QByteArray(63, 'a');
        QTest::newRow("65 digits") << QByteArray(65, 'a');
        QTest::newRow("no hex") << QByteArray(64, 'x');
        QTest::newRow("zero") << QByteArray(64, '0');
        QTest::newRow("the order of the group")
            << QByteArray("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    }
    void hl10_aRefusedKeyIsNotRepeated()
    {
        QFETCH(QByteArray, key);
        const auto signer = ActionSigner::fromHex(key.toStdString());
        QVERIFY(!signer.has_value());
        QCOMPARE(signer.error().code, core::ErrorCode::InvalidArgument);
        QVERIFY(key.size() < 8 || !bytes(signer.error().detail).contains(key.left(8)));
    }

    void keepsItsKeyWhenMoved()
    {
        ActionSigner first = tests::signerOf();
        const Signature before = first.sign(Digest{});
        ActionSigner second(std::move(first));
        QCOMPARE(second.sign(Digest{}), before);
        ActionSigner third = tests::signerOf(std::string(64, '7'));
        third = std::move(second);
        QCOMPARE(third.sign(Digest{}), before);
        QCOMPARE(bytes(third.address().text()), QByteArray("0x14791697260e4c9a71f18484c9f997b308e59325"));
    }

    void hl09_noncesOfManyThreadsAreUniqueAndIncrease()
    {
        constexpr std::size_t kThreads = 8;
        constexpr std::size_t kEach = 1'000;
        constexpr std::int64_t kNow = 1'795'305'600'000;
        NonceSource source;
        std::array<std::vector<std::uint64_t>, kThreads> taken;
        std::vector<std::thread> threads;
        for (std::vector<std::uint64_t> &own : taken)
            threads.emplace_back([&source, &own] {
                for (std::size_t i = 0; i < kEach; ++i)
                    own.push_back(source.next(kNow + static_cast<std::int64_t>(i / 2))); // the clock moves
            });
        for (std::thread &thread : threads)
            thread.join();
        std::set<std::uint64_t> all;
        for (const auto &own : taken) {
            QVERIFY(std::is_sorted(own.begin(), own.end(), std::less_equal<>()));
            all.insert(own.begin(), own.end());
        }
        QCOMPARE(all.size(), kThreads * kEach);
        QCOMPARE(source.lastUsed(), *all.rbegin());
    }
    void hl09_noncesStayNearTheVenuesClock()
    {
        NonceSource source;
        // 100 actions within one millisecond, every second.
        for (std::int64_t second = 0; second < 60; ++second) {
            const std::int64_t now = 1'795'305'600'000 + second * 1'000;
            for (int i = 0; i < 100; ++i) {
                const std::uint64_t nonce = source.next(now);
                QVERIFY(nonce >= static_cast<std::uint64_t>(now) && nonce < static_cast<std::uint64_t>(now + 1'000));
            }
        }
    }
    void hl09_noncesSurviveARestartAndAClockThatStepsBack()
    {
        NonceSource before;
        const std::uint64_t last = before.next(1'000);
        NonceSource after(last);
        QCOMPARE(after.next(1'000), last + 1);
        QCOMPARE(after.next(10), last + 2);
        QCOMPARE(after.next(-5), last + 3);
        QCOMPARE(after.next(5'000), 5'000U);
    }
};

QTEST_APPLESS_MAIN(TestActionSigner)
#include "tst_action_signer.moc"
