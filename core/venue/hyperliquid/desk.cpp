#include "core/venue/hyperliquid/desk.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "core/base/assert.h"

namespace core::venue::hyperliquid
{

namespace
{
/// The engine's options for the same exchange; its own limits are wider than ours.
[[nodiscard]] VenueOptions engineOptions(const HyperliquidOptions &options, const Universe &universe)
{
    VenueOptions made;
    made.instruments = universe.instruments();
    ScenarioOptions scenario;
    scenario.kind = options.scenario;
    scenario.seed = options.seed;
    for (std::size_t asset = 0; asset < universe.size(); ++asset)
        if (scenario.symbol.empty() && !universe.coin(asset).isDelisted)
            scenario.symbol = universe.symbol(asset);
    made.market = scenario;
    made.rules.reduceOnly = VenueRules::ReduceOnlyRule::Shrink;
    made.rules.fundingOn = VenueRules::FundingReference::Index;
    made.rules.openOrdersMax = options.openOrdersMax + 1; // ours is checked before
    made.makerFee = options.makerFee;
    made.takerFee = options.takerFee;
    for (const HyperliquidAccount &account : options.accounts) {
        core::venue::AccountOptions own;
        own.apiKey = account.address;
        own.apiSecret = "unused";
        own.balance = account.balance;
        own.leverage = account.leverage;
        own.positions = account.positions;
        made.accounts.push_back(std::move(own));
    }
    return made;
}

[[nodiscard]] std::string_view cancelStatus(Expiry why)
{
    switch (why) {
    case Expiry::SelfTrade:
        return "selfTradeCanceled";
    case Expiry::ReduceOnly:
    case Expiry::PositionGone:
        return "reduceOnlyCanceled";
    case Expiry::Delisted:
        return "delistedCanceled";
    case Expiry::Liquidated:
        return "liquidatedCanceled";
    default:
        return "canceled";
    }
}

/// 50 bits, and no two alike: multiplication by an odd number is a permutation.
[[nodiscard]] std::int64_t scrambledTradeId(std::uint64_t count)
{
    return static_cast<std::int64_t>((count * 0x9E3779B97F4A7C15ULL) & ((1ULL << 50U) - 1));
}
} // namespace

std::string_view wireText(OrderTif tif)
{
    switch (tif) {
    case OrderTif::Gtc:
        return "Gtc";
    case OrderTif::Ioc:
        return "Ioc";
    case OrderTif::Alo:
        return "Alo";
    case OrderTif::FrontendMarket:
        return "FrontendMarket";
    case OrderTif::LiquidationMarket:
        return "LiquidationMarket";
    }
    return "Gtc";
}

Desk::Desk(const HyperliquidOptions &options, const Clock &clock)
    : m_options(options), m_clock(clock), m_universe(options.coins),
      m_engine(engineOptions(options, m_universe), clock), m_books(options.accounts.size())
{
    for (std::size_t i = 0; i < options.accounts.size(); ++i) {
        m_books[i].volume = options.accounts[i].tradedVolume;
        for (std::size_t asset = 0; asset < m_universe.size(); ++asset) {
            const CoinOptions &coin = m_universe.coin(asset);
            const CoinSetting setting{.isCross = !coin.onlyIsolated,
                                      .leverage = std::min(options.accounts[i].leverage, coin.maxLeverage)};
            m_books[i].settings[asset] = setting;
            const bool isSet =
                m_engine.setLeverage(i, m_universe.symbol(asset), setting.leverage).has_value() &&
                (setting.isCross || m_engine.setIsolated(i, m_universe.symbol(asset), true).has_value());
            CORE_ASSERT(isSet, "Invariant: the start settings are valid");
        }
    }
    m_engine.setListener(this);
}

Desk::~Desk() = default;

Result<void> Desk::assignBook(std::size_t asset, std::int64_t id, UtcTime at, std::span<const Level> bids,
                              std::span<const Level> asks)
{
    auto done = m_engine.assignBook(m_universe.symbol(asset), id, at, at, bids, asks);
    settle();
    return done;
}

Result<void> Desk::applyDiff(std::size_t asset, std::int64_t id, UtcTime at, std::span<const Level> bids,
                             std::span<const Level> asks)
{
    auto done = m_engine.applyDiff(m_universe.symbol(asset), id, at, at, bids, asks);
    settle();
    return done;
}

void Desk::onTrade(std::size_t asset, const Trade &trade)
{
    m_engine.onTrade(m_universe.symbol(asset), trade);
    settle();
}

void Desk::onMark(std::size_t asset, const MarkPrice &mark)
{
    m_engine.onMark(m_universe.symbol(asset), mark);
    settle();
    evaluateTriggers(asset, mark.mark);
}

SignedQuantity Desk::position(std::size_t account, std::size_t asset) const
{
    return m_engine.account(account).position(m_universe.symbol(asset)).quantity;
}

const CoinSetting &Desk::setting(std::size_t account, std::size_t asset) const
{
    return m_books[account].settings.at(asset);
}

// The record.

DeskOrder &Desk::record(std::size_t account, const OrderTerms &terms, Stage stage)
{
    const std::int64_t oid = m_nextOid++;
    DeskOrder &order = m_orders[oid];
    order.oid = oid;
    order.account = account;
    order.terms = terms;
    order.remaining = terms.size;
    order.stage = stage;
    order.placedAt = m_clock.now();
    order.statusAt = order.placedAt;
    m_open.insert(oid);
    if (!terms.cloid.empty())
        m_newestByCloid[{account, terms.cloid}] = oid;
    return order;
}

void Desk::tell(DeskOrder &order, std::string_view status)
{
    order.status = status;
    order.statusAt = m_clock.now();
    m_events.orders.push_back({order});
    m_events.accounts.insert(order.account);
}

void Desk::finish(DeskOrder &order, std::string_view status)
{
    order.stage = Stage::Done;
    m_open.erase(order.oid);
    tell(order, status);
    auto &finished = m_books[order.account].finished;
    finished.push_back(order.oid);
    while (finished.size() > m_options.retainedOrdersMax) {
        const auto old = m_orders.find(finished.front());
        if (!old->second.terms.cloid.empty())
            if (const auto named = m_newestByCloid.find({order.account, old->second.terms.cloid});
                named != m_newestByCloid.end() && named->second == old->first)
                m_newestByCloid.erase(named);
        if (old->first != order.oid)
            m_orders.erase(old);
        finished.pop_front();
    }
    m_finished.push_back(order.oid);
}

const DeskOrder *Desk::find(std::size_t account, const OrderKey &key) const
{
    std::int64_t oid = 0;
    if (const auto *number = std::get_if<std::int64_t>(&key)) {
        oid = *number;
    } else {
        const auto named = m_newestByCloid.find({account, std::get<std::string>(key)});
        if (named == m_newestByCloid.end())
            return nullptr;
        oid = named->second;
    }
    const auto found = m_orders.find(oid);
    return found == m_orders.end() || found->second.account != account ? nullptr : &found->second;
}

std::vector<const DeskOrder *> Desk::openOrders(std::size_t account) const
{
    std::vector<const DeskOrder *> open;
    for (const std::int64_t oid : m_open)
        if (const DeskOrder &order = m_orders.at(oid);
            order.account == account && order.stage != Stage::WaitingForFill)
            open.push_back(&order);
    return open;
}

std::vector<const DeskOrder *> Desk::history(std::size_t account) const
{
    std::vector<const DeskOrder *> all;
    for (auto entry = m_orders.rbegin(); entry != m_orders.rend(); ++entry)
        if (entry->second.account == account && all.size() < m_options.retainedOrdersMax)
            all.push_back(&entry->second);
    return all;
}

std::vector<BookRow> Desk::levels(std::size_t asset, Side side, std::size_t most) const
{
    const MatchingBook &book = m_engine.book(m_universe.symbol(asset));
    std::map<std::int64_t, BookRow> rows; // by price, best first
    const auto key = [side](Price price) { return side == Side::Buy ? -price.raw() : price.raw(); };
    std::vector<Level> external;
    book.external().copyLevels(side, most + 64, external);
    for (const Level &level : external) {
        const Quantity left = book.available(side, level.price);
        if (left.isPositive())
            rows[key(level.price)] = {level.price, left, 1 + static_cast<int>(level.quantity.raw() / 7 % 9)};
    }
    for (const std::int64_t oid : m_open) {
        const DeskOrder &order = m_orders.at(oid);
        if (order.stage != Stage::Working || order.engineId == 0 || order.terms.side != side ||
            order.asset() != asset)
            continue;
        BookRow &row = rows[key(order.terms.price)];
        row.price = order.terms.price;
        row.quantity = Quantity::fromRaw(row.quantity.raw() + order.remaining.raw());
        ++row.orders;
    }
    std::vector<BookRow> result;
    for (const auto &[unused, row] : rows)
        if (result.size() < most)
            result.push_back(row);
    return result;
}

void Desk::addLedger(std::size_t account, std::string_view kind, Money usdc, std::string_view extra)
{
    LedgerRow row;
    row.delta = fmt::format(R"({{"type":"{}","usdc":"{}"{}}})", kind, usdc.text(), extra);
    row.hash = m_nextHash++;
    row.at = m_clock.now();
    m_books[account].ledger.push_back(row);
    m_events.ledger.push_back({account, row});
    m_events.accounts.insert(account);
}

// What the engine tells.

DeskOrder *Desk::orderOf(const VenueOrder &order)
{
    const std::string &text = order.request.clientOrderId;
    std::int64_t oid = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), oid);
    if (error == std::errc() && end == text.data() + text.size()) {
        const auto found = m_orders.find(oid);
        return found == m_orders.end() ? nullptr : &found->second;
    }
    for (const std::int64_t open : m_open)
        if (DeskOrder &known = m_orders.at(open); known.engineId == order.id)
            return &known;
    return nullptr;
}

void Desk::onOrderEvent(const VenueOrder &order, std::string_view execution, const VenueFill *fill)
{
    DeskOrder *own = orderOf(order);
    if (own == nullptr) {
        if (execution == "NEW")
            recordVenueOrder(order);
        return;
    }
    if (execution == "NEW") {
        own->engineId = order.id;
        if (own->terms.reduceOnly && order.request.timeInForce != TimeInForce::ImmediateOrCancel)
            own->remaining = std::min(own->remaining, order.request.quantity);
        return;
    }
    if (execution == "REDUCED") {
        own->remaining = Quantity::fromRaw(order.request.quantity.raw() - order.filled.raw());
        if (own->isOpen())
            tell(*own, "open");
        return;
    }
    if (fill != nullptr) {
        addFill(*own, order, *fill);
        return;
    }
    if (order.isOpen() || !own->isOpen())
        return;
    if (execution == "CANCELED")
        finish(*own, order.expiry == Expiry::Liquidated ? "liquidatedCanceled" : m_cancelStatus);
    else if (order.expiry == Expiry::ImmediateRemainder && own->filled.isZero())
        finish(*own, own->hasTriggered ? "canceled" : "iocCancelRejected");
    else
        finish(*own, cancelStatus(order.expiry));
}

/// A liquidation, a deleveraging or a settlement: an order that nobody sent.
void Desk::recordVenueOrder(const VenueOrder &order)
{
    OrderTerms terms;
    terms.asset = static_cast<std::int64_t>(m_universe.assetOf(order.request.symbol.view()).value_or(0));
    terms.side = order.request.side;
    terms.size = order.request.quantity;
    terms.price = order.request.price.value_or(Price{});
    terms.reduceOnly = true;
    terms.tif = OrderTif::LiquidationMarket;
    DeskOrder &own = record(order.account, terms, Stage::Working);
    own.engineId = order.id;
    tell(own, "open");
    if (!order.request.clientOrderId.starts_with("autoclose-"))
        return;
    const Account &account = m_engine.account(order.account);
    const LiquidationNote note{order.account, account.position(order.request.symbol).notionalAtMark(),
                               account.equity()};
    m_events.liquidations.push_back(note);
    addLedger(order.account, "liquidation", Money{},
              fmt::format(R"(,"liquidatedNtlPos":"{}","accountValue":"{}","leverageType":"{}","liquidatedPositions":)"
                          R"([{{"coin":"{}","szi":"{}"}}])",
                          note.notional.text(), note.accountValue.text(),
                          setting(order.account, own.asset()).isCross ? "Cross" : "Isolated",
                          order.request.symbol.view(),
                          decimalText(account.position(order.request.symbol).quantity)));
}

void Desk::addFill(DeskOrder &order, const VenueOrder &executed, const VenueFill &fill)
{
    DeskFill made;
    made.account = order.account;
    made.asset = order.asset();
    made.oid = order.oid;
    made.cloid = order.terms.cloid;
    made.tid = scrambledTradeId(static_cast<std::uint64_t>(fill.tradeId));
    made.hash = m_nextHash++;
    made.side = fill.side;
    made.price = fill.price;
    made.size = fill.quantity;
    made.startPosition = fill.startPosition;
    made.closedPnl = fill.realized;
    made.fee = fill.fee;
    made.crossed = !fill.maker;
    made.isLiquidation = executed.request.clientOrderId.starts_with("autoclose-");
    made.markPrice = m_engine.market(fill.symbol).mark.value_or(fill.price);
    made.at = fill.at;
    const Money value = notional(fill.price, fill.quantity, Rounding::HalfEven).value_or(Money{});
    order.filled = Quantity::fromRaw(order.filled.raw() + fill.quantity.raw());
    order.filledQuote = Money::fromRaw(order.filledQuote.raw() + value.raw());
    order.remaining = Quantity::fromRaw(std::max<std::int64_t>(0, order.remaining.raw() - fill.quantity.raw()));
    m_books[order.account].volume = Money::fromRaw(m_books[order.account].volume.raw() + value.raw());
    m_books[order.account].fills.push_back(made);
    m_events.fills.push_back(made);
    m_events.accounts.insert(order.account);
    m_touched.insert({order.account, order.asset()});
    if (order.remaining.isZero() && order.isOpen())
        finish(order, "filled");
    else if (order.isOpen())
        tell(order, "open");
}

void Desk::onAccountEvent(const AccountChange &change)
{
    m_events.accounts.insert(change.account);
    for (const PositionKey &key : change.legs)
        if (const auto asset = m_universe.assetOf(key.symbol.view()))
            m_touched.insert({change.account, *asset});
}

void Desk::onIncome(const VenueIncome &income)
{
    if (income.kind == VenueIncome::Kind::Transfer) {
        addLedger(income.account, income.amount.isNegative() ? "withdraw" : "deposit",
                  Money::fromRaw(std::llabs(income.amount.raw())), {});
        return;
    }
    if (income.kind != VenueIncome::Kind::FundingFee || !income.symbol)
        return;
    FundingRow row{.asset = m_universe.assetOf(income.symbol->view()).value_or(0),
                   .usdc = income.amount,
                   .position = income.position,
                   .rate = income.rate.value_or(Ratio{}),
                   .hash = m_nextHash++,
                   .at = income.at};
    m_books[income.account].fundings.push_back(row);
    m_events.fundings.push_back({income.account, row});
    m_events.accounts.insert(income.account);
}

void Desk::onOwnTrade(const Symbol &symbol, const Trade &trade)
{
    if (const auto asset = m_universe.assetOf(symbol.view()))
        m_events.ownTrades.emplace_back(*asset, trade);
}

void Desk::onShownLevel(const Symbol &symbol, Side, Price)
{
    if (const auto asset = m_universe.assetOf(symbol.view()))
        m_events.shownBooks.insert(*asset);
}

} // namespace core::venue::hyperliquid
