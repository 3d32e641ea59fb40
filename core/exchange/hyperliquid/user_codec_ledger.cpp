#include "core/exchange/hyperliquid/user_codec_rows.h"

#include <algorithm>
#include <array>

namespace core::exchange::hyperliquid
{

namespace
{
/// Which way the money of a kind goes, seen from the account whose ledger it is.
enum class Flow {
    In,
    Out,
    ByParties, ///< user pays, destination receives
    ToPerp,    ///< between the person's own pockets
};
struct KindRule {
    std::string_view kind;
    Flow flow;
    std::string_view amountField;
};
constexpr std::array<KindRule, 13> kKinds{{{"deposit", Flow::In, "usdc"},
                                           {"withdraw", Flow::Out, "usdc"},
                                           {"internalTransfer", Flow::ByParties, "usdc"},
                                           {"subAccountTransfer", Flow::ByParties, "usdc"},
                                           {"accountClassTransfer", Flow::ToPerp, "usdc"},
                                           {"spotTransfer", Flow::ByParties, "amount"},
                                           {"send", Flow::ByParties, "amount"},
                                           {"vaultDeposit", Flow::Out, "usdc"},
                                           {"vaultCreate", Flow::Out, "usdc"},
                                           {"vaultDistribution", Flow::In, "usdc"},
                                           {"vaultWithdraw", Flow::In, "netWithdrawnUsd"},
                                           {"vaultLeaderCommission", Flow::In, "usdc"},
                                           {"spotGenesis", Flow::In, "amount"}}};

/// What the venue writes into `delta`, over all kinds.
struct Delta {
    std::optional<Money> usdc, amount, netWithdrawnUsd, fee;
    std::string token;
    std::optional<bool> toPerp;
};

[[nodiscard]] bool readDelta(Reader &reader, LedgerRow &out, Delta &delta)
{
    return reader.object(must("type", [&] { return reader.words(out.kind); }),
                         may("usdc", [&] { return reader.moneyIfItFits(delta.usdc); }),
                         may("amount", [&] { return reader.moneyIfItFits(delta.amount); }),
                         may("netWithdrawnUsd", [&] { return reader.moneyIfItFits(delta.netWithdrawnUsd); }),
                         may("fee", [&] { return reader.moneyIfItFits(delta.fee); }),
                         may("user", [&] { return reader.words(out.user); }),
                         may("destination", [&] { return reader.words(out.destination); }),
                         may("token", [&] { return reader.words(delta.token); }),
                         may("toPerp", [&] { return reader.boolean(delta.toPerp.emplace()); }));
}

/// +1 into the account, −1 out of it, 0 when kind and parties do not tell.
[[nodiscard]] int signOf(Flow flow, const LedgerRow &row, const Delta &delta, std::string_view account)
{
    switch (flow) {
    case Flow::In:
        return 1;
    case Flow::Out:
        return -1;
    case Flow::ToPerp:
        return delta.toPerp ? (*delta.toPerp ? 1 : -1) : 0;
    case Flow::ByParties:
        if (account.empty() || row.user == row.destination)
            return 0;
        return row.destination == account ? 1 : (row.user == account ? -1 : 0);
    }
    return 0;
}

void settleLedger(LedgerRow &row, const Delta &delta, std::string_view account)
{
    row.fee = delta.fee;
    const auto *const rule = std::find_if(kKinds.begin(), kKinds.end(),
                                          [&](const KindRule &entry) { return entry.kind == row.kind; });
    if (rule == kKinds.end())
        return;
    row.withinAccount = rule->flow == Flow::ToPerp || (!row.user.empty() && row.user == row.destination);
    const std::optional<Money> &amount = rule->amountField == "usdc"     ? delta.usdc
                                         : rule->amountField == "amount" ? delta.amount
                                                                         : delta.netWithdrawnUsd;
    const int sign = signOf(rule->flow, row, delta, account);
    const auto asset = Asset::from(rule->amountField == "amount" ? std::string_view(delta.token) : "USDC");
    if (!amount || sign == 0 || !asset || asset->empty())
        return;
    row.transfer = Transfer{
        Venue::Hyperliquid, row.hash + ':' + row.kind, row.kind, Money::fromRaw(sign * amount->raw()), *asset,
        row.venueTime};
}
} // namespace

bool readLedger(Reader &reader, LedgerRow &out, std::string_view account)
{
    Delta delta;
    const bool read = reader.object(must("time", [&] { return reader.moment(out.venueTime); }),
                                    may("hash", [&] { return reader.words(out.hash); }),
                                    must("delta", [&] { return readDelta(reader, out, delta); }));
    if (read)
        settleLedger(out, delta, account);
    return read;
}

} // namespace core::exchange::hyperliquid
