#include "core/exchange/hyperliquid/user_codec.h"

#include "core/exchange/hyperliquid/codec_general.h"
#include "core/exchange/hyperliquid/user_codec_rows.h"

namespace core::exchange::hyperliquid
{

namespace
{
/// One frame: what it needs beside the reader, and a function per channel. Each reads the current value,
/// `data`.
class UserFrameReader
{
public:
    UserFrameReader(UtcTime receivedAt, std::string_view account)
        : m_receivedAt(receivedAt), m_account(account)
    {
    }
    [[nodiscard]] Result<UserEvent> decode(std::string_view frame);

private:
    [[nodiscard]] bool data(const std::string &channel);
    [[nodiscard]] bool orders();
    [[nodiscard]] bool event();
    /// Two events in one frame would drop the first.
    [[nodiscard]] bool alone()
    {
        return std::holds_alternative<Ignored>(m_event) ||
               m_reader.refuse(ErrorCode::ParseFailed, "a second event in one frame");
    }
    [[nodiscard]] bool fillEvent();
    [[nodiscard]] bool ownLiquidation();
    [[nodiscard]] bool venueCancels();
    [[nodiscard]] bool perpAccount();
    [[nodiscard]] bool allPerpAccounts();
    [[nodiscard]] bool openOrders();
    [[nodiscard]] bool spotState();
    [[nodiscard]] bool webData();
    [[nodiscard]] bool webUser(WebData &out);
    /// {"user", "isSnapshot"?, <list>: […]}.
    template <class Rows, class Row> [[nodiscard]] bool list(std::string_view key, Row &&row)
    {
        Rows &out = m_event.emplace<Rows>();
        return m_reader.object(may("user", [&] { return m_reader.words(out.user); }),
                               may("isSnapshot", [&] { return m_reader.boolean(out.snapshot); }),
                               must(key, [&] { return m_reader.rows(out.rows, row); }));
    }

    UtcTime m_receivedAt;
    std::string_view m_account;
    Reader m_reader;
    UserEvent m_event;
};

Result<UserEvent> UserFrameReader::decode(std::string_view frame)
{
    if (isNoObject(frame))
        return UserEvent{Ignored{"text"}};
    std::string channel;
    const bool shaped =
        m_reader.load(frame, "frame") &&
        m_reader.object(Reader::At::Root, must("channel", [&] { return m_reader.words(channel); }),
                        may("data", [&] { return m_reader.ignored(); })) &&
        m_reader.finish();
    if (!shaped)
        return fail(m_reader.error());
    if (!isUserChannel(channel))
        return UserEvent{Ignored{channel}};
    m_reader.rewind("frame");
    const bool read = m_reader.object(Reader::At::Root, must("channel", [&] { return m_reader.ignored(); }),
                                      must("data", [&] {
                                          m_reader.rename(channel);
                                          return data(channel);
                                      }));
    return m_reader.result(read, std::move(m_event));
}

bool UserFrameReader::data(const std::string &channel)
{
    const auto fill = [this](FillRow &row) { return readFill(m_reader, row, m_receivedAt); };
    if (channel == "orderUpdates")
        return orders();
    if (channel == "user")
        return event();
    if (channel == "userFills")
        return list<FillRows>("fills", fill);
    if (channel == "userFundings")
        return list<FundingRows>("fundings",
                                 [this](FundingRow &row) { return readFlatFunding(m_reader, row); });
    if (channel == "userNonFundingLedgerUpdates")
        return list<LedgerRows>("nonFundingLedgerUpdates",
                                [this](LedgerRow &row) { return readLedger(m_reader, row, m_account); });
    if (channel == "userHistoricalOrders")
        return list<HistoryRows>("orderHistory", [this](OrderRow &row) {
            return readOrderWithStatus(m_reader, row, m_receivedAt);
        });
    if (channel == "clearinghouseState")
        return perpAccount();
    if (channel == "allDexsClearinghouseState")
        return allPerpAccounts();
    if (channel == "openOrders")
        return openOrders();
    if (channel == "spotState")
        return spotState();
    if (channel == "activeAssetData")
        return readAssetSetting(m_reader, Reader::At::Here, m_event.emplace<AssetSetting>());
    if (channel == "webData3")
        return webData();
    if (channel == "notification") {
        Notification &out = m_event.emplace<Notification>();
        return m_reader.object(must("notification", [&] { return m_reader.words(out.text); }));
    }
    m_event = Ignored{channel}; // the TWAP channels
    return m_reader.ignored();
}

bool UserFrameReader::orders()
{
    OrderRows &out = m_event.emplace<OrderRows>();
    return m_reader.rows(out.rows,
                         [this](OrderRow &row) { return readOrderWithStatus(m_reader, row, m_receivedAt); });
}

/// Channel `user`: exactly one of several members says which event it is.
bool UserFrameReader::event()
{
    m_event = Ignored{"user"};
    return m_reader.object(may("fills", [this] { return alone() && fillEvent(); }),
                           may("funding",
                               [this] {
                                   if (!alone())
                                       return false;
                                   FundingRows &out = m_event.emplace<FundingRows>();
                                   return readFlatFunding(m_reader, out.rows.emplace_back());
                               }),
                           may("liquidation", [this] { return alone() && ownLiquidation(); }),
                           may("nonUserCancel", [this] { return alone() && venueCancels(); }));
}

bool UserFrameReader::fillEvent()
{
    FillRows &out = m_event.emplace<FillRows>();
    return m_reader.rows(out.rows, [this](FillRow &row) { return readFill(m_reader, row, m_receivedAt); });
}

bool UserFrameReader::ownLiquidation()
{
    LiquidationNotice &out = m_event.emplace<LiquidationNotice>();
    return m_reader.object(
        may("lid", [&] { return m_reader.whole(out.id); }),
        may("liquidator", [&] { return m_reader.words(out.liquidator); }),
        may("liquidated_user", [&] { return m_reader.words(out.liquidatedUser); }),
        may("liquidated_ntl_pos", [&] { return m_reader.roundedValue(out.notional); }),
        may("liquidated_account_value", [&] { return m_reader.roundedValue(out.accountValue); }));
}

bool UserFrameReader::venueCancels()
{
    VenueCancels &out = m_event.emplace<VenueCancels>();
    return m_reader.rows(out.rows, [this](VenueCancels::Row &row) {
        return m_reader.object(must("coin", [&] { return m_reader.coin(row.instrument); }),
                               must("oid", [&] { return m_reader.whole(row.order.value); }));
    });
}

bool UserFrameReader::perpAccount()
{
    PerpAccounts &out = m_event.emplace<PerpAccounts>();
    auto &[dex, state] = out.dexes.emplace_back();
    return m_reader.object(may("dex", [&] { return m_reader.words(dex); }),
                           may("user", [&] { return m_reader.words(out.user); }),
                           must("clearinghouseState", [&] {
                               return readPerpAccount(m_reader, Reader::At::Here, state, m_receivedAt);
                           }));
}

bool UserFrameReader::allPerpAccounts()
{
    PerpAccounts &out = m_event.emplace<PerpAccounts>();
    out.allDexes = true;
    const auto pair = [this](std::pair<std::string, PerpAccount> &row) {
        std::size_t parts = 0;
        const bool read = m_reader.indexed([&](std::size_t index) {
            parts = index + 1;
            if (index > 1)
                return m_reader.ignored();
            return index == 0 ? m_reader.words(row.first)
                              : readPerpAccount(m_reader, Reader::At::Here, row.second, m_receivedAt);
        });
        return read && (parts >= 2 || m_reader.refuse(ErrorCode::ParseFailed, "expects a dex and its state"));
    };
    return m_reader.object(may("user", [&] { return m_reader.words(out.user); }),
                           must("clearinghouseStates", [&] { return m_reader.rows(out.dexes, pair); }));
}

bool UserFrameReader::openOrders()
{
    OpenOrders &out = m_event.emplace<OpenOrders>();
    return m_reader.object(may("dex", [&] { return m_reader.words(out.dex); }),
                           may("user", [&] { return m_reader.words(out.user); }), must("orders", [&] {
                               return m_reader.rows(out.rows, [this](OrderRow &row) {
                                   return readOrder(m_reader, row, m_receivedAt);
                               });
                           }));
}

bool UserFrameReader::spotState()
{
    SpotState &out = m_event.emplace<SpotState>();
    return m_reader.object(may("user", [&] { return m_reader.words(out.user); }), must("spotState", [&] {
                               return readSpotAccount(m_reader, Reader::At::Here, out.account);
                           }));
}

bool UserFrameReader::webData()
{
    WebData &out = m_event.emplace<WebData>();
    return m_reader.object(must("userState", [&] { return webUser(out); }));
}

bool UserFrameReader::webUser(WebData &out)
{
    return m_reader.object(may("user", [&] { return m_reader.words(out.user); }),
                           may("abstraction",
                               [&] {
                                   std::string_view word;
                                   if (!m_reader.text(word))
                                       return false;
                                   out.mode = accountMode(word);
                                   return true;
                               }),
                           may("agentAddress", [&] { return m_reader.words(out.agentAddress); }),
                           may("agentValidUntil", [&] { return m_reader.moment(out.agentValidUntil); }),
                           may("serverTime", [&] { return m_reader.moment(out.serverTime); }),
                           may("isVault", [&] { return m_reader.boolean(out.isVault); }));
}
} // namespace

Result<UserEvent> decodeUserEvent(std::string_view frame, UtcTime receivedAt, std::string_view account)
{
    return UserFrameReader(receivedAt, account).decode(frame);
}

} // namespace core::exchange::hyperliquid
