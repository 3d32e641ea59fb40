#include "core/secrets/sealed_file.h"

using namespace core;
using namespace core::secrets;

namespace
{
constexpr std::string_view kMachine = "0123456789abcdef";
constexpr ScryptCost kCheapest{.logN = ScryptCost::kLogNMin};

net::Secret passphrase()
{
    return net::Secret("correct horse battery");
}

SealedEntries entries()
{
    SealedEntries result;
    result.emplace("main/api-key", net::Secret("dbefbc809e3e83c283a984c3a1459732"));
    result.emplace("main/secret", net::Secret(std::string_view("with\0zero\n", 10)));
    result.emplace("empty", net::Secret());
    return result;
}

std::string sealed()
{
    const auto key = newSealingKey(passphrase(), kMachine, kCheapest);
    return seal(entries(), key.value()).value();
}

Result<SealedEntries> open(std::string_view bytes, const net::Secret &secret, std::string_view machine)
{
    const auto key = sealingKeyOf(bytes, secret, machine);
    if (!key)
        return fail(key.error());
    return unseal(bytes, *key);
}
} // namespace

/// R20: what must not open does not, and nothing tells why.
class TestSealedFile : public QObject
{
    Q_OBJECT

private slots:
    void whatWasSealedComesBack()
    {
        const auto opened = open(sealed(), passphrase(), kMachine);
        QVERIFY(opened.has_value());
        const SealedEntries expected = entries();
        QCOMPARE(opened->size(), expected.size());
        for (const auto &[name, secret] : expected)
            QVERIFY(opened->at(name).expose() == secret.expose());
    }

    void theSameEntriesNeverGiveTheSameBytes()
    {
        const auto key = newSealingKey(passphrase(), kMachine, kCheapest);
        QVERIFY(seal(entries(), *key).value() != seal(entries(), *key).value());
        const auto other = newSealingKey(passphrase(), kMachine, kCheapest);
        QVERIFY(key->salt != other->salt);
    }

    void noSecretStandsInTheBytes()
    {
        const std::string bytes = sealed();
        QVERIFY(bytes.find("dbefbc809e3e") == std::string::npos);
        QVERIFY(bytes.find("main/") == std::string::npos);
        QVERIFY(bytes.find("horse") == std::string::npos);
    }

    void wrongPassphraseOtherMachineAndDamageSayTheSame()
    {
        const std::string bytes = sealed();
        std::string damaged = bytes;
        damaged.back() = static_cast<char>(damaged.back() ^ 1);
        const auto wrong = open(bytes, net::Secret("correct horse battery "), kMachine);
        const auto elsewhere = open(bytes, passphrase(), "fedcba9876543210");
        const auto broken = open(damaged, passphrase(), kMachine);
        QVERIFY(!wrong && !elsewhere && !broken);
        QVERIFY(wrong.error() == elsewhere.error());
        QVERIFY(wrong.error() == broken.error());
        QVERIFY(wrong.error().code == ErrorCode::Unauthorized);
    }

    void oneFlippedBitAnywhereDoesNotOpen()
    {
        const std::string bytes = sealed();
        const auto key = sealingKeyOf(bytes, passphrase(), kMachine);
        int opened = 0;
        int tried = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            for (const int bit : {0, 3, 7}) {
                std::string flipped = bytes;
                flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
                // With the right key at hand; and from the passphrase where the header says something else.
                opened += unseal(flipped, *key).has_value() ? 1 : 0;
                if (i >= 12 && i < 28 && bit == 0)
                    opened += open(flipped, passphrase(), kMachine).has_value() ? 1 : 0;
                ++tried;
            }
        }
        QCOMPARE(opened, 0);
        qInfo("R20: %d flipped bits, %d opened", tried, opened);
    }

    void cutShortItDoesNotOpen()
    {
        const std::string bytes = sealed();
        const auto key = sealingKeyOf(bytes, passphrase(), kMachine);
        for (std::size_t size = 0; size < bytes.size(); ++size)
            QVERIFY(!unseal(std::string_view(bytes).substr(0, size), *key));
    }

    void aLoweredCostIsRefusedBeforeAnyWork()
    {
        std::string bytes = sealed();
        for (const char logN : {char{0}, char{1}, char{14}, char{21}, char{63}}) {
            bytes[9] = logN;
            QVERIFY(!sealingKeyOf(bytes, passphrase(), kMachine));
        }
        QVERIFY(!newSealingKey(passphrase(), kMachine, {.logN = 14}));
    }

    void aShortPassphraseIsRefused()
    {
        const auto key = newSealingKey(net::Secret("1234567"), kMachine, kCheapest);
        QVERIFY(!key);
        QVERIFY(key.error().code == ErrorCode::InvalidArgument);
        QVERIFY(key.error().detail.find("1234567") == std::string::npos);
    }

    void anyOtherFileIsRefused()
    {
        for (const std::string &bytes : {std::string(), std::string(300, 'x'), std::string(2'000'000, '\0')})
            QVERIFY(!sealingKeyOf(bytes, passphrase(), kMachine));
    }
};

QTEST_GUILESS_MAIN(TestSealedFile)
#include "tst_sealed_file.moc"
