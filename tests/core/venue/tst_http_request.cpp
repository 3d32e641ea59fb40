#include <QtTest/QTest>

#include "core/venue/http_request.h"

using core::venue::takeHttpRequest;

namespace
{
const std::string kPost = "POST /fapi/v1/order?symbol=BTCUSDT%20 HTTP/1.1\r\nHost: here\r\nX-MBX-APIKEY:  k \r\n"
                          "Content-Length: 5\r\n\r\na=1&b";
}

class TestHttpRequest : public QObject
{
    Q_OBJECT

private slots:
    void bytesAreKeptAsTheyCame()
    {
        std::string buffer = kPost;
        const auto request = takeHttpRequest(buffer);
        QVERIFY(request.has_value() && request->has_value());
        QCOMPARE((*request)->method, std::string("POST"));
        QCOMPARE((*request)->path, std::string("/fapi/v1/order"));
        QCOMPARE((*request)->query, std::string("symbol=BTCUSDT%20")); // a signature is over these bytes
        QCOMPARE((*request)->header("x-mbx-apikey"), std::string("k"));
        QCOMPARE((*request)->body, std::string("a=1&b"));
        QVERIFY(!(*request)->closes());
        QVERIFY(buffer.empty());
    }

    void everyCutWaitsForTheRest()
    {
        for (std::size_t cut = 0; cut < kPost.size(); ++cut) {
            std::string buffer = kPost.substr(0, cut);
            const auto none = takeHttpRequest(buffer);
            QVERIFY(none.has_value() && !none->has_value());
            buffer += kPost.substr(cut);
            const auto request = takeHttpRequest(buffer);
            QVERIFY(request.has_value() && request->has_value());
            QCOMPARE((*request)->body, std::string("a=1&b"));
        }
    }

    void whatFollowsIsTheNextRequest()
    {
        std::string buffer = kPost + "GET / HTTP/1.1\r\nConnection: Close\r\n\r\n";
        QVERIFY(takeHttpRequest(buffer).has_value());
        const auto next = takeHttpRequest(buffer);
        QVERIFY(next.has_value() && next->has_value() && (*next)->closes());
        QCOMPARE((*next)->path, std::string("/"));
    }

    void isRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        const QByteArray end = "\r\n\r\n";
        QTest::newRow("no HTTP") << QByteArray("SSH-2.0-OpenSSH") + end;
        QTest::newRow("one word") << QByteArray("GET") + end;
        QTest::newRow("no version") << QByteArray("GET /") + end;
        QTest::newRow("another version") << QByteArray("GET / HTTP/2") + end;
        QTest::newRow("target without a slash") << QByteArray("GET x HTTP/1.1") + end;
        QTest::newRow("no target") << QByteArray("GET  HTTP/1.1") + end;
        QTest::newRow("a header without a colon") << QByteArray("GET / HTTP/1.1\r\nHost") + end;
        QTest::newRow("chunked") << QByteArray("GET / HTTP/1.1\r\nTransfer-Encoding: chunked") + end;
        QTest::newRow("length is a word") << QByteArray("GET / HTTP/1.1\r\nContent-Length: 5x") + end;
        QTest::newRow("length is negative") << QByteArray("GET / HTTP/1.1\r\nContent-Length: -5") + end;
        QTest::newRow("length is too much") << QByteArray("GET / HTTP/1.1\r\nContent-Length: 1048577") + end;
        QTest::newRow("head without end") << QByteArray(70'000, 'x');
        QTest::newRow("head too long") << QByteArray("GET /") + QByteArray(70'000, 'x') + " HTTP/1.1" + end;
    }
    void isRefused()
    {
        QFETCH(QByteArray, bytes);
        std::string buffer = bytes.toStdString();
        const auto request = takeHttpRequest(buffer);
        QVERIFY(!request);
        QVERIFY(request.error().detail.starts_with("request: "));
    }
};

QTEST_APPLESS_MAIN(TestHttpRequest)
#include "tst_http_request.moc"
