#include <QtCore/QFile>
#include <QtCore/QMap>
#include <QtCore/QRegularExpression>
#include <QtCore/QSet>

#include "tests/lint/source_text.h"
#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;

namespace
{
/// Numbers of a reference's conformance checklist: the lines "7. …" between its heading and the next one.
QSet<int> itemsOf(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    static const QRegularExpression item(u"^(\\d+)\\. "_s);
    QSet<int> items;
    bool inside = false;
    while (!file.atEnd()) {
        const QString line = QString::fromUtf8(file.readLine());
        if (line.startsWith("## "_L1))
            inside = line.contains("Conformance checklist"_L1);
        if (const auto match = item.match(line); inside && match.hasMatch())
            items << match.captured(1).toInt();
    }
    return items;
}

/// Test slots named after an item ("void bn07_pricesKeepTheirText()"), by their prefix.
QMap<QString, QSet<int>> provenItems()
{
    static const QRegularExpression slot(u"\\bvoid (bn|hl)(\\d\\d)_[a-z]\\w+\\(\\)"_s);
    QMap<QString, QSet<int>> proven;
    for (const QString &path : tests::lint::filesOf(tests::sourceDir(), {u"tests"_s})) {
        if (!path.endsWith(".cpp"_L1))
            continue;
        const QString text = tests::lint::textOf(tests::sourceDir() + u'/' + path);
        for (auto matches = slot.globalMatch(text); matches.hasNext();) {
            const auto match = matches.next();
            proven[match.captured(1)] << match.captured(2).toInt();
        }
    }
    return proven;
}
} // namespace

/// Every line of the venues' conformance checklists is a test that bears its number.
class TestChecklists : public QObject
{
    Q_OBJECT

private slots:
    void everyLineIsATest_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("prefix");
        QTest::newRow("Binance") << u"reference/binance-usdm.md"_s << u"bn"_s;
        QTest::newRow("Hyperliquid") << u"reference/hyperliquid.md"_s << u"hl"_s;
    }
    void everyLineIsATest()
    {
        REQUIRE_SHARED();
        QFETCH(QString, file);
        QFETCH(QString, prefix);
        const QSet<int> items = itemsOf(tests::sharedDir() + u'/' + file);
        QVERIFY(items.size() >= 50);
        QStringList missing;
        const QSet<int> proven = provenItems().value(prefix);
        for (const int item : items) {
            if (!proven.contains(item))
                missing << QString::number(item).rightJustified(2, u'0');
        }
        missing.sort();
        QVERIFY2(missing.isEmpty(), qPrintable(u"no test bears the number "_s + missing.join(u", "_s)));
    }
};

QTEST_GUILESS_MAIN(TestChecklists)
#include "tst_checklists.moc"
