// What leaves the sockets: snapshots for new subscribers, market data by block, account events. Reference/
// hyperliquid.md sections 6.2.
#include <algorithm>

#include <fmt/format.h>

#include "core/venue/hyperliquid/socket_hub.h"

namespace core::venue::hyperliquid
{

namespace
{
/// The channel is named like the subscription, but for one.
[[nodiscard]] std::string_view channelOf(std::string_view type)
{
    return type == "userEvents" ? "user" : type;
}

[[nodiscard]] std::string withCoin(const Desk &desk, const Tape &tape, std::size_t asset)
{
    return fmt::format(R"({{"coin":"{}","ctx":{}}})", desk.universe().coin(asset).name, assetCtxText(desk, tape, asset));
}

template <class Rows, class Write> [[nodiscard]] std::string listText(const Rows &rows, Write write)
{
    JsonText out;
    out.array();
    for (const auto &row : rows)
        write(out, row);
    out.endArray();
    return out.take();
}

[[nodiscard]] std::string tradesText(const Universe &universe, std::size_t asset, const auto &trades)
{
    return listText(trades, [&](JsonText &out, const PublicTrade &trade) { writeTrade(out, universe, asset, trade); });
}
} // namespace

void SocketHub::toTopic(Topic &topic, std::string_view channel, std::string_view data)
{
    const std::string frame = frameOf(channel, data);
    topic.sentAt = m_clock.monotonic();
    for (const ConnectionId id : topic.listeners)
        reply(id, frame);
}

void SocketHub::toUser(Topic &topic, std::string_view channel, std::string_view data)
{
    const DeskFaults &faults = m_desk.options().faults;
    const std::string frame = frameOf(channel, data);
    for (const ConnectionId id : topic.listeners)
        for (int times = faults.duplicateUserMessages ? 2 : 1; times > 0; --times) {
            if (m_holding)
                m_held.emplace_back(id, frame);
            else
                reply(id, frame);
        }
}

std::string SocketHub::snapshotOf(const Subscription &subscription, std::string &channel) const
{
    const std::string &type = subscription.type;
    channel = channelOf(type);
    const UtcTime now = m_clock.now();
    if (type == "allMids")
        return fmt::format(R"({{"mids":{}}})", midsText(m_desk));
    if (type == "assetCtxs")
        return fmt::format(R"({{"dex":"","ctxs":{}}})", assetCtxsText(m_desk, m_tape));
    if (type == "allDexsAssetCtxs")
        return fmt::format(R"({{"ctxs":[["",{}]]}})", assetCtxsText(m_desk, m_tape));
    if (!subscription.user.empty())
        return userSnapshotOf(subscription);
    const std::size_t asset = *subscription.asset;
    if (type == "l2Book")
        return bookText(m_desk, asset, subscription.view, now);
    if (type == "bbo")
        return bboText(m_desk, asset, now);
    if (type == "trades")
        return tradesText(m_desk.universe(), asset, m_tape.recent(asset));
    if (type == "activeAssetCtx")
        return withCoin(m_desk, m_tape, asset);
    return {};
}

std::string SocketHub::userSnapshotOf(const Subscription &subscription) const
{
    const std::string &type = subscription.type;
    const auto &account = subscription.account;
    const auto snapshot = [&](std::string_view name, const std::string &rows) {
        return fmt::format(R"({{"user":"{}","isSnapshot":true,"{}":{}}})", subscription.user, name, rows);
    };
    const Universe &universe = m_desk.universe();
    if (type == "userFills") {
        std::vector<DeskFill> fills;
        if (account)
            fills.assign(m_desk.fills(*account).rbegin(), m_desk.fills(*account).rend());
        return snapshot("fills", listText(fills, [&](JsonText &out, const DeskFill &fill) {
                            writeFill(out, universe, fill, subscription.user);
                        }));
    }
    if (type == "userFundings")
        return snapshot("fundings", listText(account ? m_desk.fundings(*account) : std::vector<FundingRow>{},
                                             [&](JsonText &out, const FundingRow &row) {
                                                 writeFunding(out, universe, row, true);
                                             }));
    if (type == "userNonFundingLedgerUpdates")
        return snapshot("nonFundingLedgerUpdates",
                        listText(account ? m_desk.ledger(*account) : std::vector<LedgerRow>{},
                                 [](JsonText &out, const LedgerRow &row) { writeLedger(out, row); }));
    if (type == "userHistoricalOrders")
        return snapshot("orderHistory",
                        listText(account ? m_desk.history(*account) : std::vector<const DeskOrder *>{},
                                 [&](JsonText &out, const DeskOrder *order) { writeOrderStatus(out, m_desk, *order); }));
    if (type == "clearinghouseState" || type == "allDexsClearinghouseState") {
        const std::string state = account ? clearinghouseText(m_desk, *account) : emptyClearinghouseText(m_clock.now());
        if (type == "clearinghouseState")
            return fmt::format(R"({{"dex":"","user":"{}","clearinghouseState":{}}})", subscription.user, state);
        return fmt::format(R"({{"user":"{}","clearinghouseStates":[["",{}]]}})", subscription.user, state);
    }
    if (type == "openOrders")
        return fmt::format(
            R"({{"dex":"","user":"{}","orders":{}}})", subscription.user,
            listText(account ? m_desk.openOrders(*account) : std::vector<const DeskOrder *>{},
                     [&](JsonText &out, const DeskOrder *order) { writeFrontendOrder(out, m_desk, *order); }));
    if (type == "spotState")
        return fmt::format(R"({{"user":"{}","spotState":{}}})", subscription.user,
                           account ? spotText(m_desk, *account) : R"({"balances":[]})");
    if (type == "activeAssetData" && account)
        return activeAssetText(m_desk, *account, *subscription.asset);
    if (type == "webData3" && account)
        return m_info.webData(*account);
    if (type == "twapStates")
        return fmt::format(R"({{"dex":"","user":"{}","states":[]}})", subscription.user);
    return {};
}

// The market.

void SocketHub::onTrade(std::size_t asset, const PublicTrade &trade)
{
    m_trades[asset].push_back(trade);
}

void SocketHub::onBook(std::size_t asset)
{
    for (auto &[name, topic] : m_topics) {
        if (topic.subscription.type != "bbo" || topic.subscription.asset != asset)
            continue;
        const std::string data = bboText(m_desk, asset, m_clock.now());
        const std::string quote = data.substr(std::min(data.size(), data.find("\"bbo\"")));
        if (quote != topic.last) {
            topic.last = quote;
            toTopic(topic, "bbo", data);
        }
    }
}

void SocketHub::onMark(std::size_t asset)
{
    for (auto &[name, topic] : m_topics) {
        const Subscription &wanted = topic.subscription;
        if (wanted.type == "activeAssetCtx" && wanted.asset == asset)
            toTopic(topic, "activeAssetCtx", withCoin(m_desk, m_tape, asset));
        else if (asset == 0 && (wanted.type == "allMids" || wanted.type == "allDexsAssetCtxs" ||
                                wanted.type == "assetCtxs")) {
            std::string channel;
            const std::string data = snapshotOf(wanted, channel);
            toTopic(topic, channel, data);
        } else if (wanted.account && wanted.asset == asset && wanted.type == "activeAssetData")
            toTopic(topic, "activeAssetData", activeAssetText(m_desk, *wanted.account, asset));
        else if (wanted.account && m_desk.position(*wanted.account, asset) != 0 &&
                 wanted.type == "clearinghouseState")
            publishState(topic);
    }
}

void SocketHub::onBlock()
{
    const Duration now = m_clock.monotonic();
    for (auto &[name, topic] : m_topics) {
        const Subscription &wanted = topic.subscription;
        if (wanted.type == "l2Book") {
            const Duration interval =
                wanted.view.isFast ? m_desk.options().fastBookInterval : m_desk.options().slowBookInterval;
            if (now - topic.sentAt >= interval)
                toTopic(topic, "l2Book", bookText(m_desk, *wanted.asset, wanted.view, m_clock.now()));
            continue;
        }
        if (!wanted.asset || !m_trades.contains(*wanted.asset))
            continue;
        if (wanted.type == "trades") {
            toTopic(topic, "trades", tradesText(m_desk.universe(), *wanted.asset, m_trades[*wanted.asset]));
        } else if (wanted.type == "candle") {
            const auto candles = m_tape.candles().candles(m_desk.universe().symbol(*wanted.asset), wanted.interval,
                                                          {}, {}, 1);
            if (!candles || candles->empty())
                continue;
            JsonText out;
            writeCandle(out, m_desk.universe().coin(*wanted.asset).name, wanted.interval, candles->back());
            toTopic(topic, "candle", out.take());
        }
    }
    m_trades.clear();
}

// Accounts.

std::string SocketHub::fillsText(const DeskEvents &events, std::size_t account) const
{
    std::vector<DeskFill> own;
    for (const DeskFill &fill : events.fills)
        if (fill.account == account)
            own.push_back(fill);
    if (own.empty())
        return {};
    return listText(own, [&](JsonText &out, const DeskFill &fill) {
        writeFill(out, m_desk.universe(), fill, m_desk.options().accounts[account].address);
    });
}

void SocketHub::publish(const DeskEvents &events)
{
    if (events.empty())
        return;
    m_holding = m_desk.options().faults.reverseUserMessages;
    for (auto &[name, topic] : m_topics)
        if (topic.subscription.account)
            publishAccount(topic, events);
    m_holding = false;
    std::reverse(m_held.begin(), m_held.end());
    for (const auto &[id, frame] : std::exchange(m_held, {}))
        reply(id, frame);
}

void SocketHub::publishAccount(Topic &topic, const DeskEvents &events)
{
    const Subscription &wanted = topic.subscription;
    const std::size_t account = *wanted.account;
    if (wanted.type == "orderUpdates") {
        std::vector<DeskOrder> own;
        for (const auto &note : events.orders)
            if (note.order.account == account)
                own.push_back(note.order);
        if (!own.empty())
            toUser(topic, "orderUpdates", listText(own, [&](JsonText &out, const DeskOrder &order) {
                       out.object().key("order");
                       writePlainOrder(out, m_desk.universe(), order);
                       out.text("status", order.status)
                           .number("statusTimestamp", toMilliseconds(order.statusAt))
                           .endObject();
                   }));
    } else if (wanted.type == "userFills") {
        if (const std::string fills = fillsText(events, account); !fills.empty())
            toUser(topic, "userFills", fmt::format(R"({{"user":"{}","fills":{}}})", wanted.user, fills));
    } else if (wanted.type == "userEvents") {
        publishEvents(topic, events);
    } else if (wanted.type == "userFundings") {
        std::vector<FundingRow> own;
        for (const auto &note : events.fundings)
            if (note.account == account)
                own.push_back(note.row);
        if (!own.empty())
            toUser(topic, "userFundings",
                   fmt::format(R"({{"user":"{}","fundings":{}}})", wanted.user,
                               listText(own, [&](JsonText &out, const FundingRow &row) {
                                   writeFunding(out, m_desk.universe(), row, true);
                               })));
    } else if (wanted.type == "userNonFundingLedgerUpdates") {
        std::vector<LedgerRow> own;
        for (const auto &note : events.ledger)
            if (note.account == account)
                own.push_back(note.row);
        if (!own.empty())
            toUser(topic, "userNonFundingLedgerUpdates",
                   fmt::format(R"({{"user":"{}","nonFundingLedgerUpdates":{}}})", wanted.user,
                               listText(own, [](JsonText &out, const LedgerRow &row) { writeLedger(out, row); })));
    } else if (events.accounts.contains(account)) {
        publishState(topic);
    }
}

/// One kind of event in each message.
void SocketHub::publishEvents(Topic &topic, const DeskEvents &events)
{
    const std::size_t account = *topic.subscription.account;
    if (const std::string fills = fillsText(events, account); !fills.empty())
        toUser(topic, "user", fmt::format(R"({{"fills":{}}})", fills));
    for (const auto &note : events.fundings)
        if (note.account == account) {
            JsonText out;
            writeFunding(out, m_desk.universe(), note.row, true);
            toUser(topic, "user", fmt::format(R"({{"funding":{}}})", out.take()));
        }
    for (const LiquidationNote &note : events.liquidations)
        if (note.account == account)
            toUser(topic, "user",
                   fmt::format(R"({{"liquidation":{{"lid":{},"liquidator":"0x{:040x}","liquidated_user":"{}",)"
                               R"("liquidated_ntl_pos":"{}","liquidated_account_value":"{}"}}}})",
                               toMilliseconds(m_clock.now()), 0, topic.subscription.user,
                               numberText(note.notional.raw()), numberText(note.accountValue.raw())));
    JsonText cancels;
    bool isAny = false;
    cancels.object().key("nonUserCancel").array();
    for (const DeskOrder &order : events.nonUserCancels)
        if (order.account == account) {
            isAny = true;
            cancels.object()
                .text("coin", m_desk.universe().coin(order.asset()).name)
                .number("oid", order.oid)
                .endObject();
        }
    cancels.endArray().endObject();
    if (isAny)
        toUser(topic, "user", cancels.take());
}

/// Whole states: what a new subscriber would get.
void SocketHub::publishState(Topic &topic)
{
    static constexpr std::string_view kStates[] = {"clearinghouseState", "allDexsClearinghouseState",
                                                   "openOrders",         "spotState",
                                                   "activeAssetData",    "webData3"};
    const Subscription &wanted = topic.subscription;
    if (std::find(std::begin(kStates), std::end(kStates), wanted.type) == std::end(kStates))
        return;
    const std::string data = userSnapshotOf(wanted);
    if (data.empty() || data == topic.last)
        return;
    topic.last = data;
    toUser(topic, wanted.type, data);
}

} // namespace core::venue::hyperliquid
