#include <array>

#include "core/exchange/hyperliquid/rest_codec.h"
#include "core/exchange/hyperliquid/rest_codec_reply.h"
#include "tests/fuzz/differential.h"

namespace hyperliquid = core::exchange::hyperliquid;

namespace
{
/// Refused in words or accepted; never thrown, never nothing.
template <class Value> void check(const core::Result<Value> &result)
{
    fuzz::require(result.has_value() || !result.error().detail.empty());
}

void checkAnswers(std::string_view body)
{
    check(hyperliquid::parseMeta(body));
    check(hyperliquid::parseAllPerpMetas(body));
    check(hyperliquid::parseMetaAndAssetCtxs(body));
    check(hyperliquid::parsePerpDexs(body));
    check(hyperliquid::parseAllMids(body, fuzz::kReceived));
    check(hyperliquid::parseL2Book(body, fuzz::kReceived));
    check(hyperliquid::parseCandleSnapshot(body, fuzz::kReceived));
    check(hyperliquid::parseFundingHistory(body));
    check(hyperliquid::parseClearinghouseState(body, fuzz::kReceived));
    check(hyperliquid::parseSpotClearinghouseState(body));
    check(hyperliquid::parseUserAbstraction(body));
    check(hyperliquid::parseOpenOrders(body, fuzz::kReceived));
    check(hyperliquid::parseOrderStatus(body, fuzz::kReceived));
    check(hyperliquid::parseHistoricalOrders(body, fuzz::kReceived));
    check(hyperliquid::parseUserFills(body, fuzz::kReceived));
    check(hyperliquid::parseUserFunding(body));
    check(hyperliquid::parseLedgerUpdates(body, "0x1"));
    check(hyperliquid::parseUserFees(body));
    check(hyperliquid::parseUserRole(body));
    check(hyperliquid::parseExchangeStatus(body));
    check(hyperliquid::parsePortfolio(body));
}

/// A reply gives exactly one fate per item, and only a refusal says why.
void checkReply(std::string_view body)
{
    constexpr std::size_t kItems = 3;
    const auto items = hyperliquid::statusPerItem(hyperliquid::parseExchangeReply(body), kItems);
    fuzz::require(items.size() == kItems);
    for (const hyperliquid::ItemStatus &item : items)
        fuzz::require(item.kind != hyperliquid::ItemStatus::Kind::Refused || item.refusal.has_value());
}
constexpr std::array<std::string_view, 3> kReplyHeads{
    "", R"({"status":"ok","response":{"type":"order","data":{"statuses":[)",
    R"({"status":"err","response":)"};
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    checkAnswers(fuzz::text(data, size));
    for (const std::string_view head : kReplyHeads)
        checkReply(std::string(head).append(fuzz::text(data, size)));
    return 0;
}
