#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/domain/instrument.h"

namespace core::venue
{

/// +q for a long, −q for a short, 0 flat; raw counts of 1e-8 base units.
using SignedQuantity = std::int64_t;

/// Maintenance of a notional: N × rate − deduction in the tier with floor < N ≤ cap; beyond the last tier its
/// rate goes on. Rounded up. Source: reference/methods.md 6.3.
[[nodiscard]] Result<Money> maintenanceOf(Money notionalAtMark, std::span<const MarginTier> tiers);

/// Price at which backing + unrealised = maintenance, rounded half to even; nullopt when there is none.
/// `cost`: |quantity| × entry. `backing`: wallet − maintenance of the other positions + their unrealised.
/// Source: reference/methods.md 6.4.
[[nodiscard]] std::optional<Price> liquidationPrice(SignedQuantity quantity, Money cost, Money backing,
                                                    std::span<const MarginTier> tiers);

/// One position of a one-way account. The cost is kept exactly; the entry price is what it shows, half to
/// even at 1e-8.
struct AccountPosition {
    SignedQuantity quantity{0};
    Money cost;     ///< sum of price × |quantity| of what is open
    Money realized; ///< accumulated, before fees
    Money fees;     ///< paid since it was opened; for the break-even price
    int leverage{20};
    Price mark; ///< latest; 0 until the first one
    UtcTime updatedAt;
    /// Notionals of the resting orders that are not reduce-only.
    Money bidNotional;
    Money askNotional;

    [[nodiscard]] bool isFlat() const { return quantity == 0; }
    [[nodiscard]] Price entryPrice() const;
    [[nodiscard]] Money unrealized() const;     ///< at mark, half to even
    [[nodiscard]] Money notionalAtMark() const; ///< ≥ 0, half to even
    [[nodiscard]] Money initialMargin() const;  ///< notional at mark ÷ leverage, up
    /// What resting orders bind on top: the larger of both fill scenarios, up.
    [[nodiscard]] Money orderMargin() const;
};

/// What one execution did to the account.
struct FillEffect {
    Money realized; ///< of this fill, before the fee
    Money fee;
};

/// Wallet and one-way cross positions of one account, in one asset, in exact decimals. Pure; one thread.
/// REQUIRES: amounts that passed the order checks (notionals fit into Money); what does not fit is a broken
/// invariant.
class Account
{
public:
    Account(Money balance, int leverage) : m_wallet(balance), m_defaultLeverage(leverage) {}

    /// Tiers must outlive the account.
    void addInstrument(const Symbol &symbol, std::span<const MarginTier> tiers);
    /// Overwrites the position (start of a rehearsal).
    void setPosition(const Symbol &symbol, SignedQuantity quantity, Price entry, UtcTime now);
    FillEffect applyFill(const Symbol &symbol, Side side, Price price, Quantity quantity, Ratio feeRate,
                         UtcTime now);
    void setMark(const Symbol &symbol, Price mark);
    void setLeverage(const Symbol &symbol, int leverage);
    void setOrderNotionals(const Symbol &symbol, Money bids, Money asks);
    /// A deposit, or the insurance fund clearing a negative wallet.
    void adjust(Money amount);

    [[nodiscard]] const AccountPosition &position(const Symbol &symbol) const;
    [[nodiscard]] const std::map<Symbol, AccountPosition> &positions() const { return m_positions; }
    /// How much a reduce-only order on `side` could close now.
    [[nodiscard]] Quantity reducible(const Symbol &symbol, Side side) const;

    [[nodiscard]] Money wallet() const { return m_wallet; }
    [[nodiscard]] Money unrealized() const;
    [[nodiscard]] Money equity() const;        ///< wallet + unrealised
    [[nodiscard]] Money initialMargin() const; ///< of positions
    [[nodiscard]] Money orderMargin() const;
    [[nodiscard]] Money maintenance() const;
    [[nodiscard]] Money maintenance(const Symbol &symbol) const;
    /// equity − initial margin − order margin, not below 0.
    [[nodiscard]] Money available() const;
    [[nodiscard]] std::optional<Price> liquidationPriceOf(const Symbol &symbol) const;
    /// There is a position, and equity < maintenance.
    [[nodiscard]] bool mustLiquidate() const;
    /// What the margin would grow by if this order rested; 0 when it reduces.
    [[nodiscard]] Money marginIncrease(const Symbol &symbol, Side side, Money orderNotional) const;

private:
    [[nodiscard]] AccountPosition &at(const Symbol &symbol);

    Money m_wallet;
    int m_defaultLeverage;
    std::map<Symbol, AccountPosition> m_positions;
    std::map<Symbol, std::span<const MarginTier>> m_tiers;
};

} // namespace core::venue
