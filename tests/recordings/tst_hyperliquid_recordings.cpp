#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "core/exchange/hyperliquid/codec.h"
#include "core/exchange/hyperliquid/rest_codec.h"
#include "core/exchange/hyperliquid/user_codec.h"
#include "tests/core/exchange/hyperliquid/hl_equality.h"
#include "tests/recordings/hyperliquid_answers.h"
#include "tests/support/shared_data.h"

using namespace Qt::StringLiterals;
using namespace core::exchange::hyperliquid;
using core::UtcTime;

namespace
{
constexpr UtcTime kReceived = core::utcFromMilliseconds(1'790'360'864'964);

[[nodiscard]] QByteArray sample(const char *name)
{
    QFile file(tests::sharedDir() + u"/data/hyperliquid/message-samples/"_s + QString::fromLatin1(name));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no sample %s", name);
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
/// What the decoder kept says the same as the bytes; the error's text when it refused.
template <class Value, class Encode>
[[nodiscard]] QString loss(const core::Result<Value> &result, const QByteArray &bytes, Encode &&encode)
{
    if (!result)
        return QString::fromStdString(result.error().detail);
    return tests::difference(encode(*result), parsed(bytes));
}
constexpr auto kOne = [](const auto &value) { return tests::encoded(value); };
constexpr auto kRows = [](const auto &rows) { return tests::encodedRows(rows); };
constexpr auto kStatusRows = [](const std::vector<OrderRow> &rows) {
    QJsonArray out;
    for (const OrderRow &row : rows)
        out.append(tests::encodedWithStatus(row));
    return QJsonValue(out);
};

/// Empty when the answer decodes without loss; nullopt for requests that the program never makes.
[[nodiscard]] std::optional<QString> lossOfAnswer(const tests::HlAnswer &answer)
{
    const QByteArray &body = answer.body;
    const std::string_view text = view(body);
    if (answer.type == "meta"_L1)
        return loss(parseMeta(text), body, kOne);
    if (answer.type == "candleSnapshot"_L1)
        return loss(parseCandleSnapshot(text, kReceived), body, kRows);
    if (answer.type == "frontendOpenOrders"_L1)
        return loss(parseOpenOrders(text, kReceived), body, kRows);
    if (answer.type == "fundingHistory"_L1)
        return loss(parseFundingHistory(text), body, kRows);
    if (answer.type == "l2Book"_L1)
        return loss(parseL2Book(text, kReceived), body, kOne);
    if (answer.type == "userFills"_L1)
        return loss(parseUserFills(text, kReceived), body, kRows);
    if (answer.type == "clearinghouseState"_L1)
        return loss(parseClearinghouseState(text, kReceived), body, kOne);
    if (answer.type == "historicalOrders"_L1)
        return loss(parseHistoricalOrders(text, kReceived), body, kStatusRows);
    if (answer.type == "userFunding"_L1)
        return loss(parseUserFunding(text), body, kRows);
    if (answer.type == "userNonFundingLedgerUpdates"_L1)
        return loss(parseLedgerUpdates(text, "0x2ba553d9f990a3b66b03b2dc0d030dfc1c061036"), body, kRows);
    if (answer.type == "extraAgents"_L1)
        return loss(parseExtraAgents(text), body, kRows);
    if (answer.type == "userTwapSliceFills"_L1)
        return loss(parseTwapSliceFills(text, kReceived), body, kRows);
    if (answer.type == "allMids"_L1)
        return loss(parseAllMids(text, kReceived), body, [](const Mids &mids) {
            QJsonObject out;
            for (const Mids::Row &row : mids.rows)
                out.insert(QString::fromStdString(row.symbol.string()),
                           QString::fromStdString(row.mid.text()));
            return QJsonValue(out);
        });
    if (answer.type == "userRateLimit"_L1)
        return loss(parseUserRateLimit(text), body, [](const UserRateLimit &limit) {
            return QJsonValue(QJsonObject{{u"cumVlm"_s, limit.volume},
                                          {u"nRequestsUsed"_s, static_cast<qint64>(limit.used)},
                                          {u"nRequestsCap"_s, static_cast<qint64>(limit.cap)}});
        });
    if (answer.type == "userRole"_L1)
        return loss(parseUserRole(text), body, [](const UserRole &role) {
            return QJsonValue(
                QJsonObject{{u"role"_s, role.kind == UserRole::Kind::Vault ? u"vault"_s : u"other"_s}});
        });
    return std::nullopt;
}
} // namespace

class TestHyperliquidRecordings : public QObject
{
    Q_OBJECT

private slots:
    void everyFrameOfTheCaptureTakesTheFastPathWithoutLoss()
    {
        REQUIRE_SHARED();
        const auto lines = tests::gzipLines(tests::sharedDir() +
                                            u"/data/hyperliquid/capture-2025-01-26/btcusd_20250126.gz"_s);
        QCOMPARE(lines.size(), 55);
        MarketDecoder decoder;
        MarketDecoder general;
        int books = 0;
        std::size_t trades = 0;
        for (const QByteArray &line : lines) {
            const QByteArray frame = line.mid(line.indexOf(' ') + 1);
            const auto event = decoder.decode(view(frame), kReceived);
            QVERIFY2(event.has_value(), event ? "" : event.error().detail.c_str());
            QVERIFY(tests::same(event, general.decodeGeneral(view(frame), kReceived)));
            const QJsonValue data = parsed(frame).toObject().value("data"_L1);
            QString lost;
            if (const auto *const *book = std::get_if<const BookSnapshot *>(&*event)) {
                ++books;
                lost = tests::difference(tests::encoded(**book), data);
            } else {
                const auto &batch = *std::get<const TradeBatch *>(*event);
                trades += batch.trades.size();
                lost = tests::difference(tests::encodedRows(batch.trades), data);
            }
            QVERIFY2(lost.isEmpty(), qPrintable(lost));
        }
        QCOMPARE(books, 46);
        QCOMPARE(trades, std::size_t{64});
        QCOMPARE(decoder.generalFrames(), std::uint64_t{0});
    }

    void theBiggestFrameKeepsEveryContext()
    {
        REQUIRE_SHARED();
        const QByteArray pretty = sample("ws_all_dexs_asset_ctxs.json");
        const QByteArray frame = QJsonDocument::fromJson(pretty).toJson(QJsonDocument::Compact);
        for (const QByteArray &bytes : {pretty, frame}) {
            MarketDecoder decoder;
            const auto event = decoder.decode(view(bytes), kReceived);
            QVERIFY2(event.has_value(), event ? "" : event.error().detail.c_str());
            const auto &table = *std::get<const ContextTable *>(*event);
            QJsonArray dexes;
            for (const ContextTable::Dex &dex : table.dexes)
                dexes.append(QJsonArray{QString::fromStdString(dex.name), tests::encodedRows(dex.contexts)});
            const QString lost = tests::difference(
                dexes, parsed(bytes).toObject().value("data"_L1).toObject().value("ctxs"_L1));
            QVERIFY2(lost.isEmpty(), qPrintable(lost));
        }
    }

    void theOtherSamplesOfTheSocket()
    {
        REQUIRE_SHARED();
        MarketDecoder decoder;
        const QByteArray mids = sample("ws_allmids.json");
        const auto midsEvent = decoder.decode(view(mids), kReceived);
        QCOMPARE(std::get<const Mids *>(midsEvent.value())->rows.size(), std::size_t{5});
        const QByteArray book = R"({"channel":"l2Book","data":)" + sample("ws_book_data.json") + "}";
        const auto bookEvent = decoder.decode(view(book), kReceived);
        const QString lost =
            tests::difference(tests::encoded(*std::get<const BookSnapshot *>(bookEvent.value())),
                              parsed(sample("ws_book_data.json")));
        QVERIFY2(lost.isEmpty(), qPrintable(lost));
        const QByteArray fills = sample("ws_user_fill_liquidation.json");
        const auto fillEvent = decodeUserEvent(view(fills), kReceived);
        const QString lostFill =
            tests::difference(tests::encodedRows(std::get<FillRows>(fillEvent.value()).rows),
                              parsed(fills).toObject().value("data"_L1).toObject().value("fills"_L1));
        QVERIFY2(lostFill.isEmpty(), qPrintable(lostFill));
    }

    void everySampledAnswerDecodesWithoutLoss()
    {
        REQUIRE_SHARED();
        const auto check = [](const char *name, auto parse, auto encode) {
            const QByteArray body = sample(name);
            const QString lost = loss(parse(view(body)), body, encode);
            return lost.isEmpty() ? QString() : QString::fromLatin1(name) + lost;
        };
        const auto book = [](std::string_view body) { return parseL2Book(body, kReceived); };
        QCOMPARE(check("http_all_perp_metas_non_usdc_collateral.json", parseAllPerpMetas, kRows), QString());
        QCOMPARE(check(
                     "http_clearinghouse_state_negative_total_raw_usd.json",
                     [](std::string_view body) { return parseClearinghouseState(body, kReceived); }, kOne),
                 QString());
        QCOMPARE(check("http_funding_history.json", parseFundingHistory, kRows), QString());
        QCOMPARE(check("http_l2_book_btc.json", book, kOne), QString());
        QCOMPARE(check("http_l2_book_snapshot.json", book, kOne), QString());
        QCOMPARE(check("http_meta_perp_sample.json", parseMeta, kOne), QString());
        QCOMPARE(check(
                     "http_recent_trades_btc.json",
                     [](std::string_view body) { return parseRecentTrades(body, kReceived); }, kRows),
                 QString());
        QCOMPARE(check("http_spot_clearinghouse_state.json", parseSpotClearinghouseState, kOne), QString());
        QCOMPARE(check(
                     "http_user_fills_dust_conversion.json",
                     [](std::string_view body) { return parseUserFills(body, kReceived); }, kRows),
                 QString());
        const QByteArray tokens = sample("http_spot_meta_non_usdc_collateral.json");
        QCOMPARE(parseSpotTokens(view(tokens)).value().at(1).name, std::string("USDH"));
        QCOMPARE(
            QDir(tests::sharedDir() + u"/data/hyperliquid/message-samples"_s).entryList(QDir::Files).size(),
            14);
    }

    void everyCassetteDecodesWithoutLoss()
    {
        REQUIRE_SHARED();
        const auto answers = tests::cassettes();
        int decoded = 0;
        for (const tests::HlAnswer &answer : answers) {
            const auto lost = lossOfAnswer(answer);
            if (!lost) { // staking and vaults: nothing that the program asks for
                QVERIFY2(answer.type == "delegatorHistory"_L1 || answer.type == "userVaultEquities"_L1,
                         qPrintable(answer.type));
                continue;
            }
            QVERIFY2(lost->isEmpty(), qPrintable(answer.file + *lost));
            ++decoded;
        }
        QVERIFY2(decoded >= 16, qPrintable(QString::number(decoded)));
    }
};

QTEST_APPLESS_MAIN(TestHyperliquidRecordings)
#include "tst_hyperliquid_recordings.moc"
