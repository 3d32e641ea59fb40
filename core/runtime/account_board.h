#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/runtime/market_board.h"
#include "core/runtime/snapshots.h"

namespace core::runtime
{

/// What the engine knows of the account: the venue's last words, and the view of them at the newest marks. Decides
/// nothing. Engine thread.
class AccountBoard
{
public:
    explicit AccountBoard(const AccountId &account) { m_view.account = account; }

    /// What is shown of a terminal without an account.
    [[nodiscard]] static AccountView unconnected(const AccountId &account);
    void onAccount(const AccountSnapshot &totals);
    /// Takes the list over; positions that a complete list lacks become flat and are returned.
    [[nodiscard]] std::vector<Position> onPositions(const std::vector<Position> &positions, bool complete, UtcTime now);
    /// True when an open order says for the first time that we do not know its type.
    [[nodiscard]] bool onOrder(const OrderUpdate &order);
    void onOrderAbsent(const ClientOrderId &order);
    void onFunding(const FundingPayment &payment);
    void onTransfer(const Transfer &transfer);

    /// Judges the age of the account's newest word; the state when it changed.
    [[nodiscard]] std::optional<Freshness> judge(UtcTime now, Duration staleAfter);
    /// Open positions and totals at the newest marks.
    void refresh(const MarketBoard &markets);
    [[nodiscard]] AccountView view(UtcTime now);
    /// As the venue said last; absent: never.
    [[nodiscard]] const std::optional<AccountSnapshot> &venueTotals() const { return m_venueTotals; }
    [[nodiscard]] std::vector<Position> openPositions() const;

private:
    AccountView m_view;
    std::map<std::pair<InstrumentKey, PositionSide>, Position> m_positions;
    std::map<ClientOrderId, OrderUpdate> m_openOrders;
    std::set<ClientOrderId> m_unknownTypes; ///< open orders that were told to be so
    std::optional<AccountSnapshot> m_venueTotals;
    std::optional<UtcTime> m_heardAt;
    Freshness m_reported{Freshness::Connecting};
};

/// Two accounts as one: the staler freshness, all positions, orders and facts; totals only where both are known, dollar for
/// dollar whatever stable coin they are in (as the limits over all accounts count them).
[[nodiscard]] AccountView joined(AccountView one, AccountView other);

} // namespace core::runtime
