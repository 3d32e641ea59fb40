#include <memory>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QMap>
#include <QtCore/QProcess>
#include <QtCore/QRegularExpression>
#include <QtCore/QSet>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "tests/lint/source_text.h"
#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;

namespace
{

struct Outcome {
    int status{-1};
    QString out;
    QString err;
};

} // namespace

/// packaging/quickstart.sh in a copy of the tree, with tools that write down how they were called.
class TestQuickstart : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void helpAndWrongUse_data();
    void helpAndWrongUse();
    void anotherSystemGetsThePackageNames();
    void anotherSystemMayBringItsOwnPackages();
    void onlyMissingPackagesAreInstalled();
    void aPackageOfAnotherArchitectureDoesNotConfuse();
    void nothingIsInstalledWhenNothingIsMissing();
    void withoutRootAndSudoTheCommandIsNamed();
    void aFailedInstallationStopsEverything();
    void aFailedBuildStopsEverything();
    void testEndsWithCtestsSummaryAndStatus();
    void demoHandsOverItsOptions();
    void headlessDemoRunsFromAnywhereAndGivesItsStatus();
    void demoWithoutADisplaySaysSo();
    void continuousIntegrationRunsTheTests();
    void everythingThatCMakeLooksForIsInstalled();

private:
    void write(const QString &path, const QByteArray &text, bool program = false);
    void tool(const QString &name, const QByteArray &body);
    [[nodiscard]] QStringList calls() const;
    [[nodiscard]] Outcome run(const QStringList &arguments,
                              const QString &script = u"packaging/quickstart.sh"_s);

    std::unique_ptr<QTemporaryDir> m_dir;
    QProcessEnvironment m_environment;
};

void TestQuickstart::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    QVERIFY(m_dir->isValid());
    QDir root(m_dir->path());
    for (const QString &folder :
         {u"tree/packaging"_s, u"tree/.ci"_s, u"tree/build/release/bin"_s, u"tools"_s, u"desk"_s})
        QVERIFY(root.mkpath(folder));
    const QString tree = m_dir->filePath(u"tree"_s);
    for (const QString &script : {u"packaging/quickstart.sh"_s, u".ci/run"_s})
        QVERIFY(QFile::copy(tests::sourceDir() + u'/' + script, tree + u'/' + script));
    write(u"debian"_s, "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
    write(u"other"_s, "ID=ubuntu\nVERSION_ID=\"24.04\"\nPRETTY_NAME=\"Ubuntu 24.04 LTS\"\n");

    // Nothing missing, an administrator, tools that succeed.
    tool(u"dpkg-query"_s, "echo installed");
    tool(u"id"_s, "echo 0");
    tool(u"apt-get"_s, "");
    tool(u"cmake"_s, "");
    tool(u"ctest"_s, "echo '100% tests passed, 0 tests failed out of 7'");
    write(u"tree/build/release/bin/etrms"_s,
          "#!/bin/sh\necho \"etrms $* ($QT_QPA_PLATFORM)\" >>\"$CALLS\"\nexit \"${ETRMS_STATUS:-0}\"\n",
          true);

    m_environment = QProcessEnvironment();
    m_environment.insert(u"PATH"_s, m_dir->filePath(u"tools"_s) + u":/usr/bin:/bin"_s);
    m_environment.insert(u"CALLS"_s, m_dir->filePath(u"calls"_s));
    m_environment.insert(u"ETRMS_OS_RELEASE"_s, m_dir->filePath(u"debian"_s));
    m_environment.insert(u"TMPDIR"_s, m_dir->path());
}

void TestQuickstart::cleanup()
{
    m_dir.reset();
}

void TestQuickstart::write(const QString &path, const QByteArray &text, bool program)
{
    QFile file(m_dir->filePath(path));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    QCOMPARE(file.write(text), text.size());
    file.close();
    if (program)
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
}

/// A program in the path that writes down its call (dpkg-query and id are only asked) and does `body`.
void TestQuickstart::tool(const QString &name, const QByteArray &body)
{
    const bool asked = name == "dpkg-query"_L1 || name == "id"_L1;
    const QByteArray note = asked ? QByteArray() : "echo \"" + name.toUtf8() + " $*\" >>\"$CALLS\"\n";
    write(u"tools/"_s + name, "#!/bin/sh\n" + note + body + "\n", true);
}

QStringList TestQuickstart::calls() const
{
    QFile file(m_dir->filePath(u"calls"_s));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()).split(u'\n', Qt::SkipEmptyParts)
                                          : QStringList();
}

Outcome TestQuickstart::run(const QStringList &arguments, const QString &script)
{
    QProcess process;
    process.setProcessEnvironment(m_environment);
    process.setWorkingDirectory(m_dir->filePath(u"desk"_s));
    process.start(m_dir->filePath(u"tree/"_s + script), arguments);
    if (!process.waitForFinished(60'000))
        return {};
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
}

void TestQuickstart::helpAndWrongUse_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("words");
    QTest::newRow("help") << QStringList{u"--help"_s} << 0 << u"demo --headless"_s;
    QTest::newRow("nothing") << QStringList{} << 2 << u"Usage:"_s;
    QTest::newRow("unknown command") << QStringList{u"install"_s} << 2 << u"unknown command: install"_s;
    QTest::newRow("test with options") << QStringList{u"test"_s, u"--fast"_s} << 2 << u"--fast"_s;
}

void TestQuickstart::helpAndWrongUse()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, status);
    QFETCH(QString, words);
    const Outcome outcome = run(arguments);
    QCOMPARE(outcome.status, status);
    QVERIFY2((status == 0 ? outcome.out : outcome.err).contains(words), qPrintable(outcome.err));
    QVERIFY(calls().isEmpty());
}

void TestQuickstart::anotherSystemGetsThePackageNames()
{
    m_environment.insert(u"ETRMS_OS_RELEASE"_s, m_dir->filePath(u"other"_s));
    const Outcome outcome = run({u"test"_s});
    QCOMPARE(outcome.status, 2);
    QVERIFY2(outcome.err.contains(u"Ubuntu 24.04 LTS"_s), qPrintable(outcome.err));
    QVERIFY(outcome.err.contains(u"qt6-base-dev"_s) && outcome.err.contains(u"ETRMS_SKIP_INSTALL=1"_s));
    QCOMPARE(outcome.err.count(u'\n'), 1);
    QVERIFY(calls().isEmpty());
}

void TestQuickstart::anotherSystemMayBringItsOwnPackages()
{
    m_environment.insert(u"ETRMS_OS_RELEASE"_s, m_dir->filePath(u"other"_s));
    m_environment.insert(u"ETRMS_SKIP_INSTALL"_s, u"1"_s);
    tool(u"dpkg-query"_s, "exit 1");
    QCOMPARE(run({u"test"_s}).status, 0);
    QVERIFY(calls().filter(u"apt-get"_s).isEmpty());
    QVERIFY(!calls().filter(u"ctest"_s).isEmpty());
}

void TestQuickstart::onlyMissingPackagesAreInstalled()
{
    tool(
        u"dpkg-query"_s,
        R"(case "$*" in *mold|*libfmt-dev) exit 1 ;; *cmake) echo config-files ;; *) echo installed ;; esac)");
    const Outcome outcome = run({u"test"_s});
    QCOMPARE(outcome.status, 0);
    const QStringList apt = calls().filter(u"apt-get"_s);
    QCOMPARE(apt, (QStringList{u"apt-get -qq update"_s,
                               u"apt-get -qq install -y --no-install-recommends cmake mold libfmt-dev"_s}));
    QVERIFY2(outcome.err.contains(u"Installing 3 packages"_s), qPrintable(outcome.err));
}

void TestQuickstart::aPackageOfAnotherArchitectureDoesNotConfuse()
{
    tool(u"dpkg-query"_s, "echo not-installed; echo installed");
    QCOMPARE(run({u"test"_s}).status, 0);
    QVERIFY(calls().filter(u"apt-get"_s).isEmpty());
}

void TestQuickstart::nothingIsInstalledWhenNothingIsMissing()
{
    tool(u"id"_s, "echo 1000");
    QCOMPARE(run({u"test"_s}).status, 0);
    QVERIFY(calls().filter(u"apt-get"_s).isEmpty());
}

void TestQuickstart::withoutRootAndSudoTheCommandIsNamed()
{
    // A path without sudo: only the tools that the script needs.
    for (const QString &name : {u"bash"_s, u"dirname"_s, u"grep"_s, u"env"_s}) {
        const QString system = u"/usr/bin/"_s + name;
        QVERIFY(QFile::link(system, m_dir->filePath(u"tools/"_s + name)));
    }
    m_environment.insert(u"PATH"_s, m_dir->filePath(u"tools"_s));
    tool(u"id"_s, "echo 1000");
    tool(u"dpkg-query"_s, R"(case "$*" in *mold) exit 1 ;; *) echo installed ;; esac)");
    const Outcome outcome = run({u"test"_s});
    QCOMPARE(outcome.status, 1);
    QVERIFY2(outcome.err.contains(u"apt-get install --no-install-recommends mold"_s),
             qPrintable(outcome.err));
    QVERIFY(calls().isEmpty());
}

void TestQuickstart::aFailedInstallationStopsEverything()
{
    tool(u"dpkg-query"_s, "exit 1");
    tool(u"apt-get"_s, "echo 'E: no network'; exit 100");
    const Outcome outcome = run({u"test"_s});
    QCOMPARE(outcome.status, 1);
    QVERIFY2(outcome.err.contains(u"E: no network"_s) && outcome.err.contains(u"apt-get failed"_s),
             qPrintable(outcome.err));
    QVERIFY(calls().filter(u"cmake --preset"_s).isEmpty());
    QVERIFY(calls().filter(u"ctest"_s).isEmpty());
}

void TestQuickstart::aFailedBuildStopsEverything()
{
    tool(u"cmake"_s, R"(case "$*" in --build*) exit 7 ;; esac)");
    const Outcome outcome = run({u"test"_s});
    QCOMPARE(outcome.status, 1);
    QVERIFY2(outcome.err.contains(u"the build failed"_s), qPrintable(outcome.err));
    QVERIFY(calls().filter(u"ctest"_s).isEmpty());
}

void TestQuickstart::testEndsWithCtestsSummaryAndStatus()
{
    const Outcome passed = run({u"test"_s});
    QCOMPARE(passed.status, 0);
    QVERIFY(passed.out.endsWith(u"0 tests failed out of 7\n"_s));
    QVERIFY(calls().contains(u"cmake --preset release"_s));
    QVERIFY(calls().contains(u"ctest --preset release -j2 --output-on-failure"_s));

    tool(u"ctest"_s, "echo '1 tests failed out of 7'; exit 8");
    QCOMPARE(run({u"test"_s}).status, 8);
}

void TestQuickstart::demoHandsOverItsOptions()
{
    m_environment.insert(u"DISPLAY"_s, u":0"_s);
    QCOMPARE(run({u"demo"_s, u"--data-dir"_s, u"a b"_s}).status, 0);
    QCOMPARE(calls().last(), u"etrms --demo --data-dir a b ()"_s);
    QVERIFY(calls().filter(u"--target etrms etrms_cli"_s).size() == 1);
}

void TestQuickstart::headlessDemoRunsFromAnywhereAndGivesItsStatus()
{
    m_environment.insert(u"ETRMS_STATUS"_s, u"1"_s);
    QCOMPARE(run({u"demo"_s, u"--headless"_s}).status, 1);
    const QString out = QDir(m_dir->filePath(u"desk"_s)).canonicalPath() + u"/demo-out"_s;
    QCOMPARE(calls().last(), u"etrms --demo --headless --out %1 --after 60 (offscreen)"_s.arg(out));
}

void TestQuickstart::demoWithoutADisplaySaysSo()
{
    const Outcome outcome = run({u"demo"_s});
    QCOMPARE(outcome.status, 1);
    QVERIFY2(outcome.err.contains(u"demo --headless"_s), qPrintable(outcome.err));
    QVERIFY(calls().isEmpty());
}

void TestQuickstart::continuousIntegrationRunsTheTests()
{
    tool(u"ctest"_s, "echo \"CI=$CI\"; exit 8");
    const Outcome outcome = run({}, u".ci/run"_s);
    QCOMPARE(outcome.status, 8);
    QCOMPARE(outcome.out, u"CI=true\n"_s);
}

void TestQuickstart::everythingThatCMakeLooksForIsInstalled()
{
    // What find_package, find_library and find_program ask for, and the Debian package that has it.
    static const QMap<QString, QString> packageOf = {
        {u"Threads"_s, u"g++"_s},
        {u"Qt6"_s, u"qt6-base-dev"_s},
        {u"WebSockets"_s, u"qt6-websockets-dev"_s},
        {u"Sql"_s, u"libqt6sql6-sqlite"_s},
        {u"Svg"_s, u"qt6-svg-dev"_s},
        {u"tl-expected"_s, u"libexpected-dev"_s},
        {u"fmt"_s, u"libfmt-dev"_s},
        {u"spdlog"_s, u"libspdlog-dev"_s},
        {u"simdjson"_s, u"libsimdjson-dev"_s},
        {u"OpenSSL"_s, u"libssl-dev"_s},
        {u"secp256k1"_s, u"libsecp256k1-dev"_s},
        {u"Qt6Keychain"_s, u"qtkeychain-qt6-dev"_s},
        {u"SQLite3"_s, u"libsqlite3-dev"_s},
        {u"ZLIB"_s, u"zlib1g-dev"_s},
        {u"zstd"_s, u"libzstd-dev"_s},
        {u"rapidcheck"_s, u"librapidcheck-dev"_s},
        {u"ccache"_s, u"ccache"_s},
        {u"mold"_s, u"mold"_s},
    };
    static const QSet<QString> qtBase = {u"Core"_s,       u"Network"_s,      u"Gui"_s,
                                         u"Widgets"_s,    u"PrintSupport"_s, u"Test"_s,
                                         u"Concurrent"_s, u"OpenGL"_s,       u"OpenGLWidgets"_s};
    QFile script(tests::sourceDir() + u"/packaging/quickstart.sh"_s);
    QVERIFY(script.open(QIODevice::ReadOnly));
    static const QRegularExpression array(u"readonly packages=\\(\n(.*?)\n\\)"_s,
                                          QRegularExpression::DotMatchesEverythingOption);
    static const QRegularExpression comment(u"#[^\n]*"_s);
    static const QRegularExpression blanks(u"\\s+"_s);
    const QStringList installed = array.match(QString::fromUtf8(script.readAll()))
                                      .captured(1)
                                      .remove(comment)
                                      .split(blanks, Qt::SkipEmptyParts);
    QVERIFY(installed.size() > 10);

    static const QRegularExpression package(u"find_package\\s*\\(\\s*([\\w-]+)([^)]*)\\)"_s);
    static const QRegularExpression other(
        u"(?:find_library|find_program)\\s*\\(\\s*\\w+\\s+(?:NAMES\\s+)?([\\w-]+)"_s);
    int looked = 0;
    for (const QString &path : tests::lint::filesOf(
             tests::sourceDir(), {u"app"_s, u"core"_s, u"ui"_s, u"tests"_s, u"packaging"_s})) {
        if (!path.endsWith("CMakeLists.txt"_L1) && !path.endsWith(".cmake"_L1))
            continue;
        const QString text = tests::lint::textOf(tests::sourceDir() + u'/' + path).remove(comment);
        QStringList wanted;
        for (auto matches = package.globalMatch(text); matches.hasNext();) {
            const auto match = matches.next();
            wanted << match.captured(1);
            const QString rest = match.captured(2);
            if (const qsizetype at = rest.indexOf("COMPONENTS"_L1); at >= 0 && match.captured(1) == "Qt6"_L1)
                wanted << rest.mid(at + 10).split(blanks, Qt::SkipEmptyParts);
        }
        for (auto matches = other.globalMatch(text); matches.hasNext();)
            wanted << matches.next().captured(1);
        for (const QString &name : wanted) {
            if (qtBase.contains(name))
                continue;
            ++looked;
            QVERIFY2(packageOf.contains(name),
                     qPrintable(u"%1 looks for %2: name its package here"_s.arg(path, name)));
            QVERIFY2(installed.contains(packageOf.value(name)),
                     qPrintable(u"%1 looks for %2, and quickstart.sh does not install %3"_s.arg(
                         path, name, packageOf.value(name))));
        }
    }
    QVERIFY(looked > 10);
}

QTEST_GUILESS_MAIN(TestQuickstart)
#include "tst_quickstart.moc"
