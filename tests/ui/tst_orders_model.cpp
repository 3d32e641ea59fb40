#include <QtTest/QTest>

#include "tests/ui/fake_terminal.h"
#include "ui/models/orders_model.h"
#include "ui/models/table_roles.h"

using core::OrderType;
using tests::FakeTerminal;
using ui::models::OrdersModel;

class TestOrdersModel : public QObject
{
    Q_OBJECT

private slots:
    void everyTypeHasItsOwnWord();
};

void TestOrdersModel::everyTypeHasItsOwnWord()
{
    FakeTerminal live(FakeTerminal::Scenario::Live);
    live.advance(8);
    core::runtime::TerminalSnapshot snapshot = live.copy();
    auto &orders = snapshot.account.openOrders;
    QVERIFY(!orders.empty());
    const core::OrderUpdate one = orders.front();
    orders.clear();
    for (int type = 0; type <= static_cast<int>(OrderType::Unknown); ++type) {
        orders.push_back(one);
        orders.back().type = static_cast<OrderType>(type);
    }
    OrdersModel model;
    model.showSnapshot(snapshot);
    const auto cell = [&](OrderType type) { return model.index(static_cast<int>(type), OrdersModel::Type); };
    QSet<QString> words;
    for (int row = 0; row < model.rowCount(); ++row)
        words.insert(cell(static_cast<OrderType>(row)).data().toString());
    QCOMPARE(words.size(), model.rowCount());
    QCOMPARE(cell(OrderType::StopMarket).data().toString(), QStringLiteral("Stop market"));
    QCOMPARE(cell(OrderType::Unknown).data().toString(), QStringLiteral("UNKNOWN"));
    QCOMPARE(cell(OrderType::Unknown).data(ui::models::ToneRole).toInt(), static_cast<int>(ui::models::Tone::Warn));
}

QTEST_MAIN(TestOrdersModel)
#include "tst_orders_model.moc"
