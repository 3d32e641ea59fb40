#include <array>
#include <fstream>
#include <random>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "core/exchange/binance/signer.h"
#include "core/exchange/hyperliquid/signer.h"
#include "core/secrets/sealed_store.h"

using namespace core;
using namespace core::secrets;
using namespace Qt::StringLiterals;

namespace
{

constexpr unsigned char kMask = 0xA5;
constexpr std::string_view kDigits = "0123456789abcdef";
using Masked = std::vector<unsigned char>; ///< what is looked for, never in the clear

/// 64 hex digits that are nowhere in memory but where a Secret was made of them.
class Canary
{
public:
    Canary()
    {
        std::random_device random;
        m_text.push_back(static_cast<unsigned char>('0') ^ kMask); // below the order of every curve
        while (m_text.size() < 64)
            m_text.push_back(static_cast<unsigned char>(kDigits[random() % 16]) ^ kMask);
    }

    [[nodiscard]] net::Secret reveal() const
    {
        std::array<char, 64> plain;
        for (std::size_t i = 0; i < plain.size(); ++i)
            plain[i] = static_cast<char>(m_text[i] ^ kMask);
        net::Secret secret(std::string_view(plain.data(), plain.size()));
        OPENSSL_cleanse(plain.data(), plain.size());
        return secret;
    }

    /// As text; as 32 bytes in either order (OpenSSL keeps numbers from the small end); as HMAC keeps it.
    [[nodiscard]] std::vector<std::pair<const char *, Masked>> forms() const
    {
        std::vector<std::pair<const char *, Masked>> all{{"text", m_text}};
        Masked bytes;
        for (std::size_t i = 0; i < m_text.size(); i += 2)
            bytes.push_back(static_cast<unsigned char>((nibble(i) << 4 | nibble(i + 1)) ^ kMask));
        all.emplace_back("bytes", bytes);
        all.emplace_back("bytes from the small end", Masked(bytes.rbegin(), bytes.rend()));
        for (const unsigned char pad : {std::uint8_t{0x36}, std::uint8_t{0x5c}}) { // RFC 2104
            Masked padded = m_text;
            for (unsigned char &c : padded)
                c ^= pad;
            all.emplace_back("padded for HMAC", padded);
        }
        return all;
    }

private:
    [[nodiscard]] int nibble(std::size_t i) const
    {
        const int digit = m_text[i] ^ kMask;
        return digit <= '9' ? digit - '0' : digit - 'a' + 10;
    }
    Masked m_text;
};

/// Everything that this process may write to: heap, stacks, data.
class Memory
{
public:
    Memory() : m_file(open("/proc/self/mem", O_RDONLY)), m_window(1 << 16) {}
    ~Memory() { close(m_file); }
    Memory(const Memory &) = delete;
    Memory &operator=(const Memory &) = delete;

    [[nodiscard]] bool isOpen() const { return m_file >= 0; }

    [[nodiscard]] int count(const Masked &wanted)
    {
        int found = 0;
        std::ifstream maps("/proc/self/maps");
        for (std::string line; std::getline(maps, line);) {
            std::uintptr_t from = 0, to = 0;
            char dash = 0;
            std::string rights;
            std::istringstream(line) >> std::hex >> from >> dash >> to >> rights;
            if (rights.starts_with("rw"))
                found += countBetween(from, to, wanted);
        }
        OPENSSL_cleanse(m_window.data(), m_window.size());
        return found;
    }

private:
    /// The window is looked through as well: it holds what was looked for only after that was found elsewhere.
    [[nodiscard]] int countBetween(std::uintptr_t from, std::uintptr_t to, const Masked &wanted)
    {
        int found = 0;
        while (from + wanted.size() <= to) {
            const std::size_t size = std::min<std::size_t>(m_window.size(), to - from);
            const ssize_t read = pread(m_file, m_window.data(), size, static_cast<off_t>(from));
            if (read < static_cast<ssize_t>(wanted.size()))
                return found;
            found += countIn(static_cast<std::size_t>(read), wanted);
            from += static_cast<std::uintptr_t>(read) - wanted.size() + 1;
        }
        return found;
    }
    [[nodiscard]] int countIn(std::size_t size, const Masked &wanted) const
    {
        int found = 0;
        for (std::size_t i = 0; i + wanted.size() <= size; ++i) {
            std::size_t same = 0;
            while (same < wanted.size() && m_window[i + same] == (wanted[same] ^ kMask))
                ++same;
            found += same == wanted.size() ? 1 : 0;
        }
        return found;
    }

    int m_file;
    std::vector<unsigned char> m_window;
};

/// One answer of a store.
template <class T> struct Waiting {
    std::optional<Result<T>> answer;
    SecretStore::Done<T> done()
    {
        return [this](Result<T> result) { answer.emplace(std::move(result)); };
    }
    [[nodiscard]] bool arrived()
    {
        return QTest::qWaitFor([this] { return answer.has_value(); }) && answer->has_value();
    }
};

} // namespace

/// Row R18 of the targets: what was a key is gone from memory as soon as its account is closed.
class TestLockedMemory : public QObject
{
    Q_OBJECT

    void find(const Canary &canary, bool expected)
    {
        int copies = 0;
        for (const auto &[form, masked] : canary.forms()) {
            const int here = m_memory.count(masked);
            copies += here;
            QVERIFY2(expected || here == 0, form);
        }
        QCOMPARE(copies > 0, expected);
    }

private slots:
    void initTestCase()
    {
#if defined(__SANITIZE_ADDRESS__)
        QSKIP("the address sanitizer maps more memory than can be read");
#endif
        if (!m_memory.isOpen())
            QSKIP("this system does not show a process its own memory");
    }

    void whatIsKeptIsFoundAndWhatIsGoneIsNot()
    {
        const Canary canary;
        find(canary, false);
        {
            const net::Secret kept = canary.reveal();
            find(canary, true);
        }
        find(canary, false);
    }

    void aClosedStoreLeavesNeitherPassphraseNorKey()
    {
        const Canary passphrase, key;
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"keys.sealed"_s);
        for (int run = 0; run < 2; ++run) { // made new, then opened again
            auto store = SealedStore::open(path, passphrase.reveal(), {.logN = ScryptCost::kLogNMin});
            QVERIFY(store.has_value());
            Waiting<void> written;
            (*store)->write("main/secret", key.reveal(), written.done());
            QVERIFY(written.arrived());
            Waiting<net::Secret> read;
            (*store)->read("main/secret", read.done());
            QVERIFY(read.arrived());
            find(key, true);
        }
        find(key, false);
        find(passphrase, false);
    }

    void aSignerLeavesNoKey_data()
    {
        QTest::addColumn<int>("venue");
        QTest::newRow("Binance, HMAC") << 0;
        QTest::newRow("Binance, Ed25519") << 1;
        QTest::newRow("Hyperliquid, agent key") << 2;
    }
    void aSignerLeavesNoKey()
    {
        QFETCH(int, venue);
        const Canary key;
        if (venue == 0) {
            const exchange::binance::HmacSigner signer(key.reveal().expose());
            QCOMPARE(signer.signature("symbol=BTCUSDT").size(), std::size_t{64});
        } else if (venue == 1) {
            const auto signer = exchange::binance::Ed25519Signer::fromKey(key.reveal().expose());
            QVERIFY(signer.has_value());
            QVERIFY(!signer->signature("symbol=BTCUSDT").empty());
        } else {
            const auto signer = exchange::hyperliquid::ActionSigner::fromHex(key.reveal().expose());
            QVERIFY(signer.has_value());
            find(key, true); // it has to be somewhere
            QVERIFY(signer->sign({}).v >= 27);
        }
        find(key, false);
    }

private:
    Memory m_memory;
};

QTEST_GUILESS_MAIN(TestLockedMemory)
#include "tst_locked_memory.moc"
