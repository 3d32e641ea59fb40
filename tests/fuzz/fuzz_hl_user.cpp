#include <array>

#include "core/exchange/hyperliquid/user_codec.h"
#include "tests/fuzz/differential.h"

namespace hyperliquid = core::exchange::hyperliquid;

namespace
{
constexpr std::array<std::string_view, 7> kHeads{
    "",
    R"({"channel":"orderUpdates","data":[{"status":"open","order":{)",
    R"({"channel":"userFills","data":{"user":"0x1","fills":[{)",
    R"({"channel":"userFundings","data":{"fundings":[{)",
    R"({"channel":"userNonFundingLedgerUpdates","data":{"nonFundingLedgerUpdates":[{"time":1,"delta":{)",
    R"({"channel":"clearinghouseState","data":{"clearinghouseState":{)",
    R"({"channel":"spotState","data":{"spotState":{"balances":[{)",
};

/// What every consumer relies on, whatever the bytes were.
void check(const hyperliquid::OrderRows &orders)
{
    for (const hyperliquid::OrderRow &row : orders.rows) {
        fuzz::require(!row.update.instrument.symbol.empty());
        fuzz::require(!row.update.quantity.isNegative() && !row.update.filled.isNegative());
    }
}
void check(const hyperliquid::FillRows &fills)
{
    for (const hyperliquid::FillRow &row : fills.rows)
        fuzz::require(!row.fill.quantity.isNegative() && !row.fill.price.isNegative());
}
void check(const hyperliquid::PerpAccounts &accounts)
{
    for (const auto &[dex, state] : accounts.dexes) {
        for (const hyperliquid::PositionRow &row : state.positions)
            fuzz::require(!row.position.quantity.isNegative() && !row.position.entryPrice.isNegative());
    }
}
template <class Other> void check(const Other &) {}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    for (const std::string_view head : kHeads) {
        const std::string frame = std::string(head).append(fuzz::text(data, size));
        const auto event = hyperliquid::decodeUserEvent(frame, fuzz::kReceived, "0x1");
        fuzz::require(event.has_value() || !event.error().detail.empty());
        if (event)
            std::visit([](const auto &value) { check(value); }, *event);
    }
    return 0;
}
