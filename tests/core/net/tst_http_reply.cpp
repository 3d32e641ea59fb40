#include <QtTest/QTest>

#include "core/net/http_reply.h"

using namespace core;

namespace
{
constexpr std::string_view kPlain = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Mbx-Used-Weight-1m: 7\r\n\r\nhello";
constexpr std::string_view kChunked = "HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n"
                                      "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: 1\r\n\r\n";
} // namespace

class TestHttpReply : public QObject
{
    Q_OBJECT
private slots:
    void readsInPiecesOfAnySize_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        QTest::newRow("by length") << QByteArray(kPlain.data(), kPlain.size()) << 200;
        QTest::newRow("chunked") << QByteArray(kChunked.data(), kChunked.size()) << 503;
        QTest::newRow("after an interim answer")
            << QByteArray("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 Bad\r\nContent-Length: 5\r\n\r\nhello") << 400;
        QTest::newRow("bare newlines") << QByteArray("HTTP/1.1 200\nContent-Length:5\n\nhello") << 200;
    }
    void readsInPiecesOfAnySize()
    {
        QFETCH(QByteArray, bytes);
        const std::string_view all(bytes.constData(), static_cast<std::size_t>(bytes.size()));
        for (std::size_t piece = 1; piece <= all.size(); ++piece) {
            net::HttpReplyReader reader;
            for (std::size_t at = 0; at < all.size(); at += piece) {
                const auto complete = reader.feed(all.substr(at, piece));
                QVERIFY(complete.has_value());
                QCOMPARE(*complete, at + piece >= all.size());
            }
            QVERIFY(!reader.excess());
            const net::HttpReply reply = reader.take();
            QTEST(reply.status, "status");
            QVERIFY(reply.body == "hello");
        }
    }

    void findsHeadersByLowerCaseName()
    {
        net::HttpReplyReader reader;
        QVERIFY(reader.feed(kPlain).value());
        QVERIFY(reader.take().header("x-mbx-used-weight-1m") == "7");
    }

    void everyCutIsNoticed()
    {
        for (std::size_t cut = 0; cut < kPlain.size(); ++cut) {
            net::HttpReplyReader reader;
            QVERIFY(!reader.feed(kPlain.substr(0, cut)).value());
            QVERIFY(!reader.finishAtEnd());
        }
    }

    void bodyUntilTheEnd()
    {
        net::HttpReplyReader reader;
        QVERIFY(!reader.feed("HTTP/1.0 200 OK\r\n\r\nhel").value());
        QVERIFY(!reader.feed("lo").value());
        QVERIFY(reader.finishAtEnd());
        QVERIFY(!reader.keepAlive());
        QVERIFY(reader.take().body == "hello");
    }

    void bytesBehindTheAnswerAreExcess()
    {
        net::HttpReplyReader reader;
        QVERIFY(reader.feed(std::string(kPlain) + std::string(kPlain)).value());
        QVERIFY(reader.excess());
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("not HTTP") << QByteArray("SSH-2.0-OpenSSH\r\n");
        QTest::newRow("status is text") << QByteArray("HTTP/1.1 abc OK\r\n");
        QTest::newRow("status 99") << QByteArray("HTTP/1.1 099 OK\r\n");
        QTest::newRow("length is negative") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n");
        QTest::newRow("length is huge") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n");
        QTest::newRow("length overflows") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n");
        QTest::newRow("chunk size is text") << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
        QTest::newRow("chunk runs on") << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n");
        QTest::newRow("compressed") << QByteArray("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\n");
        QTest::newRow("endless head") << QByteArray("HTTP/1.1 200 OK\r\nX: ") + QByteArray(70'000, 'x');
    }
    void refuses()
    {
        QFETCH(QByteArray, bytes);
        net::HttpReplyReader reader;
        QVERIFY(!reader.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())}));
    }

    void bodyLimitHoldsWithoutLength()
    {
        net::HttpReplyReader reader({.headerBytes = 1024, .bodyBytes = 10});
        QVERIFY(!reader.feed("HTTP/1.1 200 OK\r\n\r\n0123456789").value());
        const auto more = reader.feed("x");
        QVERIFY(!more);
        QCOMPARE(more.error().code, ErrorCode::OutOfRange);
    }
};

QTEST_APPLESS_MAIN(TestHttpReply)
#include "tst_http_reply.moc"
