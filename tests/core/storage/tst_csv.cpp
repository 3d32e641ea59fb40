#include <clocale>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QLocale>
#include <QtTest/QTest>
#include <rapidcheck.h>

#include "core/storage/csv.h"
#include "tests/core/storage/desk.h"

using namespace Qt::StringLiterals;
using namespace tests;

namespace
{

/// A plain RFC 4180 reader, for the way back. An empty result: not well-formed.
std::vector<std::vector<std::string>> readCsv(const std::string &text)
{
    std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string &cell = rows.back().back();
        const char c = text[i];
        if (quoted) {
            if (c != '"')
                cell += c;
            else if (i + 1 < text.size() && text[i + 1] == '"')
                cell += text[++i];
            else
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            rows.back().emplace_back();
        } else if (c == '\r') {
            if (i + 1 >= text.size() || text[++i] != '\n')
                return {};
            rows.emplace_back(1);
        } else if (c == '\n') {
            return {};
        } else {
            cell += c;
        }
    }
    if (quoted || rows.back() != std::vector<std::string>(1))
        return {};
    rows.pop_back();
    return rows;
}

std::string contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string("<unreadable>");
}

} // namespace

class TestCsv : public QObject
{
    Q_OBJECT

private slots:
    void headerIsTheAgreedOne()
    {
        QCOMPARE(
            tradesCsvHeader(),
            std::string(
                "schema,mode,account,venue,symbol,side,opened_at,closed_at,size,entry_price,exit_price,"
                "gross_pnl,fees,funding,net_pnl,pnl_asset,initial_risk,r_multiple,mae,mfe,setup,note\r\n"));
    }

    void writesTheRoundTripUnderACommaLocale()
    {
        // A missing locale falls back to the environment's; Qt's own is switched in any case.
        std::setlocale(LC_ALL, "de_DE.UTF-8");
        QLocale::setDefault(QLocale(QLocale::German));
        Desk desk;
        desk.open();
        desk.push(UpsertInstrument{btcListed(), at(0)});
        desk.push(RecordFill{account("=cmd|'/c calc'!A1"), fill(1, 1, Side::Buy, "1.5", "61800.2", "0.037")});
        desk.push(RecordFill{account("=cmd|'/c calc'!A1"),
                             fill(2, 2, Side::Sell, "1.5", "61000.1", "0.036", "-1200.15")});
        desk.drain();
        const QString path = desk.folder.filePath(u"trades.csv"_s);
        const auto written = writeTradesCsv(desk.reader(), path);
        std::setlocale(LC_ALL, "C.UTF-8");
        QLocale::setDefault(QLocale::c());
        QVERIFY_RESULT(written);
        QCOMPARE(*written, std::int64_t{1});
        const std::string opened = isoMilliseconds(at(1)), closed = isoMilliseconds(at(2));
        QCOMPARE(contentOf(path), tradesCsvHeader() + "1,demo,'=cmd|'/c calc'!A1,binance,BTCUSDT,long," +
                                      opened + ',' + closed +
                                      ",1.5,61800.2,61000.1,-1200.15,0.073,,-1200.223,USDT,,,,,,\r\n");
    }

    void quotesAndDefuses_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("cell");
        QTest::newRow("plain") << QByteArray("breakout") << QByteArray("breakout");
        QTest::newRow("comma") << QByteArray("a,b") << QByteArray("\"a,b\"");
        QTest::newRow("quote") << QByteArray("5\" screen") << QByteArray("\"5\"\" screen\"");
        QTest::newRow("line break") << QByteArray("a\nb") << QByteArray("\"a\nb\"");
        QTest::newRow("formula") << QByteArray("=1+1") << QByteArray("'=1+1");
        QTest::newRow("plus") << QByteArray("+49") << QByteArray("'+49");
        QTest::newRow("minus") << QByteArray("-x") << QByteArray("'-x");
        QTest::newRow("at") << QByteArray("@SUM(A1)") << QByteArray("'@SUM(A1)");
        QTest::newRow("tab") << QByteArray("\t=1") << QByteArray("'\t=1");
        QTest::newRow("carriage return") << QByteArray("\r=1") << QByteArray("\"'\r=1\"");
        QTest::newRow("formula with comma")
            << QByteArray("=HYPERLINK(\"x\",\"y\")") << QByteArray("\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
        QTest::newRow("inside is harmless") << QByteArray("a=b") << QByteArray("a=b");
    }
    void quotesAndDefuses()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, cell);
        CsvLine line;
        line.addText(text.toStdString());
        QCOMPARE(line.take(), cell.toStdString() + "\r\n");
    }

    void anyTextComesBack()
    {
        QVERIFY(rc::check(
            "read(write(cells)) == cells, with a mark before formulas", [](std::vector<std::string> cells) {
                cells.emplace_back("end"); // a line of one empty cell is an empty line
                CsvLine line;
                for (const std::string &cell : cells)
                    line.addText(cell);
                const auto rows = readCsv(line.take());
                RC_ASSERT(rows.size() == 1U);
                RC_ASSERT(rows[0].size() == cells.size());
                for (std::size_t i = 0; i < cells.size(); ++i) {
                    const bool formula =
                        !cells[i].empty() && std::string("=+-@\t\r").find(cells[i][0]) != std::string::npos;
                    RC_ASSERT(rows[0][i] == (formula ? "'" + cells[i] : cells[i]));
                }
            }));
    }

    void theOldFileStaysWhenTheNewOneFails()
    {
        Desk desk;
        desk.open();
        desk.push(RecordFill{account(), fill(1, 1, Side::Buy, "1", "100")});
        desk.push(RecordFill{account(), fill(2, 2, Side::Sell, "1", "100")});
        desk.drain();
        QVERIFY_RESULT(desk.writer->database().execute(u"UPDATE trades SET net_pnl = net_pnl + 1"_s));
        const QString path = desk.folder.filePath(u"trades.csv"_s);
        QFile old(path);
        QVERIFY(old.open(QIODevice::WriteOnly) && old.write("old") == 3);
        old.close();
        const auto written = writeTradesCsv(desk.reader(), path);
        QVERIFY(!written);
        QCOMPARE(written.error().code, ErrorCode::Corrupt);
        QVERIFY(written.error().detail.find("trades row") != std::string::npos);
        QCOMPARE(contentOf(path), std::string("old"));
        QCOMPARE(QDir(desk.folder.path()).entryList({u"trades.csv*"_s}, QDir::Files).size(), 1);
        const auto nowhere = writeTradesCsv(desk.reader(), desk.folder.filePath(u"none/trades.csv"_s));
        QVERIFY(!nowhere);
        QCOMPARE(nowhere.error().code, ErrorCode::IoFailed);
        QVERIFY(nowhere.error().detail.find("none/trades.csv") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestCsv)
#include "tst_csv.moc"
