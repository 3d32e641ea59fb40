#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/domain/instrument.h"
#include "core/venue/account_position.h"

namespace core::venue
{

/// What one execution did to the account.
struct FillEffect {
    Money realized; ///< of this fill, before the fee
    Money fee;
    SignedQuantity start{0}; ///< the leg before it
};

/// Wallet and legs of one account, in one asset, in exact decimals; one-way or hedge mode, cross or isolated
/// margin per symbol. Pure; one thread. REQUIRES: amounts that passed the order checks (notionals fit into
/// Money) and legs of the account's mode; what does not fit is a broken invariant.
class Account
{
public:
    Account(Money balance, int leverage) : m_wallet(balance), m_defaultLeverage(leverage) {}

    /// Tiers must outlive the account.
    void addInstrument(const Symbol &symbol, std::span<const MarginTier> tiers);
    /// Other tiers for a contract that is there; the same lifetime.
    void setTiers(const Symbol &symbol, std::span<const MarginTier> tiers) { m_tiers[symbol] = tiers; }
    /// The leg as it was in an earlier run; the wallet is not touched.
    void restore(const PositionKey &key, const AccountPosition &leg) { at(key) = leg; }
    /// REQUIRES: no open position. Settings of the symbols stay.
    void setHedge(bool hedge);
    [[nodiscard]] bool isHedge() const { return m_hedge; }
    /// Overwrites the leg (start of a rehearsal). An isolated one gets its initial margin out of the wallet.
    void setPosition(const Symbol &symbol, SignedQuantity quantity, Price entry, UtcTime now,
                     PositionSide leg = PositionSide::Both);
    FillEffect applyFill(const Symbol &symbol, Side side, Price price, Quantity quantity, Ratio feeRate,
                         UtcTime now, PositionSide leg = PositionSide::Both);
    /// −s × q × reference × rate, half to even; positive is received. To the isolated wallet where there is one.
    Money bookFunding(const PositionKey &key, Price reference, Ratio rate);
    void setMark(const Symbol &symbol, Price mark);
    void setLeverage(const Symbol &symbol, int leverage);
    /// REQUIRES: no open position in the symbol.
    void setIsolated(const Symbol &symbol, bool isolated);
    /// Between the leg's own wallet (positive: into it) and the rest. REQUIRES: an isolated leg.
    void moveIsolatedMargin(const PositionKey &key, Money amount);
    void setOrderNotionals(const PositionKey &key, Money bids, Money asks);
    /// A deposit, a withdrawal, or the insurance fund clearing a negative wallet.
    void adjust(Money amount);

    [[nodiscard]] const AccountPosition &position(const Symbol &symbol,
                                                  PositionSide leg = PositionSide::Both) const;
    /// Every leg of the mode: Both of each symbol, or Long and Short of each.
    [[nodiscard]] const std::map<PositionKey, AccountPosition> &positions() const { return m_positions; }
    /// One leg of the symbol; leverage, margin type and mark are the same on all of them.
    [[nodiscard]] const AccountPosition &settings(const Symbol &symbol) const;
    [[nodiscard]] bool hasPosition() const;
    [[nodiscard]] bool hasPosition(const Symbol &symbol) const;
    /// How much a reduce-only order on `side` could close now.
    [[nodiscard]] Quantity reducible(const Symbol &symbol, Side side,
                                     PositionSide leg = PositionSide::Both) const;

    [[nodiscard]] Money wallet() const { return m_wallet; } ///< with the isolated wallets
    [[nodiscard]] Money crossWallet() const;
    [[nodiscard]] Money unrealized() const;
    [[nodiscard]] Money crossUnrealized() const;
    [[nodiscard]] Money equity() const;        ///< wallet + unrealised
    [[nodiscard]] Money crossEquity() const;   ///< cross wallet + unrealised of the cross legs
    [[nodiscard]] Money initialMargin() const; ///< of all legs
    [[nodiscard]] Money orderMargin() const;
    [[nodiscard]] Money maintenance() const;
    [[nodiscard]] Money crossMaintenance() const;
    [[nodiscard]] Money maintenance(const PositionKey &key) const;
    [[nodiscard]] Money maintenance(const Symbol &symbol) const { return maintenance({symbol, PositionSide::Both}); }
    /// cross equity − initial margin of the cross legs − order margin, not below 0.
    [[nodiscard]] Money available() const;
    [[nodiscard]] std::optional<Price> liquidationPriceOf(const Symbol &symbol,
                                                          PositionSide leg = PositionSide::Both) const;
    /// There is a cross position, and cross equity < cross maintenance.
    [[nodiscard]] bool mustLiquidate() const;
    /// Isolated legs whose own wallet + unrealised < their maintenance.
    [[nodiscard]] std::vector<PositionKey> isolatedDue() const;
    /// What the margin would grow by if this order rested; 0 when it reduces.
    [[nodiscard]] Money marginIncrease(const Symbol &symbol, Side side, Money orderNotional,
                                       PositionSide leg = PositionSide::Both) const;

private:
    [[nodiscard]] AccountPosition &at(const PositionKey &key);
    [[nodiscard]] std::optional<Price> hedgedLiquidationPrice(const Symbol &symbol, Money backing) const;
    template <class Value> [[nodiscard]] Money sum(Value value) const;

    Money m_wallet;
    int m_defaultLeverage;
    bool m_hedge{false};
    std::map<PositionKey, AccountPosition> m_positions;
    std::map<Symbol, std::span<const MarginTier>> m_tiers;
};

} // namespace core::venue
