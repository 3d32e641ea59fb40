#include "core/secrets/sealed_store.h"

#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>

#include "core/secrets/keychain_store.h"

using namespace core;
using namespace core::secrets;
using namespace Qt::StringLiterals;

namespace
{
constexpr ScryptCost kCheapest{.logN = ScryptCost::kLogNMin};

template <class T> struct Waiting {
    std::optional<Result<T>> answer;
    SecretStore::Done<T> done()
    {
        return [this](Result<T> result) { answer.emplace(std::move(result)); };
    }
};

Result<std::string> readNow(SecretStore &store, const std::string &name)
{
    Waiting<net::Secret> waiting;
    store.read(name, waiting.done());
    if (waiting.answer)
        return fail(ErrorCode::OutOfSync, "answered from inside the call");
    if (!QTest::qWaitFor([&] { return waiting.answer.has_value(); }))
        return fail(ErrorCode::TimedOut, "no answer");
    if (!*waiting.answer)
        return fail(waiting.answer->error());
    return std::string((*waiting.answer)->expose());
}

bool writeNow(SecretStore &store, const std::string &name, std::string_view text)
{
    Waiting<void> waiting;
    store.write(name, net::Secret(text), waiting.done());
    return QTest::qWaitFor([&] { return waiting.answer.has_value(); }) && waiting.answer->has_value();
}

bool removeNow(SecretStore &store, const std::string &name)
{
    Waiting<void> waiting;
    store.remove(name, waiting.done());
    return QTest::qWaitFor([&] { return waiting.answer.has_value(); }) && waiting.answer->has_value();
}
} // namespace

class TestSealedStore : public QObject
{
    Q_OBJECT

private slots:
    void keepsSecretsOverARestart()
    {
        const QTemporaryDir dir;
        const QString path = dir.filePath(u"deep/keys.sealed"_s);
        QVERIFY(!SealedStore::exists(path));
        {
            auto store = SealedStore::open(path, net::Secret("a long passphrase"), kCheapest);
            QVERIFY(store.has_value());
            QVERIFY(writeNow(**store, "main/secret", "s3cr3t-0001"));
            QVERIFY(writeNow(**store, "other/secret", "s3cr3t-0002"));
            QVERIFY(writeNow(**store, "main/secret", "s3cr3t-0003"));
            QVERIFY(removeNow(**store, "other/secret"));
            QVERIFY(removeNow(**store, "never there"));
        }
        auto store = SealedStore::open(path, net::Secret("a long passphrase"), kCheapest);
        QVERIFY(store.has_value());
        QCOMPARE(QString::fromStdString(readNow(**store, "main/secret").value()), u"s3cr3t-0003"_s);
        const auto gone = readNow(**store, "other/secret");
        QVERIFY(!gone && gone.error().code == ErrorCode::NotFound);
    }

    void theFileIsTheUsersAlone()
    {
        const QTemporaryDir dir;
        const QString path = dir.filePath(u"keys.sealed"_s);
        QVERIFY(SealedStore::open(path, net::Secret("a long passphrase"), kCheapest));
        const auto loose = QFileDevice::ReadGroup | QFileDevice::ReadOther | QFileDevice::WriteGroup |
                           QFileDevice::WriteOther;
        QVERIFY((QFileInfo(path).permissions() & loose) == 0);
        QVERIFY(QFile::setPermissions(path, QFileInfo(path).permissions() | QFileDevice::ReadOther));
        const auto refused = SealedStore::open(path, net::Secret("a long passphrase"), kCheapest);
        QVERIFY(!refused);
        QVERIFY(refused.error().code == ErrorCode::Unauthorized);
        QVERIFY(refused.error().detail.find("chmod 600") != std::string::npos);
    }

    void permissionsLoosenedWhileOpenAreNoticed()
    {
        const QTemporaryDir dir;
        const QString path = dir.filePath(u"keys.sealed"_s);
        auto store = SealedStore::open(path, net::Secret("a long passphrase"), kCheapest);
        QVERIFY(writeNow(**store, "a", "b"));
        QVERIFY(QFile::setPermissions(path, QFileInfo(path).permissions() | QFileDevice::ReadGroup));
        QVERIFY(!readNow(**store, "a"));
    }

    void aWrongPassphraseChangesNothing()
    {
        const QTemporaryDir dir;
        const QString path = dir.filePath(u"keys.sealed"_s);
        QVERIFY(SealedStore::open(path, net::Secret("a long passphrase"), kCheapest));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray before = file.readAll();
        const auto refused = SealedStore::open(path, net::Secret("another passphrase"), kCheapest);
        QVERIFY(!refused);
        QVERIFY(refused.error().detail.find("another") == std::string::npos ||
                refused.error().detail.find("another machine") != std::string::npos);
        file.seek(0);
        QCOMPARE(file.readAll(), before);
    }

    /// Without a key store the answer comes, says so, and quotes nothing. With one, the entry is not there.
    void aMachineWithoutAKeyStoreSaysSo()
    {
        KeychainStore store;
        const auto answer = readNow(store, "no such entry of a test");
        QVERIFY(!answer);
        QVERIFY(answer.error().code == ErrorCode::Unavailable || answer.error().code == ErrorCode::NotFound ||
                answer.error().code == ErrorCode::Unauthorized);
    }
};

QTEST_GUILESS_MAIN(TestSealedStore)
#include "tst_sealed_store.moc"
