#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/market_data.h"
#include "core/venue/account_position.h"
#include "core/venue/orders.h"

namespace core::venue
{

/// A refusal in Binance's own words, as {"code":…,"msg":…} says it; another skin translates the code.
struct VenueError {
    int code{-1000};
    std::string message;
    int httpStatus{400};
};
template <class T> using VenueResult = tl::expected<T, VenueError>;

/// What the market said last about one contract.
struct MarketState {
    std::int64_t lastUpdateId{0};
    UtcTime bookEventTime;
    UtcTime bookTime;
    bool hasBook{false};
    bool hasPrint{false}; ///< `lastPrice` came from a trade
    std::optional<Price> lastPrice;
    std::optional<Price> mark;
    std::optional<Price> index;
    Ratio fundingRate;
    UtcTime nextFundingTime;
    UtcTime markTime;
};

/// Cash that came to or left an account. Binance: a row of `income`; Hyperliquid: fills, funding, ledger updates.
struct VenueIncome {
    enum class Kind { Transfer, RealizedPnl, FundingFee, Commission, InsuranceClear };
    std::int64_t id{0}; ///< ascending over all accounts
    Kind kind{Kind::Transfer};
    std::size_t account{0};
    std::optional<Symbol> symbol; ///< absent for transfers
    Money amount;                 ///< positive: received
    UtcTime at;
    std::int64_t tradeId{0};              ///< 0: no trade
    std::optional<Ratio> rate{};          ///< funding only
    SignedQuantity position{0};           ///< funding only: the leg it was paid on
    PositionSide leg{PositionSide::Both}; ///< funding only
    std::string reason;                   ///< "DEPOSIT", "WITHDRAW", …: of transfers
};

/// One settlement of funding of a contract.
struct FundingSettlement {
    Symbol symbol;
    UtcTime at;
    Ratio rate;
    Price mark;
};

/// One change of an isolated leg's own wallet by its owner.
struct MarginChange {
    std::size_t account{0};
    PositionKey key;
    Money amount; ///< positive: added
    UtcTime at;
};

/// One modification of a resting order.
struct OrderAmendment {
    std::int64_t id{0};
    std::int64_t orderId{0};
    std::size_t account{0};
    UtcTime at;
    Price priceBefore, priceAfter;
    Quantity quantityBefore, quantityAfter;
    int count{0}; ///< 1 for the first one of this order
    std::optional<std::int64_t> modifyId{};
};

/// What the matching does wrong on purpose.
struct EngineFaults {
    bool rejectsTriggered{false};                ///< what a conditional order sends when it fires is refused
    Ratio fillMost{Ratio::fromRaw(kDecimalOne)}; ///< share of a market or IOC order that may fill; the rest expires
};

/// Wallet and, where named, legs changed. `reason`: ORDER, FUNDING_FEE, DEPOSIT, WITHDRAW, MARGIN_TRANSFER,
/// MARGIN_TYPE_CHANGE, INSURANCE_CLEAR, ADJUSTMENT.
struct AccountChange {
    std::size_t account{0};
    std::string_view reason;
    std::vector<PositionKey> legs{};
    Money balanceChange{};           ///< apart from profit and commission
    std::optional<Symbol> symbol{};  ///< of a funding fee
};

/// Gets the events of the accounts in the order in which they happen, while the engine's call runs. It may read the
/// engine, and must not call it to change something.
class AccountListener
{
public:
    virtual ~AccountListener() = default;
    /// `execution`: NEW, TRADE, CALCULATED (liquidation, deleveraging, settlement), CANCELED, EXPIRED, AMENDMENT, or
    /// REDUCED (ReduceOnlyRule::Shrink took quantity away). `fill` is set when it is an execution.
    virtual void onOrderEvent(const VenueOrder &order, std::string_view execution, const VenueFill *fill) = 0;
    virtual void onAccountEvent(const AccountChange &change) = 0;
    virtual void onAlgoEvent(const VenueAlgo &algo) = 0;
    virtual void onLeverageEvent(std::size_t account, const Symbol &symbol, int leverage) = 0;
    /// The account comes close to liquidation. Empty `legs`: never.
    virtual void onMarginCall(std::size_t account, const std::vector<PositionKey> &legs)
    {
        static_cast<void>(account);
        static_cast<void>(legs);
    }
    /// A row of cash, after the account event that belongs to it.
    virtual void onIncome(const VenueIncome &row) { static_cast<void>(row); }
    /// A trade in which one of our accounts took part; to be printed on the tape.
    virtual void onOwnTrade(const Symbol &symbol, const Trade &trade)
    {
        static_cast<void>(symbol);
        static_cast<void>(trade);
    }
    /// What the public book shows at this price changed because of our accounts' orders.
    virtual void onShownLevel(const Symbol &symbol, Side side, Price price)
    {
        static_cast<void>(symbol);
        static_cast<void>(side);
        static_cast<void>(price);
    }
    /// Trading of the contract was ended by `settleContract`.
    virtual void onContractEvent(const Symbol &symbol) { static_cast<void>(symbol); }
};

} // namespace core::venue
