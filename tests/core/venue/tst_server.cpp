#include "core/venue/server.h"

#include <deque>
#include <functional>
#include <map>

#include <QtCore/QDeadlineTimer>
#include <QtCore/QTimer>
#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkReply>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWebSockets/QWebSocket>

#include "core/exchange/binance/codec.h"
#include "tests/core/venue/venue_fixture.h"
#include "tests/support/shared_data.h"

using namespace core;
using namespace core::venue;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using exchange::binance::DepthSnapshot;
using exchange::binance::DepthUpdate;

namespace
{
/// A server on a clock that runs at the test's pace, and a client of Qt's own classes.
struct Exchange {
    explicit Exchange(VenueOptions options = calm()) : server(std::move(options), clock)
    {
        const auto started = server.start();
        if (started)
            endpoints = *started;
        else
            error = started.error();
        QObject::connect(&server, &VenueServer::noticed, &server,
                         [this](const QString &line) { notices << line; });
    }
    [[nodiscard]] static VenueOptions calm()
    {
        VenueOptions options = tests::venueOptions();
        std::get<ScenarioOptions>(options.market).kind = ScenarioOptions::Kind::Calm;
        return options;
    }
    /// Runs the event loop, and the market with it, until `done`; false when it takes too long.
    [[nodiscard]] bool until(const std::function<bool()> &done, Duration pace = 5ms)
    {
        const QDeadlineTimer deadline(20'000);
        QTimer ticker; // each millisecond of ours is `pace` of the market
        QObject::connect(&ticker, &QTimer::timeout, &ticker, [&] { clock.advance(pace); });
        ticker.start(1ms);
        while (!done()) {
            if (deadline.hasExpired())
                return false;
            QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
        }
        return true;
    }
    /// Body of the answer; `status` holds the code, 0 when there was no answer.
    [[nodiscard]] QByteArray ask(const QByteArray &method, const std::string &pathAndQuery,
                                 bool withKey = true)
    {
        QNetworkRequest request(
            QUrl::fromEncoded(QByteArray::fromStdString(endpoints.restUrl + pathAndQuery), QUrl::StrictMode));
        if (withKey)
            request.setRawHeader("X-MBX-APIKEY", QByteArray::fromStdString(tests::kApiKey));
        QNetworkReply *reply = network.sendCustomRequest(request, method);
        const bool finished = until([&] { return reply->isFinished(); }, 0ms);
        status = finished ? reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt() : -1;
        const QByteArray body = reply->readAll();
        delete reply;
        return body;
    }
    [[nodiscard]] QJsonDocument askSigned(const QByteArray &method, const std::string &path,
                                          std::string query = {})
    {
        exchange::binance::appendParameter(query, "timestamp", std::to_string(toMilliseconds(clock.now())));
        exchange::binance::HmacSigner(tests::kSecret).sign(query);
        return QJsonDocument::fromJson(ask(method, path + '?' + query));
    }

    ManualClock clock{utcFromMilliseconds(1'800'000'000'000)};
    VenueServer server;
    Endpoints endpoints;
    std::optional<Error> error;
    QNetworkAccessManager network;
    QStringList notices;
    int status{0};
};

/// A WebSocket that keeps what it receives.
struct Socket {
    Socket(Exchange &venue, const std::string &url)
    {
        QObject::connect(&socket, &QWebSocket::textMessageReceived, &socket,
                         [this](const QString &text) { frames.push_back(text.toStdString()); });
        socket.open(QUrl(QString::fromStdString(url)));
        connected = venue.until([this] { return socket.state() == QAbstractSocket::ConnectedState; }, 0ms);
    }
    [[nodiscard]] std::size_t count(std::string_view needle) const
    {
        return static_cast<std::size_t>(
            std::count_if(frames.begin(), frames.end(),
                          [&](const std::string &frame) { return frame.find(needle) != std::string::npos; }));
    }
    QWebSocket socket;
    std::deque<std::string> frames;
    bool connected{false};
};

/// Bytes to the REST port and back, without anything that rewrites or repeats them.
struct RawClient {
    explicit RawClient(Exchange &exchange) : venue(exchange)
    {
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [this] { received += socket.readAll(); });
        socket.connectToHost(
            u"127.0.0.1"_s,
            static_cast<quint16>(QUrl(QString::fromStdString(venue.endpoints.restUrl)).port()));
        connected = venue.until([this] { return socket.state() == QAbstractSocket::ConnectedState; }, 0ms);
    }
    void ask(const QByteArray &method, const std::string &path, std::string query)
    {
        exchange::binance::appendParameter(query, "timestamp",
                                           std::to_string(toMilliseconds(venue.clock.now())));
        exchange::binance::HmacSigner(tests::kSecret).sign(query);
        socket.write(method + ' ' + QByteArray::fromStdString(path + '?' + query) +
                     " HTTP/1.1\r\nHost: x\r\nX-MBX-APIKEY: " + QByteArray::fromStdString(tests::kApiKey) +
                     "\r\n\r\n");
    }
    Exchange &venue;
    QTcpSocket socket;
    QByteArray received;
    bool connected{false};
};

/// Section 4.4 of the reference with plain maps.
struct PlainBook {
    void load(const DepthSnapshot &snapshot)
    {
        bids.clear();
        asks.clear();
        put(bids, snapshot.bids);
        put(asks, snapshot.asks);
        lastId = snapshot.lastUpdateId;
        first = true;
    }
    /// False when the rule is broken.
    [[nodiscard]] bool apply(const DepthUpdate &update)
    {
        if (first) {
            if (update.lastId < lastId)
                return true;
            const bool bridges =
                (update.firstId <= lastId && lastId <= update.lastId) || update.previousLastId == lastId;
            if (!bridges)
                return false;
        } else if (update.previousLastId != lastId) {
            return false;
        }
        first = false;
        lastId = update.lastId;
        put(bids, update.bids);
        put(asks, update.asks);
        ++applied;
        return true;
    }
    template <class Side> static void put(Side &side, const std::vector<Level> &levels)
    {
        for (const Level &level : levels)
            if (level.quantity.isZero())
                side.erase(level.price);
            else
                side[level.price] = level.quantity;
    }
    /// The best levels are those of `levels`, one by one.
    template <class Side> static bool agrees(const Side &side, const std::vector<Level> &levels)
    {
        auto mine = side.begin();
        for (const Level &level : levels) {
            if (mine == side.end() || !(Level{mine->first, mine->second} == level))
                return false;
            ++mine;
        }
        return !levels.empty();
    }
    std::map<Price, Quantity, std::greater<>> bids;
    std::map<Price, Quantity> asks;
    std::int64_t lastId{0};
    int applied{0};
    bool first{true};
};

[[nodiscard]] std::optional<DepthUpdate> depthOf(const std::string &frame)
{
    exchange::binance::MarketDecoder decoder;
    const auto event = decoder.decode(frame, {});
    if (!event || !std::holds_alternative<const DepthUpdate *>(*event))
        return std::nullopt;
    return *std::get<const DepthUpdate *>(*event);
}
} // namespace

class TestServer : public QObject
{
    Q_OBJECT

private slots:
    /// On a busy machine a market may take longer to play than it lasts; whoever wants to connect or to trade is served all
    /// the same.
    void aMarketThatFellBehindCatchesUpBetweenHandshakes()
    {
        Exchange venue;
        QVERIFY2(!venue.error, venue.error ? venue.error->detail.c_str() : "");
        const Symbol symbol = Symbol::from("BTCUSDT").value();
        const auto behind = [&] { return venue.clock.now() - venue.server.engine().market(symbol).bookTime; };
        QVERIFY(venue.until([&] { return behind() < 1s; }, 0ms));
        venue.clock.advance(10min);
        Socket socket(venue, venue.endpoints.publicStreamUrl + "/ws/btcusdt@depth@100ms");
        QVERIFY(socket.connected);
        QVERIFY2(behind() > 1min, "the handshake had to wait for the market");
        QVERIFY(venue.until([&] { return behind() < 1s; }, 0ms));
        QVERIFY(venue.until([&] { return !socket.frames.empty(); }));
    }

    void bookBuiltBySyncRuleEqualsTheSnapshot()
    {
        Exchange venue;
        QVERIFY2(!venue.error, venue.error ? venue.error->detail.c_str() : "");
        Socket socket(venue, venue.endpoints.publicStreamUrl + "/ws/btcusdt@depth@100ms");
        QVERIFY(socket.connected);
        QVERIFY(venue.until([&] { return !socket.frames.empty(); }));
        const auto snapshot = exchange::binance::parseDepthSnapshot(
            venue.ask("GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=1000", false).toStdString());
        QVERIFY(snapshot.has_value());
        QVERIFY(snapshot->bids.size() > 900);
        PlainBook book;
        book.load(*snapshot);
        QVERIFY(venue.until([&] { return socket.frames.size() >= 60; }));
        // Nothing moves while the clock stands: the next snapshot is the book after the last frame sent.
        const auto later = exchange::binance::parseDepthSnapshot(
            venue.ask("GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=500", false).toStdString());
        QVERIFY(later.has_value());
        QVERIFY(
            venue.until([&] { return depthOf(socket.frames.back())->lastId >= later->lastUpdateId; }, 0ms));
        for (const std::string &frame : socket.frames) {
            const auto update = depthOf(frame);
            QVERIFY(update.has_value());
            QVERIFY(book.apply(*update));
        }
        QVERIFY(book.applied >= 50);
        QCOMPARE(book.lastId, later->lastUpdateId);
        QVERIFY(PlainBook::agrees(book.bids, later->bids));
        QVERIFY(PlainBook::agrees(book.asks, later->asks));
    }

    void recordingIsServedByteForByte()
    {
        REQUIRE_SHARED();
        VenueOptions options = tests::venueOptions();
        options.instruments.clear(); // found in the recording
        options.accounts.clear();
        RecordingOptions recording;
        recording.files = {
            (tests::sharedDir() + u"/data/binance-usdm/capture-2024-08-08/btcusdt_20240808.gz"_s)
                .toStdString()};
        options.market = recording;
        Exchange venue(options);
        QVERIFY2(!venue.error, venue.error ? venue.error->detail.c_str() : "");
        Socket socket(venue, venue.endpoints.publicStreamUrl + "/stream?streams=btcusdt@depth@100ms");
        QVERIFY(venue.until([&] { return !socket.frames.empty(); }));
        const auto snapshot = exchange::binance::parseDepthSnapshot(
            venue.ask("GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=1000", false).toStdString());
        PlainBook book;
        book.load(snapshot.value());
        QVERIFY(venue.until([&] { return socket.frames.size() >= 100; }));
        for (const std::string &frame : socket.frames) {
            QVERIFY2(frame.starts_with(
                         R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":17231612)"),
                     frame.substr(0, 200).c_str());
            QVERIFY(book.apply(depthOf(frame).value()));
        }
    }

    void wrongRouteStaysSilent()
    {
        Exchange venue;
        Socket wrong(venue, venue.endpoints.publicStreamUrl + "/ws");
        Socket right(venue, venue.endpoints.marketStreamUrl + "/ws");
        Socket unrouted(venue, venue.endpoints.webSocketUrl + "/ws/btcusdt@markPrice@1s/btcusdt@bookTicker");
        for (Socket *socket : {&wrong, &right})
            socket->socket.sendTextMessage(
                u"{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@markPrice@1s\",\"btcusdt@aggTrade\"],\"id\":1}"_s);
        QVERIFY(
            venue.until([&] { return right.count("markPriceUpdate") >= 3 && right.count("aggTrade") >= 3; }));
        QVERIFY(venue.until([&] { return unrouted.count("bookTicker") >= 3; }));
        QCOMPARE(wrong.frames.size(), std::size_t{1});
        QCOMPARE(wrong.frames.front(), std::string(R"({"result":null,"id":1})"));
        QCOMPARE(unrouted.count("markPriceUpdate"), std::size_t{0});
    }

    void userEventsComeInOrder()
    {
        Exchange venue;
        const auto key =
            QJsonDocument::fromJson(venue.ask("POST", "/fapi/v1/listenKey"))[u"listenKey"].toString();
        QCOMPARE(key.size(), 64);
        Socket byPath(venue, venue.endpoints.privateStreamUrl + "/ws/" + key.toStdString());
        Socket byQuery(venue, venue.endpoints.privateStreamUrl + "/ws?listenKey=" + key.toStdString());
        const auto ack =
            venue.askSigned("POST", "/fapi/v1/order",
                            "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=first");
        QCOMPARE(venue.status, 200);
        QCOMPARE(ack[u"clientOrderId"].toString(), u"first"_s);
        QVERIFY(venue.until([&] { return byPath.frames.size() >= 4 && byQuery.frames.size() >= 4; }));
        QStringList events;
        for (const std::string &frame : byPath.frames) {
            const auto json = QJsonDocument::fromJson(QByteArray::fromStdString(frame));
            events << json[u"e"].toString() + json[u"o"][u"X"].toString();
        }
        QCOMPARE(events.join(u' '),
                 u"ORDER_TRADE_UPDATENEW TRADE_LITE ORDER_TRADE_UPDATEFILLED ACCOUNT_UPDATE"_s);
        const auto risk = venue.askSigned("GET", "/fapi/v3/positionRisk");
        QCOMPARE(risk[0][u"positionAmt"].toString(), u"0.001"_s);
        venue.clock.advance(61min);
        QVERIFY(venue.until([&] { return byPath.count("listenKeyExpired") == 1; }));
    }

    void signatureCoversTheBytesOnTheWire()
    {
        Exchange venue;
        RawClient client(venue);
        // Lower-case hex, an encoded letter and raw brackets: a URL class would rewrite all three.
        const std::string query = "symbol=%42TCUSDT&origClientOrderId=a%2fb&x=[1]";
        client.ask("GET", "/fapi/v1/order", query);
        client.ask("GET", "/fapi/v1/order", query); // pipelined
        QVERIFY(venue.until([&] { return client.received.count("-2013") == 2; }, 0ms));
        QVERIFY(client.received.startsWith("HTTP/1.1 400 Bad Request\r\n"));
        QVERIFY(client.received.contains("X-MBX-USED-WEIGHT-1M: 1\r\n"));
        client.socket.write("nonsense\r\n\r\n");
        QVERIFY(venue.until([&] { return client.socket.state() == QAbstractSocket::UnconnectedState; }));
        QVERIFY(client.received.contains("Malformed HTTP request."));
    }

    void lostReplyIsExecutedAllTheSame()
    {
        VenueOptions options = Exchange::calm();
        options.faults.rules = {
            {.kind = FaultKind::LoseReply, .channel = FaultChannel::Order, .stream = "/order", .numbers = {1}}};
        Exchange venue(options);
        // Not through QNetworkAccessManager: it sends a request again, POST or not, when the connection ends
        // without answer.
        RawClient client(venue);
        client.ask("POST", "/fapi/v1/order",
                   "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=lost");
        QVERIFY(venue.until([&] { return client.socket.state() == QAbstractSocket::UnconnectedState; }, 0ms));
        QVERIFY(client.received.isEmpty());
        QCOMPARE(venue.askSigned("GET", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=lost")[u"status"]
                     .toString(),
                 u"FILLED"_s);
    }

    void depthFaultsAreScripted()
    {
        VenueOptions options = Exchange::calm();
        FaultRule rule{.channel = FaultChannel::Public, .stream = "depthUpdate"};
        rule.kind = FaultKind::DropFrames;
        rule.numbers = {20};
        options.faults.rules.push_back(rule);
        rule.kind = FaultKind::DuplicateFrames;
        rule.numbers = {25};
        options.faults.rules.push_back(rule);
        Exchange venue(options);
        Socket socket(venue, venue.endpoints.publicStreamUrl + "/ws/btcusdt@depth");
        QVERIFY(venue.until([&] { return socket.frames.size() >= 40; }));
        int holes = 0;
        int doubles = 0;
        for (std::size_t i = 1; i < socket.frames.size(); ++i) {
            const auto before = depthOf(socket.frames[i - 1]);
            const auto update = depthOf(socket.frames[i]);
            if (update->lastId == before->lastId)
                ++doubles;
            else if (update->previousLastId != before->lastId)
                ++holes;
        }
        QCOMPARE(holes, 1);
        QCOMPARE(doubles, 1);
    }

    void marksStopWhenTold()
    {
        VenueOptions options = Exchange::calm();
        options.faults.rules = {{.kind = FaultKind::DropFrames,
                                 .channel = FaultChannel::Market,
                                 .stream = "markPriceUpdate",
                                 .from = 5s}};
        Exchange venue(options);
        Socket socket(venue, venue.endpoints.marketStreamUrl + "/ws/btcusdt@markPrice@1s/btcusdt@aggTrade");
        QVERIFY(venue.until([&] { return venue.clock.monotonic() > 12s; }, 10ms));
        QVERIFY(socket.count("markPriceUpdate") >= 2);
        QVERIFY(socket.count("markPriceUpdate") <= 5);
        QVERIFY(socket.count("aggTrade") > 5);
    }

    void slowReaderIsCutOff()
    {
        VenueOptions options = Exchange::calm();
        options.socketBacklogMax = 65'536;
        Exchange venue(options);
        const auto port = QUrl(QString::fromStdString(venue.endpoints.webSocketUrl)).port();
        QTcpSocket socket;
        socket.setReadBufferSize(1);
        socket.connectToHost(u"127.0.0.1"_s, static_cast<quint16>(port));
        QVERIFY(venue.until([&] { return socket.state() == QAbstractSocket::ConnectedState; }));
        socket.write("GET /public/ws/btcusdt@depth@100ms HTTP/1.1\r\nHost: x\r\nUpgrade: "
                     "websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
        QVERIFY(venue.until([&] { return venue.notices.join(u' ').contains(u"reads too slowly"_s); }, 200ms));
    }

    void takenPortIsNamed_data()
    {
        QTest::addColumn<bool>("http");
        QTest::newRow("REST") << true;
        QTest::newRow("WebSocket") << false;
    }
    void takenPortIsNamed()
    {
        QFETCH(bool, http);
        QTcpServer other;
        QVERIFY(other.listen(QHostAddress::LocalHost));
        VenueOptions options = Exchange::calm();
        (http ? options.httpPort : options.webSocketPort) = other.serverPort();
        Exchange venue(options);
        QVERIFY(venue.error.has_value());
        QCOMPARE(venue.error->code, ErrorCode::InUse);
        QVERIFY2(venue.error->detail.find(std::to_string(other.serverPort())) != std::string::npos,
                 venue.error->detail.c_str());
        QVERIFY(venue.error->detail.starts_with(http ? "httpPort" : "webSocketPort"));
    }

    void badOptionsAreNamed_data()
    {
        QTest::addColumn<QString>("field");
        for (const char *field : {"instruments: ",
                                  "instruments[0].tickSize",
                                  "instruments[0].marginTiers",
                                  "instruments[1].symbol",
                                  "accounts[0].apiKey",
                                  "accounts[0].balance",
                                  "accounts[0].leverage",
                                  "accounts[1].apiKey",
                                  "accounts[0].positions[0].symbol",
                                  "accounts[0].positions[0].quantity",
                                  "market.symbol",
                                  "market.crashDepth",
                                  "market.files",
                                  "market.speed",
                                  "markInterval",
                                  "recvWindowMax",
                                  "rate limits",
                                  "webSocketPort",
                                  "socketBacklogMax",
                                  "faults: rules[0].length_ms",
                                  "makerFee"})
            QTest::newRow(field) << QString::fromLatin1(field);
    }
    void badOptionsAreNamed()
    {
        QFETCH(QString, field);
        VenueOptions options = Exchange::calm();
        auto &scenario = std::get<ScenarioOptions>(options.market);
        const std::map<QString, std::function<void()>> spoil{
            {u"instruments: "_s, [&] { options.instruments.clear(); }},
            {u"instruments[0].tickSize"_s, [&] { options.instruments[0].contract.tickSize = {}; }},
            {u"instruments[0].marginTiers"_s, [&] { options.instruments[0].contract.marginTiers.clear(); }},
            {u"instruments[1].symbol"_s, [&] { options.instruments.push_back(options.instruments[0]); }},
            {u"accounts[0].apiKey"_s, [&] { options.accounts[0].apiKey = "with blank"; }},
            {u"accounts[0].balance"_s, [&] { options.accounts[0].balance = {}; }},
            {u"accounts[0].leverage"_s, [&] { options.accounts[0].leverage = 0; }},
            {u"accounts[1].apiKey"_s, [&] { options.accounts[1].apiKey = options.accounts[0].apiKey; }},
            {u"accounts[0].positions[0].symbol"_s, [&] { options.accounts[0].positions.resize(1); }},
            {u"accounts[0].positions[0].quantity"_s,
             [&] {
                 options.accounts[0].positions = {{tests::btc(), Direction::Long, {}, {}}};
             }},
            {u"market.symbol"_s, [&] { scenario.symbol = {}; }},
            {u"market.crashDepth"_s, [&] { scenario.crashDepth = Ratio::fromRaw(kDecimalOne); }},
            {u"market.files"_s, [&] { options.market = RecordingOptions{}; }},
            {u"market.speed"_s,
             [&] {
                 options.market = RecordingOptions{{"x"}, Ratio{}, {}};
             }},
            {u"markInterval"_s, [&] { options.markInterval = 0s; }},
            {u"recvWindowMax"_s, [&] { options.recvWindowMax = 0s; }},
            {u"rate limits"_s, [&] { options.weightLimitPerMinute = 0; }},
            {u"webSocketPort"_s, [&] { options.httpPort = options.webSocketPort = 5'000; }},
            {u"socketBacklogMax"_s, [&] { options.socketBacklogMax = 1; }},
            {u"faults: rules[0].length_ms"_s, [&] { options.faults.rules = {{.kind = FaultKind::Delay, .length = -1s}}; }},
            {u"makerFee"_s, [&] { options.makerFee = Ratio::fromRaw(kDecimalOne); }},
        };
        QVERIFY(validate(options).has_value());
        spoil.at(field)();
        const auto checked = validate(options);
        QVERIFY(!checked.has_value());
        QCOMPARE(checked.error().code, ErrorCode::InvalidArgument);
        QVERIFY2(checked.error().detail.starts_with(field.toStdString()), checked.error().detail.c_str());
    }
};

QTEST_GUILESS_MAIN(TestServer)
#include "tst_server.moc"
