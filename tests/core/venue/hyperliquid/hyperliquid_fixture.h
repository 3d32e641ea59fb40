#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "core/exchange/hyperliquid/action.h"
#include "core/exchange/hyperliquid/signer.h"
#include "core/venue/hyperliquid/info_api.h"
#include "core/venue/hyperliquid/text.h"

namespace tests
{

namespace hv = core::venue::hyperliquid;
namespace hx = core::exchange::hyperliquid;

[[nodiscard]] inline core::Price price(std::string_view text)
{
    return core::parsePrice(text).value();
}
[[nodiscard]] inline core::Quantity quantity(std::string_view text)
{
    return core::parseQuantity(text).value();
}
[[nodiscard]] inline core::Money money(std::string_view text)
{
    return core::parseMoney(text).value();
}

/// Hyperliquid without sockets and without a generated market, on a clock driven by hand. Assets: 0 BTC
/// (szDecimals 5), 1 ETH (4), 2 MATIC delisted, 3 SOL (2), 4 DOGE (0), 5 HYPE. Books around 60000 and 3000.
struct HyperliquidFixture {
    explicit HyperliquidFixture(hv::HyperliquidOptions given = hv::typicalOptions(7, 2))
        : options(std::move(given)), desk(options, clock), tape(desk.universe()), credentials(options),
          budget(options.requestBudget, options.accounts.size()),
          exchange(desk, credentials, budget, options, clock), info(desk, tape, credentials, budget, clock)
    {
        setBook(0, {{"60000", "1"}, {"59999", "2"}, {"59900", "50"}}, {{"60001", "1"}, {"60002", "2"}, {"60100", "50"}});
        setBook(1, {{"3000", "10"}, {"2999", "100"}}, {{"3000.1", "10"}, {"3001", "100"}});
        setMark(0, "60000");
        setMark(1, "3000");
        ok = ok && desk.placeInitialPositions().has_value();
    }
    struct Row {
        std::string_view at;
        std::string_view size;
    };
    void setBook(std::size_t asset, const std::vector<Row> &bids, const std::vector<Row> &asks)
    {
        const auto levels = [](const std::vector<Row> &rows) {
            std::vector<core::Level> made;
            for (const Row &row : rows)
                made.push_back({price(row.at), quantity(row.size)});
            return made;
        };
        ok = ok && desk.assignBook(asset, 1, clock.now(), levels(bids), levels(asks)).has_value();
    }
    void setMark(std::size_t asset, std::string_view at)
    {
        core::MarkPrice mark;
        mark.mark = price(at);
        mark.index = price(at);
        mark.fundingRate = desk.universe().coin(asset).fundingRate;
        mark.venueTime = clock.now();
        desk.onMark(asset, mark);
    }

    [[nodiscard]] const hv::TestAccount &test(std::size_t account) const { return tests[account]; }
    [[nodiscard]] std::uint64_t nextNonce()
    {
        nonce = std::max(nonce + 1, static_cast<std::uint64_t>(core::toMilliseconds(clock.now())));
        return nonce;
    }
    /// Posts an action given as JSON, signed by `key`; the answer's JSON.
    [[nodiscard]] QJsonObject post(const std::string &key, std::string_view actionJson, hx::ActionEnvelope envelope)
    {
        const auto signer = hx::ActionSigner::fromHex(key);
        const auto action = hx::parseActionJson(actionJson, "action");
        const auto signature = signer->signL1(*action, envelope, hx::Network::Mainnet).signature;
        return postText(hx::requestJson(*action, envelope, signature));
    }
    /// By the first account's agent, with a fresh nonce.
    [[nodiscard]] QJsonObject post(std::string_view actionJson)
    {
        return post(tests[0].agentKey, actionJson, {.nonce = nextNonce()});
    }
    [[nodiscard]] QJsonObject postText(std::string_view body)
    {
        last = exchange.answer(*hx::parseActionJson(body, "body"));
        return QJsonDocument::fromJson(QByteArray::fromStdString(last.body)).object();
    }
    /// statuses[0] of one order: "resting", "filled 0.1@60001", "error …", or the bare string.
    [[nodiscard]] QString order(std::string_view orderJson, std::string_view grouping = "na");
    [[nodiscard]] static QString first(const QJsonObject &answer) { return status(answer, 0); }
    [[nodiscard]] static QString status(const QJsonObject &answer, qsizetype index)
    {
        using namespace Qt::StringLiterals;
        if (answer["status"_L1] != "ok"_L1)
            return u"err "_s + answer["response"_L1].toString();
        const QJsonValue row = answer["response"_L1]["data"_L1]["statuses"_L1][index];
        if (row.isString())
            return row.toString();
        if (row.toObject().contains("error"_L1))
            return u"error "_s + row["error"_L1].toString();
        if (row.toObject().contains("filled"_L1))
            return u"filled "_s + row["filled"_L1]["totalSz"_L1].toString() + u'@' +
                   row["filled"_L1]["avgPx"_L1].toString();
        return row.toObject().contains("resting"_L1) ? u"resting"_s : u"?"_s;
    }
    [[nodiscard]] QJsonValue ask(std::string_view request)
    {
        last = info.answer(*hx::parseActionJson(request, "body"));
        const QByteArray wrapped = "[" + QByteArray::fromStdString(last.body) + "]";
        return QJsonDocument::fromJson(wrapped).array().at(0);
    }
    /// About the first account.
    [[nodiscard]] QJsonValue mine(std::string_view type, std::string_view more = {});

    core::ManualClock clock{core::utcFromMilliseconds(1'795'305'600'000)};
    hv::HyperliquidOptions options;
    std::vector<hv::TestAccount> tests{hv::testAccounts(7, 2)};
    hv::Desk desk;
    hv::Tape tape;
    hv::Credentials credentials;
    hv::RequestBudget budget;
    hv::ExchangeApi exchange;
    hv::InfoApi info;
    hv::WireAnswer last;
    std::uint64_t nonce{0};
    bool ok{true};
};

/// An order action of these orders.
[[nodiscard]] std::string orderAction(std::string_view orders, std::string_view grouping = "na");
/// {"a":…} of a limit order.
[[nodiscard]] std::string limitOrder(int asset, bool isBuy, std::string_view at, std::string_view size,
                                     std::string_view tif = "Gtc", bool reduceOnly = false,
                                     std::string_view cloid = {});
/// {"a":…} of a market trigger.
[[nodiscard]] std::string triggerOrder(int asset, bool isBuy, std::string_view worst, std::string_view size,
                                       std::string_view trigger, std::string_view tpsl, bool reduceOnly = true);
/// Parent buy at 60001 of asset 0 with a stop at 59000 and a take-profit at 61000.
[[nodiscard]] std::string groupAction(std::string_view tif, std::string_view size);

} // namespace tests
