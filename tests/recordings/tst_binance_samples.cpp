#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "core/exchange/binance/codec_history.h"
#include "tests/core/exchange/binance/event_equality.h"
#include "tests/recordings/binance_answers.h"
#include "tests/recordings/recorded.h"
#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;
namespace bn = core::exchange::binance;
using core::UtcTime;
using Kind = core::venue::RecordedMessage::Kind;

namespace
{
constexpr UtcTime kReceived = core::utcFromMilliseconds(1'790'360'864'964);
const core::InstrumentKey kAny{core::Venue::Binance, *core::Symbol::from("BTCUSDT")};

[[nodiscard]] QString folder(const QString &name)
{
    return tests::sharedDir() + u"/data/binance-usdm/"_s + name;
}
[[nodiscard]] QByteArray contents(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("cannot read %s", qPrintable(path));
    return file.readAll();
}
[[nodiscard]] std::string_view view(const QByteArray &bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}
[[nodiscard]] QJsonValue parsed(const QByteArray &bytes)
{
    const QJsonDocument document = QJsonDocument::fromJson(bytes);
    return document.isArray() ? QJsonValue(document.array()) : QJsonValue(document.object());
}
[[nodiscard]] QByteArray bytesOf(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

/// What the venue meant, where it does not say it: a print without X is a market's; orders that it makes
/// itself have states of their own, and all of the samples' are done.
[[nodiscard]] QJsonObject meant(QJsonObject event)
{
    if (event.value("e"_L1) == "trade"_L1 && !event.contains("X"_L1))
        event.insert(u"X"_s, u"MARKET"_s);
    QJsonObject order = event.value("o"_L1).toObject();
    if (const QString state = order.value("X"_L1).toString(); state == "NEW_ADL"_L1 || state == "NEW_INSURANCE"_L1) {
        order.insert(u"X"_s, u"FILLED"_s);
        event.insert(u"o"_s, order);
    }
    return event;
}

/// Empty when a frame of the public streams was kept without loss, both ways.
[[nodiscard]] QString lossOfFrame(bn::MarketDecoder &decoder, const QByteArray &frame)
{
    const QJsonObject root = parsed(frame).toObject();
    const QJsonObject event = meant(root.contains("data"_L1) ? root.value("data"_L1).toObject() : root);
    const QString name = event.value("e"_L1).toString();
    static bn::MarketDecoder general;
    const auto decoded = decoder.decode(view(frame), kReceived);
    if (!tests::same(decoded, general.decodeGeneral(view(frame), kReceived)))
        return name + u": the two decoders disagree"_s;
    if (!decoded)
        return QString::fromStdString(decoded.error().detail);
    const QJsonObject kept = tests::encoded(*decoded, name);
    return kept.isEmpty() ? name + u": was ignored"_s : tests::difference(kept, event, name);
}

template <class Value, class Encode>
[[nodiscard]] QString loss(const core::Result<Value> &result, const QJsonValue &original, Encode &&encode)
{
    return result ? tests::difference(encode(*result), original) : QString::fromStdString(result.error().detail);
}
constexpr auto kOne = [](const auto &value) { return QJsonValue(tests::encoded(value)); };
constexpr auto kRows = [](const auto &rows) { return tests::encodedRows(rows); };

[[nodiscard]] QJsonArray firstTen(const QJsonValue &rows)
{
    QJsonArray out;
    for (const QJsonValue &row : rows.toArray()) {
        QJsonArray fields = row.toArray();
        while (fields.size() > 10)
            fields.removeLast();
        out.append(fields);
    }
    return out;
}

[[nodiscard]] QString lossOfConfigs(const QByteArray &body)
{
    const auto configs = bn::parseSymbolConfigs(view(body));
    if (!configs)
        return QString::fromStdString(configs.error().detail);
    for (const QJsonValue &row : parsed(body).toArray()) {
        const auto found = configs->find(core::Symbol::from(row["symbol"_L1].toString().toStdString()).value());
        const bool isolated = row["marginType"_L1].toString() == "ISOLATED"_L1;
        if (found == configs->end() || found->second.leverage != row["leverage"_L1].toInt() ||
            (found->second.marginMode == core::MarginMode::Isolated) != isolated)
            return row["symbol"_L1].toString() + u": was not kept"_s;
    }
    return {};
}

[[nodiscard]] QString lossOfExchangeInfo(const QByteArray &body)
{
    const auto info = bn::parseExchangeInfo(view(body), {});
    if (!info)
        return QString::fromStdString(info.error().detail);
    const QJsonObject original = tests::contractsByName(parsed(body).toObject());
    const QJsonObject kept = tests::contractsByName(*info);
    if (kept.size() + static_cast<qsizetype>(info->refused.size()) != original.size())
        return u"%1 and %2 of %3 contracts"_s.arg(kept.size()).arg(info->refused.size()).arg(original.size());
    return tests::difference(kept, original);
}

/// Empty: without loss. nullopt: an answer to something that this program does not ask.
[[nodiscard]] std::optional<QString> lossOfAnswer(const QString &name, const QByteArray &body)
{
    const std::string_view text = view(body);
    const QJsonValue json = parsed(body);
    if (name == "account_info_v2.json"_L1)
        return loss(bn::parseAccount(text, *core::AccountId::from("main"), kReceived), json["assets"_L1], kRows);
    if (name == "balance.json"_L1)
        return loss(bn::parseBalances(text), json, kRows);
    if (name == "http_futures_account_orders.json"_L1 || name == "order_response.json"_L1) {
        // One order or a list of them.
        return json.isObject() ? loss(bn::parseOrder(text, kReceived), json, kOne)
                               : loss(bn::parseOrders(text, kReceived), json, kRows);
    }
    if (name == "http_futures_account_position_side_dual.json"_L1)
        return loss(bn::parseHedgeMode(text), json,
                    [](bool hedge) { return QJsonValue(QJsonObject{{u"dualSidePosition"_s, hedge}}); });
    if (name.startsWith("http_futures_account_positions"_L1) || name == "position_risk.json"_L1)
        return loss(bn::parsePositionRisk(text, {}, kReceived), json, kRows);
    if (name == "http_futures_account_symbol_config.json"_L1)
        return lossOfConfigs(body);
    if (name == "http_futures_account_trades.json"_L1)
        return loss(bn::parseUserTrades(text, kReceived), json, kRows);
    if (name == "http_futures_market_agg_trades.json"_L1)
        return loss(bn::parseAggregateTrades(text, kAny, kReceived), json, kRows);
    if (name == "http_futures_market_depth.json"_L1)
        return loss(bn::parseDepthSnapshot(text), json, kOne);
    if (name == "http_futures_market_exchange_info.json"_L1)
        return lossOfExchangeInfo(body);
    if (name == "http_futures_market_funding_rate.json"_L1)
        return loss(bn::parseFundingRates(text), json, kRows);
    if (name == "http_futures_market_klines.json"_L1)
        return loss(bn::parseKlines(text, kAny, kReceived), firstTen(json), kRows);
    if (name == "http_futures_market_premium_index.json"_L1)
        return loss(bn::parsePremiumIndex(text, kReceived), QJsonArray{json}, kRows);
    if (name == "open_algo_orders.json"_L1)
        return loss(bn::parseAlgos(text, kReceived), json, kRows);
    return std::nullopt;
}

/// Samples of answers that this program never asks for, and what it uses in their place.
const QMap<QString, QString> &notAsked()
{
    static const QMap<QString, QString> all{
        {u"http_futures_market_asset_index.json"_s, u"multi-assets mode is refused"_s},
        {u"http_futures_market_blvt_nav_kline.json"_s, u"leveraged tokens are no perpetual futures"_s},
        {u"http_futures_market_book_ticker.json"_s, u"the stream bookTicker says it"_s},
        {u"http_futures_market_continuous_klines.json"_s, u"klines of the contract itself"_s},
        {u"http_futures_market_global_long_short_account_ratio.json"_s, u"no measure is built on it"_s},
        {u"http_futures_market_historical_trades.json"_s, u"aggTrades reach back as far"_s},
        {u"http_futures_market_index_info.json"_s, u"index baskets are not traded"_s},
        {u"http_futures_market_index_price_klines.json"_s, u"candles are those of the contract"_s},
        {u"http_futures_market_mark_price_klines.json"_s, u"candles are those of the contract"_s},
        {u"http_futures_market_open_interest.json"_s, u"no measure is built on it"_s},
        {u"http_futures_market_open_interest_historical.json"_s, u"no measure is built on it"_s},
        {u"http_futures_market_taker_long_short_ratio.json"_s, u"order flow comes from the trades"_s},
        {u"http_futures_market_ticker_24hr.json"_s, u"the stream 24hrTicker says it"_s},
        {u"http_futures_market_ticker_price.json"_s, u"the streams say it"_s},
        {u"http_futures_market_top_long_short_account_ratio.json"_s, u"no measure is built on it"_s},
        {u"http_futures_market_top_long_short_position_ratio.json"_s, u"no measure is built on it"_s},
        {u"http_futures_market_trades.json"_s, u"aggTrades are asked"_s},
        {u"http_futures_wallet_commission_rate_btcusdt.json"_s, u"fees are those of the fills"_s},
        {u"http_futures_wallet_commission_rate_btcusdt_quarterly.json"_s, u"fees are those of the fills"_s},
        {u"http_futures_wallet_commission_rate_ethusdt.json"_s, u"fees are those of the fills"_s},
    };
    return all;
}
} // namespace

/// Everything that was recorded or sampled of Binance says after decoding what it said before.
class TestBinanceSamples : public QObject
{
    Q_OBJECT

private slots:
    void everySampledFrameOfTheMarketIsKept()
    {
        REQUIRE_SHARED();
        const QDir samples(folder(u"message-samples/market"_s));
        bn::MarketDecoder decoder;
        for (const QString &name : samples.entryList(QDir::Files)) {
            const QString lost = lossOfFrame(decoder, contents(samples.filePath(name)));
            QVERIFY2(lost.isEmpty(), qPrintable(name + u": "_s + lost));
        }
        QCOMPARE(samples.entryList(QDir::Files).size(), 9);
    }

    void theFramesOf2026AreKept()
    {
        REQUIRE_SHARED();
        bn::MarketDecoder decoder;
        const auto lines = contents(folder(u"frames-2026-08-08/recorded_frames.jsonl"_s)).trimmed().split('\n');
        QCOMPARE(lines.size(), 4);
        for (const QByteArray &line : lines) {
            const QString lost = lossOfFrame(decoder, line);
            QVERIFY2(lost.isEmpty(), qPrintable(lost));
        }
    }

    void everySampledUserEventIsKept()
    {
        REQUIRE_SHARED();
        const QDir samples(folder(u"message-samples/user"_s));
        for (const QString &name : samples.entryList(QDir::Files)) {
            const QByteArray frame = contents(samples.filePath(name));
            const auto event = bn::decodeUserEvent(view(frame), kReceived);
            QVERIFY2(event.has_value(), event ? "" : qPrintable(name + QString::fromStdString(event.error().detail)));
            const QJsonObject kept = tests::encoded(*event);
            // ORDER_TRADE_UPDATE says the same and more.
            QCOMPARE(kept.isEmpty(), name == "trade_lite.json"_L1);
            const QString lost = tests::difference(kept, meant(parsed(frame).toObject()));
            QVERIFY2(lost.isEmpty(), qPrintable(name + u": "_s + lost));
        }
        QCOMPARE(samples.entryList(QDir::Files).size(), 14);
    }

    void everySampledAnswerIsKeptOrNotAsked()
    {
        REQUIRE_SHARED();
        const QDir samples(folder(u"message-samples/http"_s));
        for (const QString &name : samples.entryList(QDir::Files)) {
            const auto lost = lossOfAnswer(name, contents(samples.filePath(name)));
            QVERIFY2(lost.has_value() != notAsked().contains(name), qPrintable(name));
            if (lost)
                QVERIFY2(lost->isEmpty(), qPrintable(name + u": "_s + *lost));
        }
        QCOMPARE(samples.entryList(QDir::Files).size(), 37);
    }

    void everyMessageOfTheCapturesOfManySymbolsIsKept_data()
    {
        QTest::addColumn<QString>("capture");
        QTest::addColumn<int>("frames");
        QTest::newRow("July 2021") << u"capture-2021-07-22-multi"_s << 1'535;
        QTest::newRow("April 2021") << u"capture-2021-04-17-multi"_s << 3'259;
    }
    void everyMessageOfTheCapturesOfManySymbolsIsKept()
    {
        REQUIRE_SHARED();
        QFETCH(QString, capture);
        QFETCH(int, frames);
        bn::MarketDecoder decoder;
        int streamed = 0;
        int snapshots = 0;
        int lists = 0;
        for (const tests::RecordedFrame &message : tests::loadRecording({folder(capture).toStdString()})) {
            const QByteArray body = bytesOf(message.payload);
            QString lost;
            if (message.kind == Kind::Stream) {
                ++streamed;
                lost = lossOfFrame(decoder, body);
            } else if (message.kind == Kind::DepthSnapshot) {
                ++snapshots;
                lost = loss(bn::parseDepthSnapshot(message.payload), parsed(body), kOne);
            } else {
                ++lists;
                lost = lossOfExchangeInfo(body);
            }
            QVERIFY2(lost.isEmpty(), qPrintable(lost));
        }
        QCOMPARE(streamed, frames);
        QCOMPARE(snapshots, 4);
        QCOMPARE(lists, 1);
    }

    /// The comparison above is worth something only if it sees one wrong digit.
    void aWrongDigitWouldBeSeen()
    {
        core::Trade trade;
        trade.instrument = kAny;
        trade.price = core::parsePrice("64990.90").value();
        trade.quantity = core::parseQuantity("0.002").value();
        const QJsonObject sent{{u"p"_s, u"64990.9"_s}, {u"q"_s, u"0.00200"_s}, {u"m"_s, false}};
        const auto kept = [&trade] {
            QJsonObject all = tests::encoded(trade).toObject();
            return QJsonObject{{u"p"_s, all["p"_L1]}, {u"q"_s, all["q"_L1]}, {u"m"_s, all["m"_L1]}};
        };
        QCOMPARE(tests::difference(kept(), sent), QString());
        trade.price = core::Price::fromRaw(trade.price.raw() + 1);
        QVERIFY(tests::difference(kept(), sent).startsWith(u".p: 64990.90000001"_s));
        trade.price = core::parsePrice("64990.9").value();
        trade.aggressor = core::Side::Sell;
        QVERIFY(tests::difference(kept(), sent).startsWith(u".m"_s));
    }
};

QTEST_APPLESS_MAIN(TestBinanceSamples)
#include "tst_binance_samples.moc"
