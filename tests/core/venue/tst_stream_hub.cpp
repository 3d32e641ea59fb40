#include "core/venue/stream_hub.h"

#include <QtTest/QTest>

using namespace core::venue;
using namespace Qt::StringLiterals;

namespace
{
struct Hub {
    StreamHub hub{[this](StreamHub::ConnectionId id, std::string_view frame) {
        lines << QString::number(id) + u' ' + QString::fromUtf8(frame.data(), static_cast<qsizetype>(frame.size()));
    }};
    [[nodiscard]] QStringList taken() { return std::exchange(lines, {}); }
    QStringList lines;
};
} // namespace

class TestStreamHub : public QObject
{
    Q_OBJECT

private slots:
    void servesEachStreamOnItsRouteOnly_data()
    {
        QTest::addColumn<QString>("stream");
        QTest::addColumn<QString>("routes"); // of p(ublic), m(arket), u(nrouted)
        QTest::newRow("depth") << u"btcusdt@depth@100ms"_s << u"pu"_s;
        QTest::newRow("plain depth") << u"btcusdt@depth"_s << u"pu"_s;
        QTest::newRow("book ticker") << u"btcusdt@bookTicker"_s << u"pu"_s;
        QTest::newRow("aggregate trades") << u"btcusdt@aggTrade"_s << u"m"_s;
        QTest::newRow("mark price") << u"btcusdt@markPrice@1s"_s << u"m"_s;
        QTest::newRow("candles") << u"btcusdt@kline_1m"_s << u"m"_s;
        QTest::newRow("prints, route undocumented") << u"btcusdt@trade"_s << u"pmu"_s;
    }
    void servesEachStreamOnItsRouteOnly()
    {
        QFETCH(QString, stream);
        QFETCH(QString, routes);
        for (const auto &[letter, prefix] :
             {std::pair{u'p', "/public"}, std::pair{u'm', "/market"}, std::pair{u'u', ""}, std::pair{u'x', "/private"}}) {
            Hub hub;
            QVERIFY(hub.hub.open(1, std::string(prefix) + "/ws/" + stream.toStdString()).has_value());
            QVERIFY(hub.hub.open(2, std::string(prefix) + "/stream").has_value());
            hub.hub.onText(2, R"({"method":"SUBSCRIBE","params":[")" + stream.toStdString() + R"("],"id":7})");
            QCOMPARE(hub.taken(), QStringList(u"2 {\"result\":null,\"id\":7}"_s)); // always acknowledged
            hub.hub.publish(stream.toStdString(), R"({"e":"x"})");
            const QStringList expected = routes.contains(letter)
                                             ? QStringList{u"1 {\"e\":\"x\"}"_s,
                                                           u"2 {\"stream\":\"%1\",\"data\":{\"e\":\"x\"}}"_s.arg(stream)}
                                             : QStringList();
            QCOMPARE(hub.taken(), expected);
        }
    }

    void listsAndEndsSubscriptions()
    {
        Hub hub;
        QVERIFY(hub.hub.open(1, "/public/stream?streams=btcusdt@depth/ethusdt@bookTicker").has_value());
        hub.hub.onText(1, R"({"method":"LIST_SUBSCRIPTIONS","id":3})");
        QCOMPARE(hub.taken(), QStringList(u"1 {\"result\":[\"btcusdt@depth\",\"ethusdt@bookTicker\"],\"id\":3}"_s));
        hub.hub.onText(1, R"({"method":"UNSUBSCRIBE","params":["btcusdt@depth"],"id":4})");
        hub.hub.publish("btcusdt@depth", "{}");
        QCOMPARE(hub.taken(), QStringList(u"1 {\"result\":null,\"id\":4}"_s));
        QVERIFY(!hub.hub.hasSubscriber("btcusdt@depth"));
        hub.hub.close(1);
        QVERIFY(!hub.hub.hasSubscriber("ethusdt@bookTicker"));
        QCOMPARE(hub.hub.connectionCount(), std::size_t{0});
    }

    void answersBadRequests_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("start");
        QTest::newRow("no JSON") << QByteArray("hello") << QByteArray(R"({"code":3,)");
        QTest::newRow("no id") << QByteArray(R"({"method":"LIST_SUBSCRIPTIONS"})") << QByteArray(R"({"code":2,)");
        QTest::newRow("negative id") << QByteArray(R"({"method":"LIST_SUBSCRIPTIONS","id":-1})")
                                     << QByteArray(R"({"code":2,)");
        QTest::newRow("unknown method") << QByteArray(R"({"method":"X","id":1})") << QByteArray(R"({"code":2,)");
        QTest::newRow("no names") << QByteArray(R"({"method":"SUBSCRIBE","id":1})") << QByteArray(R"({"code":2,)");
        QTest::newRow("name is a number") << QByteArray(R"({"method":"SUBSCRIBE","params":[1],"id":1})")
                                          << QByteArray(R"({"code":2,)");
        QTest::newRow("unknown property") << QByteArray(R"({"method":"SET_PROPERTY","params":["x",true],"id":1})")
                                          << QByteArray(R"({"code":0,)");
        QTest::newRow("wrong type") << QByteArray(R"({"method":"SET_PROPERTY","params":["combined",1],"id":1})")
                                    << QByteArray(R"({"code":1,)");
    }
    void answersBadRequests()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, start);
        Hub hub;
        QVERIFY(hub.hub.open(1, "/public/ws").has_value());
        hub.hub.onText(1, text.toStdString());
        QVERIFY2(hub.lines.value(0).startsWith(u"1 "_s + QString::fromUtf8(start)), qPrintable(hub.lines.value(0)));
    }

    void privateStreamGoesByListenKey()
    {
        Hub hub;
        QVERIFY(hub.hub.open(1, "/private/ws/KEY").has_value());
        QVERIFY(hub.hub.open(2, "/private/ws?listenKey=KEY&events=ALGO_UPDATE").has_value());
        QVERIFY(hub.hub.open(3, "/private/stream?listenKey=OTHER&events=A/B&listenKey=KEY").has_value());
        QVERIFY(hub.hub.open(4, "/private/ws/WRONG").has_value()); // opens and stays empty
        QVERIFY(hub.hub.open(5, "/market/ws/KEY").has_value());
        hub.hub.publishPrivate("KEY", "ACCOUNT_UPDATE", "{}");
        QCOMPARE(hub.taken(), (QStringList{u"1 {}"_s, u"3 {\"stream\":\"KEY\",\"data\":{}}"_s}));
        hub.hub.publishPrivate("KEY", "ALGO_UPDATE", "{}");
        QCOMPARE(hub.taken().size(), 3);
        hub.hub.dropListenKey("KEY");
        hub.hub.publishPrivate("KEY", "ALGO_UPDATE", "{}");
        QVERIFY(hub.taken().isEmpty());
        QCOMPARE(hub.hub.connectionCount(), std::size_t{5});
    }

    void knowsItsPaths()
    {
        Hub hub;
        for (const char *path : {"/", "/public", "/elsewhere/ws", "/publicws", "/ws-fapi/v1", ""})
            QVERIFY2(!hub.hub.open(1, path).has_value(), path);
    }
};

QTEST_APPLESS_MAIN(TestStreamHub)
#include "tst_stream_hub.moc"
