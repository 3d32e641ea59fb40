#include <algorithm>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QSet>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "tests/lint/source_rules.h"
#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;
using namespace tests::lint;

class TestSourceRules : public QObject
{
    Q_OBJECT

private slots:
    void theTreeKeepsEveryRule();
    void theTreeIsReallyWalked();
    void everyAllowanceHasAReasonAndAUse();
    void commentsAndLiteralsAreBlanked_data();
    void commentsAndLiteralsAreBlanked();
    void aTextIsJudged_data();
    void aTextIsJudged();
    void everyRuleHasBothKindsOfRows();
    void aFileMayBeTooLong();
    void everyBrokenRuleInATreeIsReported();
};

void TestSourceRules::theTreeKeepsEveryRule()
{
    const Findings findings = checkSources(tests::sourceDir());
    QVERIFY2(findings.empty(), qPrintable(u'\n' + lines(findings).join(u'\n')));
}

void TestSourceRules::theTreeIsReallyWalked()
{
    const QStringList files = filesOf(tests::sourceDir(), {u"core"_s, u"tests"_s, u"packaging"_s});
    QVERIFY(files.contains(u"CMakeLists.txt"_s));
    QVERIFY(files.contains(u"core/base/decimal.cpp"_s));
    QVERIFY(files.contains(u"tests/lint/tst_source_rules.cpp"_s));
    QVERIFY(files.contains(u"packaging/quickstart.sh"_s));
    QVERIFY(textOf(tests::sourceDir() + u"/packaging/quickstart.sh"_s).startsWith(u"#!"_s));
}

void TestSourceRules::everyAllowanceHasAReasonAndAUse()
{
    for (const Allowed &entry : allowed()) {
        const bool known = std::any_of(rules().begin(), rules().end(),
                                       [&](const Rule &rule) { return rule.name == entry.rule; });
        QVERIFY2(known, qPrintable(entry.rule));
        QVERIFY2(entry.reason.size() > 10 && !entry.line.isEmpty(), qPrintable(entry.path));
    }
    const QStringList unused = unusedAllowances(tests::sourceDir());
    QVERIFY2(unused.isEmpty(), qPrintable(unused.join(u", "_s)));
}

void TestSourceRules::commentsAndLiteralsAreBlanked_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("code");
    QTest::newRow("line comment") << u"a; // b\nc"_s << u"a;     \nc"_s;
    QTest::newRow("block comment") << u"a /* b\n c */ d"_s << u"a     \n      d"_s;
    QTest::newRow("continued comment") << u"// a \\\nb\nc"_s << u"      \n \nc"_s;
    QTest::newRow("string") << u"f(\"a // b\", c)"_s << u"f(\"      \", c)"_s;
    QTest::newRow("escaped quote") << u"f(\"a\\\"b\", c)"_s << u"f(\"    \", c)"_s;
    QTest::newRow("character") << u"f('\"', 'x')"_s << u"f(' ', ' ')"_s;
    QTest::newRow("digit separator") << u"1'000'000 + x; // y"_s << u"1'000'000 + x;     "_s;
    QTest::newRow("prefixed character") << u"u'a' + b"_s << u"u' ' + b"_s;
    QTest::newRow("raw string") << u"R\"x(a \" ) b)x\" + c"_s << u"R\"           \" + c"_s;
    QTest::newRow("division") << u"a / b"_s << u"a / b"_s;
}

void TestSourceRules::commentsAndLiteralsAreBlanked()
{
    QFETCH(QString, text);
    QFETCH(QString, code);
    QCOMPARE(SourceText(text).code(), code);
}

namespace
{

struct Row {
    const char *rule;
    const char *words;
    const char *path;
    QByteArray text;
    int findings;
};

const std::vector<Row> &rows()
{
    static const std::vector<Row> table = {
        {"number-parser", "stod", "core/net/a.cpp", "double d = std::stod(text);", 1},
        {"number-parser", "strtod and atof", "ui/a.cpp", "strtod(p, &e); atof(p);", 2},
        {"number-parser", "also in tests", "tests/core/tst_a.cpp", "auto d = std::stof(text);", 1},
        {"number-parser", "in a comment", "core/a.cpp", "// std::stod(text) would be wrong\n", 0},
        {"number-parser", "in a literal", "core/a.cpp", "say(\"std::stod(text)\");", 0},
        {"number-parser", "integers", "core/a.cpp", "std::stoll(text); std::from_chars(a, b, c);", 0},

        {"to-string-of-double", "literal", "core/a.cpp", "std::to_string(0.5);", 1},
        {"to-string-of-double", "toDouble", "core/a.cpp", "std::to_string(price.toDouble());", 1},
        {"to-string-of-double", "cast", "core/a.cpp", "std::to_string(static_cast<double>(n));", 1},
        {"to-string-of-double", "declared", "core/a.cpp",
         "double share = f();\nreturn std::to_string(share);", 1},
        {"to-string-of-double", "member", "core/a.cpp",
         "struct A { double share{0}; };\nstd::to_string(a.share);", 1},
        {"to-string-of-double", "integer", "core/a.cpp",
         "int n = 1; std::to_string(n); std::to_string(x2.size());", 0},

        {"printf-of-double", "printf", "core/a.cpp", "printf(\"%f\\n\", d);", 1},
        {"printf-of-double", "snprintf", "core/a.cpp", "std::snprintf(b, n, \"%d %.2lf\", i, d);", 1},
        {"printf-of-double", "asprintf", "ui/a.cpp", "QString::asprintf(\"%8.3g\", d);", 1},
        {"printf-of-double", "scanf", "core/a.cpp", "sscanf(text, \"%lf\", &d);", 1},
        {"printf-of-double", "integers", "core/a.cpp", "printf(\"%d %s %zu\", i, s, z);", 0},
        {"printf-of-double", "escaped", "core/a.cpp", "printf(\"100%% free\");", 0},
        {"printf-of-double", "fmt", "core/a.cpp", "fmt::format(\"{:.2f} %f\", d);", 0},

        {"locale", "setlocale", "core/a.cpp", "setlocale(LC_ALL, \"\");", 1},
        {"locale", "global", "app/main.cpp", "std::locale::global(l); stream.imbue(l);", 2},
        {"locale", "a test may", "tests/core/tst_a.cpp", "setlocale(LC_ALL, \"de_DE\");", 0},
        {"locale-in-core", "QLocale", "core/storage/a.cpp", "QLocale().toString(d);", 1},
        {"locale-in-core", "the C locale", "core/storage/a.cpp", "QLocale::c().toString(d);", 0},
        {"locale-in-core", "ui is for people", "ui/format/a.cpp", "QLocale().toString(d);", 0},

        {"nodiscard-result", "plain", "core/a.h", "Result<int> parse(std::string_view text);", 1},
        {"nodiscard-result", "qualified", "core/a.h", "core::Result<std::vector<int>> parse();", 1},
        {"nodiscard-result", "after another", "core/a.h", "[[nodiscard]] Result<int> a();\nResult<int> b();",
         1},
        {"nodiscard-result", "member after access", "core/a.h",
         "class A {\npublic:\n virtual Result<void> run() = 0;\n};", 1},
        {"nodiscard-result", "template", "core/a.h", "template <class T> Result<T> f(T t)\n{\n return t;\n}",
         1},
        {"nodiscard-result", "trailing", "core/a.h", "auto f(int a) -> Result<int>;", 1},
        {"nodiscard-result", "static", "core/a.h", "struct A { static Result<A> open(); };", 1},
        {"nodiscard-result", "marked", "core/a.h",
         "[[nodiscard]] virtual Result<int> a() = 0;\ntemplate <class T>\n[[nodiscard]] inline Result<T> "
         "b();",
         0},
        {"nodiscard-result", "not functions", "core/a.h",
         "std::function<Result<int>(int)> f;\nvoid g(Result<int> r, const Result<int> &s);\nResult<int> "
         "m_last;\n"
         "using A = Result<int>;\ninline int h() { return Result<int>(3).value(); }",
         0},
        {"nodiscard-result", "a source file", "core/a.cpp",
         "Result<int> parse(std::string_view text) { return 1; }", 0},

        {"connect-context", "lambda", "ui/a.cpp", "connect(button, &QPushButton::clicked, [this] { go(); });",
         1},
        {"connect-context", "qualified", "core/net/a.cpp",
         "QObject::connect(&socket, &QTcpSocket::readyRead, [&](auto a, auto b) { f(a, b); });", 1},
        {"connect-context", "overload", "ui/a.cpp",
         "connect(box, qOverload<int, int>(&Box::changed), [](int, int) {});", 1},
        {"connect-context", "functor", "ui/a.cpp", "connect(box, &Box::changed, reaction);", 1},
        {"connect-context", "single shot", "ui/a.cpp", "QTimer::singleShot(0, [this] { go(); });", 1},
        {"connect-context", "receiver", "ui/a.cpp",
         "connect(button, &QPushButton::clicked, this, [this] { go(1, 2); });", 0},
        {"connect-context", "member", "ui/a.cpp", "connect(a, &A::b, this, &C::d, Qt::QueuedConnection);", 0},
        {"connect-context", "a socket of the system", "tests/a.cpp",
         "::connect(fd, address, sizeof(address));", 0},
        {"connect-context", "our own connect", "core/net/a.cpp", "client.connect(host, port, [] {});", 0},
        {"connect-context", "single shot with receiver", "ui/a.cpp",
         "QTimer::singleShot(0, this, [this] { go(); });", 0},

        {"wall-clock", "chrono", "core/risk/a.cpp", "auto t = std::chrono::system_clock::now();", 1},
        {"wall-clock", "Qt", "ui/a.cpp", "QDateTime::currentDateTimeUtc(); QTime::currentTime();", 2},
        {"wall-clock", "C", "core/venue/a.cpp", "clock_gettime(CLOCK_REALTIME, &t); time(nullptr);", 2},
        {"wall-clock", "its place", "core/net/system_clock.cpp", "auto t = std::chrono::system_clock::now();",
         0},
        {"wall-clock", "an injected clock", "core/risk/a.cpp",
         "clock.now(); std::chrono::system_clock::time_point p;", 0},
        {"wall-clock", "tests have deadlines", "tests/a.cpp", "std::chrono::steady_clock::now();", 0},

        {"sleep", "chrono", "core/a.cpp", "std::this_thread::sleep_for(1s);", 1},
        {"sleep", "Qt", "app/a.cpp", "QThread::msleep(5); QCoreApplication::processEvents();", 2},
        {"sleep", "part of a word", "core/a.cpp", "overslept(); sleepless();", 0},
        {"sleep-in-test", "qSleep and qWait", "tests/a.cpp", "QTest::qSleep(5); QTest::qWait(100);", 2},
        {"sleep-in-test", "polling", "tests/a.cpp",
         "QTRY_COMPARE(a, b); QTest::qWaitFor([] { return true; }, 5000);", 0},

        {"blocking-wait", "socket", "core/net/a.cpp", "socket.waitForReadyRead(100);", 1},
        {"blocking-wait", "connection", "ui/a.cpp", "Qt::BlockingQueuedConnection", 1},
        {"blocking-wait", "a test may", "tests/e2e/a.cpp", "process.waitForFinished();", 0},
        {"blocking-wait", "its one place", "core/runtime/worker_thread.h",
         "x, Qt::BlockingQueuedConnection);", 0},
        {"nested-event-loop", "loop", "ui/a.cpp", "QEventLoop loop;\nloop.exec();", 1},
        {"nested-event-loop", "type only", "ui/a.cpp", "class QEventLoop;", 0},

        {"thread", "std", "core/storage/a.cpp", "std::jthread t([] {});", 1},
        {"thread", "Qt", "core/net/a.cpp", "auto *t = new QThread(this);", 1},
        {"thread", "subclass", "app/a.h", "class A : public QThread {};", 1},
        {"thread", "runtime", "core/runtime/worker_thread.h", "QThread m_thread;", 0},
        {"thread", "asking which", "core/net/a.cpp", "Q_ASSERT(QThread::currentThread() == thread());", 0},

        {"translation-in-core", "tr", "core/runtime/a.cpp", "return tr(\"Closed\");", 1},
        {"translation-in-core", "noop", "core/runtime/a.cpp", "const char *t = QT_TR_NOOP(\"Closed\");", 1},
        {"translation-in-core", "other words", "core/a.cpp", "attr(\"x\"); str(1); table.tr(5);", 0},
        {"translation-in-core", "ui translates", "ui/a.cpp", "return tr(\"Closed\");", 0},

        {"screen-in-core", "include", "core/runtime/a.cpp", "#include <QtGui/QColor>\n", 2},
        {"screen-in-core", "class", "core/runtime/a.h", "QImage image;", 1},
        {"screen-in-core", "other words", "core/a.h",
         "QString widget; // a QWidget shows it\nint windowSize;", 0},
        {"screen-library-in-core", "linked", "core/runtime/CMakeLists.txt",
         "etrms_room(runtime LINK Qt6::Widgets)", 1},
        {"screen-library-in-core", "component", "core/runtime/CMakeLists.txt",
         "etrms_room(runtime SOURCES a.cpp QT Core Gui)", 1},
        {"screen-library-in-core", "service", "core/net/CMakeLists.txt",
         "# no Gui here\netrms_room(net QT Core Network)", 0},

        {"qjson-on-market-path", "codec", "core/exchange/binance/codec.cpp", "QJsonDocument::fromJson(b);",
         1},
        {"qjson-on-market-path", "include", "core/market/a.h", "#include <QtCore/QJsonObject>\n", 1},
        {"qjson-on-market-path", "cold REST", "core/exchange/binance/rest_codec.cpp",
         "QJsonDocument::fromJson(b);", 0},
        {"qjson-on-market-path", "the other venue's scanner", "core/exchange/hyperliquid/scanner.cpp",
         "QJsonDocument::fromJson(b);", 1},
        {"qjson-on-market-path", "the other venue's codec", "core/exchange/hyperliquid/codec_rows.h",
         "#include <QtCore/QJsonObject>\n", 1},
        {"qjson-on-market-path", "what both venues read with", "core/exchange/wire/general_reader.cpp",
         "QJsonValue v;", 1},
        {"qjson-on-market-path", "from the socket to the decoder", "core/exchange/hyperliquid/market_streams.cpp",
         "QJsonDocument::fromJson(b);", 1},
        {"qjson-on-market-path", "the socket of a venue", "core/exchange/hyperliquid/client_socket.cpp",
         "QJsonDocument::fromJson(b);", 1},
        {"qjson-on-market-path", "cold answers of both venues", "core/exchange/wire/json_fields.cpp",
         "QJsonDocument::fromJson(b);", 0},
        {"qjson-on-market-path", "in a comment", "core/exchange/binance/codec.cpp",
         "// slower: QJsonDocument\n", 0},

        {"pragma-once", "missing", "core/a.h", "int a();\n", 1},
        {"pragma-once", "commented out", "ui/a.h", "// #pragma once\nint a();\n", 1},
        {"pragma-once", "there", "tests/a.h", "// why\n#pragma once\n", 0},
        {"pragma-once", "a source file", "core/a.cpp", "int a;\n", 0},

        {"file-length", "short", "core/a.cpp", "int a;\n", 0},

        {"machine-path", "home", "docs/a.md",
         "Run /ho"
         "me/me/etrms",
         1},
        {"machine-path", "temporary", "tests/a.cpp",
         "QFile f(\"/tm"
         "p/x\");",
         1},
        {"machine-path", "in a comment", "core/a.cpp",
         "// see /wo"
         "rk/main\n",
         1},
        {"machine-path", "the folder itself", "packaging/a.sh",
         "cd /ro"
         "ot\n",
         1},
        {"machine-path", "system files", "packaging/a.sh", ". /etc/os-release; /usr/bin/env", 0},
        {"machine-path", "inside another path", "docs/a.md",
         "https://example.org/ho"
         "me/x and ${DIR}/wo"
         "rk/x a/tm"
         "p/b",
         0},
        {"machine-path", "the longer word", "docs/a.md",
         "GET /wo"
         "rking-orders and /ro"
         "ots",
         0},

        {"unfinished-work", "mark", "core/a.cpp",
         "// TO"
         "DO: later",
         1},
        {"unfinished-work", "words", "docs/a.md",
         "This is not yet imple"
         "mented.",
         1},
        {"unfinished-work", "longer words", "core/a.cpp",
         "int toDouble; // the method TO"
         "DOS, whack, implemented",
         0},
    };
    return table;
}

} // namespace

void TestSourceRules::aTextIsJudged_data()
{
    QTest::addColumn<QString>("rule");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("findings");
    for (const Row &row : rows()) {
        QTest::addRow("%s: %s", row.rule, row.words)
            << QString::fromUtf8(row.rule) << QString::fromUtf8(row.path) << QString::fromUtf8(row.text)
            << row.findings;
    }
}

void TestSourceRules::aTextIsJudged()
{
    QFETCH(QString, rule);
    QFETCH(QString, path);
    QFETCH(QString, text);
    QFETCH(int, findings);
    const Findings found = checkSource(path, text, rule);
    QVERIFY2(static_cast<int>(found.size()) == findings, qPrintable(u'\n' + lines(found).join(u'\n')));
}

void TestSourceRules::everyRuleHasBothKindsOfRows()
{
    QSet<QString> broken{u"file-length"_s}; // its own test below
    QSet<QString> kept;
    for (const Row &row : rows())
        (row.findings > 0 ? broken : kept).insert(QString::fromUtf8(row.rule));
    for (const Rule &rule : rules()) {
        QVERIFY2(broken.contains(rule.name), qPrintable(rule.name));
        QVERIFY2(kept.contains(rule.name), qPrintable(rule.name));
    }
}

void TestSourceRules::aFileMayBeTooLong()
{
    const QString line = u"int a;\n"_s;
    QVERIFY(checkSource(u"core/a.cpp"_s, line.repeated(900)).empty());
    QCOMPARE(checkSource(u"core/a.cpp"_s, line.repeated(901)).size(), std::size_t{1});
    QVERIFY(checkSource(u"docs/a.md"_s, line.repeated(901)).empty());
}

void TestSourceRules::everyBrokenRuleInATreeIsReported()
{
    const QTemporaryDir dir;
    QVERIFY(dir.isValid());
    QStringList expected;
    int number = 0;
    for (const Row &row : rows()) {
        if (row.findings == 0)
            continue;
        const QFileInfo original(QString::fromUtf8(row.path));
        // One file per row; its name keeps what the rules look at (folder, start of the name, suffix).
        const bool fixedName = original.fileName() == "CMakeLists.txt"_L1;
        const QString folder = fixedName ? u"%1/%2"_s.arg(original.path()).arg(number) : original.path();
        const QString name =
            fixedName ? original.fileName()
                      : u"%1_%2.%3"_s.arg(original.completeBaseName()).arg(number).arg(original.suffix());
        ++number;
        QVERIFY(QDir(dir.path()).mkpath(folder));
        QFile file(dir.filePath(folder + u'/' + name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(row.text), row.text.size());
        for (int i = 0; i < row.findings; ++i)
            expected << u"%1/%2 %3"_s.arg(folder, name, QString::fromUtf8(row.rule));
    }
    QStringList missing = expected;
    for (const Finding &finding : checkSources(dir.path()))
        missing.removeOne(finding.path + u' ' + finding.rule);
    QVERIFY2(missing.isEmpty(), qPrintable(missing.join(u'\n')));
    QVERIFY(expected.size() > 40);
}

QTEST_APPLESS_MAIN(TestSourceRules)
#include "tst_source_rules.moc"
