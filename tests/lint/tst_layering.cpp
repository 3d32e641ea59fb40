#include <algorithm>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "tests/lint/layering.h"
#include "tests/lint/source_text.h"
#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;
using namespace tests::lint;

class TestLayering : public QObject
{
    Q_OBJECT

private slots:
    void everyArrowOfTheTreeIsInThePicture();
    void theTreeIsReallyWalked();
    void thePictureHasNoCycle();
    void anArrowIsJudged_data();
    void anArrowIsJudged();
    void aLinkIsJudged_data();
    void aLinkIsJudged();
    void everyForbiddenArrowInATreeIsReported();
};

void TestLayering::everyArrowOfTheTreeIsInThePicture()
{
    const Findings findings = checkLayering(tests::sourceDir());
    QVERIFY2(findings.empty(), qPrintable(u'\n' + lines(findings).join(u'\n')));
}

void TestLayering::theTreeIsReallyWalked()
{
    const QStringList files = filesOf(tests::sourceDir(), {u"app"_s, u"core"_s, u"ui"_s});
    QVERIFY(files.contains(u"core/domain/fixed8.h"_s));
    QVERIFY(files.contains(u"core/base/decimal.cpp"_s));
    QVERIFY(!files.contains(u"tests/lint/layering.cpp"_s));
}

void TestLayering::thePictureHasNoCycle()
{
    // A room's row names only rooms of earlier rows (venue's arrow to the codecs is one to pure files).
    QStringList earlier;
    for (const Room &room : rooms()) {
        for (const QString &target : room.mayInclude) {
            const bool codec = room.name == "core/venue"_L1 && target.startsWith("core/exchange/"_L1);
            const bool known = std::any_of(earlier.begin(), earlier.end(), [&](const QString &name) {
                return target == name || target.startsWith(name + u'/');
            });
            QVERIFY2(known || codec, qPrintable(room.name + u" -> "_s + target));
        }
        earlier << room.name;
    }
}

void TestLayering::anArrowIsJudged_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("findings");
    const auto row = [](const char *words, const char *path, const char *text, int findings) {
        QTest::newRow(words) << QString::fromUtf8(path) << QString::fromUtf8(text) << findings;
    };

    row("domain may use base", "core/domain/a.h", "#include \"core/base/result.h\"\n", 0);
    row("a room may use itself", "core/domain/a.h", "#include \"core/domain/ids.h\"\n", 0);
    row("base may not use domain", "core/base/a.h", "#include \"core/domain/ids.h\"\n", 1);
    row("domain may not use market", "core/domain/a.h", "#include \"core/market/order_book.h\"\n", 1);
    row("market may not use risk", "core/market/a.h", "#include \"core/risk/config.h\"\n", 1);
    row("market may not use analysis", "core/market/a.h", "#include \"core/analysis/atr.h\"\n", 1);
    row("analysis may use market", "core/analysis/a.h", "#include \"core/market/order_book.h\"\n", 0);
    row("analysis may not use risk", "core/analysis/a.h", "#include \"core/risk/config.h\"\n", 1);
    row("risk may use market", "core/risk/a.h", "#include \"core/market/order_book.h\"\n", 0);
    row("risk may not use analysis", "core/risk/a.h", "#include \"core/analysis/atr.h\"\n", 1);
    row("risk may not use orders", "core/risk/a.h", "#include \"core/orders/guard.h\"\n", 1);
    row("orders may use risk", "core/orders/a.h", "#include \"core/risk/approved.h\"\n", 0);
    row("orders may not use analysis", "core/orders/a.h", "#include \"core/analysis/atr.h\"\n", 1);
    row("orders may not use ports", "core/orders/a.h", "#include \"core/ports/exchange_client.h\"\n", 1);
    row("assistant may use the sizing", "core/assistant/a.h", "#include \"core/risk/sizing.h\"\n", 0);
    row("assistant may use analysis", "core/assistant/a.h", "#include \"core/analysis/atr.h\"\n", 0);
    row("assistant may not use the gate", "core/assistant/a.h", "#include \"core/risk/risk_gate.h\"\n", 1);
    row("assistant may not use orders", "core/assistant/a.h", "#include \"core/orders/guard.h\"\n", 1);
    row("assistant may not use ports", "core/assistant/a.h", "#include \"core/ports/exchange_client.h\"\n",
        1);
    row("ports may use orders", "core/ports/a.h", "#include \"core/orders/guard.h\"\n", 0);
    row("ports may not use net", "core/ports/a.h", "#include \"core/net/http_client.h\"\n", 1);
    row("net may use base", "core/net/a.h", "#include \"core/base/clock.h\"\n", 0);
    row("net may not use exchange", "core/net/a.h", "#include \"core/exchange/binance/client.h\"\n", 1);
    row("exchange may use net", "core/exchange/binance/client.h", "#include \"core/net/secret.h\"\n", 0);
    row("exchange may not use venue", "core/exchange/binance/client.h", "#include \"core/venue/engine.h\"\n",
        1);
    row("exchange may not use storage", "core/exchange/binance/client.h", "#include \"core/storage/csv.h\"\n",
        1);
    row("exchange may not use runtime", "core/exchange/binance/client.h",
        "#include \"core/runtime/lease.h\"\n", 1);
    row("no venue folder uses another", "core/exchange/binance/client.h",
        "#include \"core/exchange/hyperliquid/codec.h\"\n", 1);
    row("venue may use a codec", "core/venue/a.h", "#include \"core/exchange/binance/codec.h\"\n", 0);
    row("venue may use the messages", "core/venue/a.h", "#include \"core/exchange/binance/messages.h\"\n", 0);
    row("venue may use the signer", "core/venue/a.h", "#include \"core/exchange/binance/signer.h\"\n", 0);
    row("venue may not use a client", "core/venue/a.h", "#include \"core/exchange/binance/client.h\"\n", 1);
    row("venue may not use the book sync", "core/venue/a.h",
        "#include \"core/exchange/binance/book_sync.h\"\n", 1);
    row("venue may not use storage", "core/venue/a.h", "#include \"core/storage/csv.h\"\n", 1);
    row("storage may use orders' values", "core/storage/a.h", "#include \"core/orders/guard_io.h\"\n", 0);
    row("storage may not use exchange", "core/storage/a.h", "#include \"core/exchange/binance/codec.h\"\n",
        1);
    row("storage may not use net", "core/storage/a.h", "#include \"core/net/http_client.h\"\n", 1);
    row("notify may use net", "core/notify/a.h", "#include \"core/net/http_client.h\"\n", 0);
    row("notify may not use storage", "core/notify/a.h", "#include \"core/storage/csv.h\"\n", 1);
    row("runtime may use services", "core/runtime/a.h",
        "#include \"core/storage/csv.h\"\n#include \"core/venue/engine.h\"\n#include "
        "\"core/exchange/binance/client.h\"\n",
        0);
    row("runtime may not use ui", "core/runtime/a.h", "#include \"ui/theme/theme.h\"\n", 1);
    row("ui may use runtime", "ui/shell/a.h", "#include \"core/runtime/terminal.h\"\n", 0);
    row("ui may use values", "ui/shell/a.h",
        "#include \"core/orders/guard.h\"\n#include \"core/market/order_book.h\"\n", 0);
    row("ui may not use storage", "ui/shell/a.h", "#include \"core/storage/csv.h\"\n", 1);
    row("ui may not use net", "ui/shell/a.h", "#include \"core/net/http_client.h\"\n", 1);
    row("ui may not use a venue", "ui/shell/a.h", "#include \"core/exchange/binance/codec.h\"\n", 1);
    row("ui may not use the loopback venue", "ui/shell/a.h", "#include \"core/venue/engine.h\"\n", 1);
    row("ui may not use app", "ui/shell/a.h", "#include \"app/options.h\"\n", 1);
    row("app may use ui and services", "app/main.cpp",
        "#include \"ui/shell/a.h\"\n#include \"core/venue/server.h\"\n", 0);
    row("the headless program may not use ui", "app/cli_main.cpp", "#include \"ui/shell/a.h\"\n", 1);
    row("what both programs share may not use ui", "app/common/session.cpp", "#include \"ui/shell/a.h\"\n",
        1);
    row("a client of the desktop is not the headless program", "app/client_main.cpp",
        "#include \"ui/shell/a.h\"\n", 0);
    row("no room uses tests", "core/net/a.cpp", "#include \"tests/support/shared_data.h\"\n", 1);
    row("a room that the picture lacks", "core/plugins/a.cpp", "\n", 1);
    row("an arrow to such a room", "core/runtime/a.cpp", "#include \"core/plugins/a.h\"\n", 1);

    row("base has no Qt", "core/base/a.h", "#include <QtCore/QString>\n", 1);
    row("market has no Qt without module", "core/market/a.h", "#include <QString>\n", 1);
    row("orders has no Qt by file name", "core/orders/a.h", "#include <qglobal.h>\n", 1);
    row("ports has no Qt", "core/ports/a.h", "#include <QtCore/QObject>\n", 1);
    row("services have QtNetwork", "core/net/a.h", "#include <QtNetwork/QSslSocket>\n", 0);
    row("a service names the module", "core/net/a.h", "#include <QSslSocket>\n", 1);
    row("services have no QtGui", "core/runtime/a.h", "#include <QtGui/QColor>\n", 1);
    row("services have no QtWidgets", "core/storage/a.h", "#include <QtWidgets/QWidget>\n", 1);
    row("services have no QtConcurrent", "core/storage/a.h", "#include <QtConcurrent/QtConcurrentRun>\n", 1);
    row("ui has QtWidgets", "ui/a.h", "#include <QtWidgets/QWidget>\n#include <qcustomplot.h>\n", 0);
    row("ui has no QtSql", "ui/a.h", "#include <QtSql/QSqlDatabase>\n", 1);
    row("ui has no QtNetwork", "ui/a.h", "#include <QtNetwork/QTcpSocket>\n", 1);
    row("ui has no SQLite", "ui/a.h", "#include <sqlite3.h>\n", 1);
    row("plots belong to ui", "core/runtime/a.h", "#include <qcustomplot.h>\n", 1);
    row("the headless program has no QtWidgets", "app/cli/main.cpp", "#include <QtWidgets/QApplication>\n",
        1);
    row("the desktop has QtWidgets", "app/etrms/main.cpp", "#include <QtWidgets/QApplication>\n", 0);

    row("a codec has no Qt", "core/exchange/binance/codec.cpp", "#include <QtCore/QJsonDocument>\n", 1);
    row("the signer has OpenSSL", "core/exchange/binance/signer.cpp", "#include <openssl/evp.h>\n", 0);
    row("the decoder has simdjson", "core/exchange/binance/general_decoder.cpp", "#include <simdjson.h>\n",
        0);
    row("a codec has no net", "core/exchange/binance/codec.cpp", "#include \"core/net/secret.h\"\n", 1);
    row("a codec has no streams of files", "core/exchange/binance/scanner.h", "#include <fstream>\n", 1);
    row("a client has Qt", "core/exchange/binance/client.h", "#include <QtCore/QObject>\n", 0);

    row("pure rooms have the standard library", "core/risk/a.h", "#include <vector>\n#include <chrono>\n", 0);
    row("pure rooms have no threads", "core/risk/a.h", "#include <thread>\n", 1);
    row("pure rooms have no locks", "core/market/a.h", "#include <mutex>\n", 1);
    row("pure rooms have no files", "core/market/a.h", "#include <fstream>\n", 1);
    row("pure rooms have no stdio", "core/market/a.h", "#include <cstdio>\n", 1);
    row("pure rooms have no streams", "core/market/a.h", "#include <iostream>\n", 1);
    row("pure rooms have no time of day", "core/market/a.h", "#include <ctime>\n", 1);
    row("pure rooms have no system calls", "core/orders/a.h", "#include <unistd.h>\n#include <sys/stat.h>\n",
        2);
    row("pure rooms have no OpenSSL", "core/domain/a.h", "#include <openssl/evp.h>\n", 1);
    row("pure rooms have fmt and expected", "core/base/a.h",
        "#include <fmt/format.h>\n#include <tl/expected.hpp>\n", 0);
    row("analysis has Eigen", "core/analysis/a.h", "#include <Eigen/Dense>\n", 0);
    row("runtime has locks", "core/runtime/a.h", "#include <mutex>\n#include <QtCore/QThread>\n", 0);
    row("other services have none", "core/net/a.h", "#include <mutex>\n#include <QtCore/QMutex>\n", 2);
    row("the known exception", "core/base/assert.cpp", "#include <cstdio>\n", 0);

    row("commented out", "core/base/a.h", "// #include <thread>\n/* \n#include <mutex>\n*/\n", 0);
    row("inside a literal", "core/base/a.cpp", "const char *a = R\"(\n#include <thread>\n)\";\n", 0);
    row("spaced", "core/base/a.h", "  #  include   <thread> // why\n", 1);
    row("hidden behind a macro", "core/base/a.h", "#include HEADER\n", 1);
    row("relative path", "core/base/a.cpp", "#include \"decimal.h\"\n", 1);
    row("own header with angles", "core/base/a.cpp", "#include <core/domain/ids.h>\n", 1);
    row("generated by moc", "core/net/a.cpp", "#include \"moc_a.cpp\"\n#include \"a.moc\"\n", 0);
}

void TestLayering::anArrowIsJudged()
{
    QFETCH(QString, path);
    QFETCH(QString, text);
    QFETCH(int, findings);
    const Findings found = checkIncludes(path, text);
    QVERIFY2(static_cast<int>(found.size()) == findings, qPrintable(u'\n' + lines(found).join(u'\n')));
}

void TestLayering::aLinkIsJudged_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("findings");
    const auto row = [](const char *words, const char *text, int findings) {
        QTest::newRow(words) << QString::fromUtf8(text) << findings;
    };
    row("downward", "etrms_room(domain SOURCES a.cpp LINK etrms_base)", 0);
    row("upward", "etrms_room(base SOURCES a.cpp LINK etrms_domain)", 1);
    row("several lines", "etrms_room(orders\n SOURCES a.cpp\n LINK etrms_risk etrms_ports fmt::fmt\n)", 1);
    row("risk to analysis", "target_link_libraries(etrms_risk PUBLIC etrms_analysis)", 1);
    row("venue to the codecs",
        "etrms_room(venue SOURCES a.cpp LINK etrms_market etrms_binance_codec QT Core)", 0);
    row("recording is part of venue", "etrms_room(recording SOURCES a.cpp LINK etrms_domain etrms_zstd)", 0);
    row("venue to the client", "etrms_room(venue SOURCES a.cpp LINK etrms_binance QT Core)", 1);
    row("exchange to venue", "etrms_room(binance SOURCES a.cpp LINK etrms_net etrms_venue)", 1);
    row("parts of one folder", "etrms_room(binance SOURCES a.cpp LINK etrms_binance_codec etrms_net)", 0);
    row("runtime to services",
        "etrms_room(runtime SOURCES a.cpp LINK etrms_binance etrms_storage etrms_venue)", 0);
    row("ui to a service", "target_link_libraries(etrms_ui PUBLIC etrms_runtime etrms_storage)", 1);
    row("a source that is called so", "etrms_room(base SOURCES etrms_domain)", 0);
    row("commented out", "# etrms_room(base LINK etrms_domain)", 0);
}

void TestLayering::aLinkIsJudged()
{
    QFETCH(QString, text);
    QFETCH(int, findings);
    const Findings found = checkLinks(u"core/CMakeLists.txt"_s, text);
    QVERIFY2(static_cast<int>(found.size()) == findings, qPrintable(u'\n' + lines(found).join(u'\n')));
}

void TestLayering::everyForbiddenArrowInATreeIsReported()
{
    const QTemporaryDir dir;
    QVERIFY(dir.isValid());
    const auto write = [&](const QString &path, const QByteArray &text) {
        QVERIFY(QDir(dir.path()).mkpath(QFileInfo(path).path()));
        QFile file(dir.filePath(path));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(text), text.size());
    };
    write(u"core/base/good.h"_s, "#pragma once\n#include <vector>\n");
    write(u"core/base/upward.h"_s, "#pragma once\n\n#include \"core/runtime/terminal.h\"\n");
    write(u"core/risk/nosy.cpp"_s, "#include \"core/analysis/atr.h\"\n#include <QtCore/QString>\n");
    write(u"core/exchange/binance/codec.cpp"_s, "#include \"core/venue/engine.h\"\n");
    write(u"core/exchange/binance/user_codec.cpp"_s, "#include \"core/exchange/binance/fields.h\"\n");
    write(u"core/exchange/binance/fields.h"_s, "#include \"core/exchange/binance/strings.h\"\n");
    write(u"core/exchange/binance/strings.cpp"_s,
          "#include <QtCore/QString>\n#include \"core/net/secret.h\"\n");
    write(u"core/exchange/binance/session.cpp"_s,
          "#include <QtCore/QString>\n#include \"core/net/secret.h\"\n");
    write(u"core/runtime/deep/inside/window.cpp"_s, "#include <QtWidgets/QWidget>\n");
    write(u"core/telemetry/spy.cpp"_s, "int spy = 1;\n");
    write(u"ui/panels/book/panel.cpp"_s, "#include \"core/storage/database.h\"\n");
    write(u"app/etrms_cli/main.cpp"_s, "#include \"ui/shell/main_window.h\"\n");
    write(u"tests/core/tst_free.cpp"_s, "#include \"core/runtime/terminal.h\"\n#include <thread>\n");
    write(u"build/core/base/copy.h"_s, "#include <thread>\n");

    write(u"core/net/CMakeLists.txt"_s, "etrms_room(net\n    LINK etrms_runtime)\n");

    QStringList places;
    for (const Finding &finding : checkLayering(dir.path()))
        places << u"%1:%2"_s.arg(finding.path).arg(finding.line);
    places.sort();
    const QStringList expected = {
        u"app/etrms_cli/main.cpp:1"_s,
        u"core/base/upward.h:3"_s,
        u"core/exchange/binance/codec.cpp:1"_s,
        u"core/exchange/binance/strings.cpp:1"_s,
        u"core/exchange/binance/strings.cpp:2"_s,
        u"core/net/CMakeLists.txt:2"_s,
        u"core/risk/nosy.cpp:1"_s,
        u"core/risk/nosy.cpp:2"_s,
        u"core/runtime/deep/inside/window.cpp:1"_s,
        u"core/telemetry/spy.cpp:1"_s,
        u"ui/panels/book/panel.cpp:1"_s,
    };
    QCOMPARE(places, expected);
}

QTEST_APPLESS_MAIN(TestLayering)
#include "tst_layering.moc"
