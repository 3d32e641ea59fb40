#include "core/venue/options.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "core/exchange/binance/signer.h"

namespace core::venue
{

namespace
{
[[nodiscard]] tl::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorCode::InvalidArgument, std::move(detail));
}

[[nodiscard]] Result<void> checkInstrument(const VenueInstrument &entry, const std::string &where)
{
    const Instrument &contract = entry.contract;
    if (contract.key.symbol.empty())
        return bad(where + ".symbol: must not be empty");
    if (!contract.tickSize.isPositive())
        return bad(where + ".tickSize: must be above 0");
    if (!contract.stepSize.isPositive() || !contract.marketStepSize.isPositive())
        return bad(where + ".stepSize: must be above 0");
    if (entry.pricePrecision < decimalPlaces(contract.tickSize.raw()) || entry.pricePrecision > 8)
        return bad(where + ".pricePrecision: must hold the tick and be at most 8");
    if (entry.fundingInterval <= Duration::zero())
        return bad(where + ".fundingInterval: must be above 0");
    if (entry.quantityPrecision < decimalPlaces(contract.stepSize.raw()) || entry.quantityPrecision > 8)
        return bad(where + ".quantityPrecision: must hold the step and be at most 8");
    if (contract.marginTiers.empty())
        return bad(where + ".marginTiers: at least one is needed");
    Money floor;
    for (const MarginTier &tier : contract.marginTiers) {
        if (tier.floor != floor || tier.cap <= tier.floor)
            return bad(where + ".marginTiers: must ascend without a hole");
        if (tier.maintenanceRate.isNegative() || tier.maintenanceRate.raw() >= kDecimalOne ||
            tier.leverageMax < 1)
            return bad(where + ".marginTiers: rate must be in [0, 1) and leverage at least 1");
        floor = tier.cap;
    }
    return {};
}

[[nodiscard]] bool knows(const VenueOptions &options, const Symbol &symbol)
{
    return std::any_of(options.instruments.begin(), options.instruments.end(),
                       [&](const VenueInstrument &entry) { return entry.contract.key.symbol == symbol; });
}

[[nodiscard]] Result<void> checkAccount(const VenueOptions &options, const AccountOptions &account,
                                        const std::string &where)
{
    if (account.apiKey.empty() || account.apiSecret.empty())
        return bad(where + ".apiKey and .apiSecret: must not be empty");
    using exchange::binance::KeyType;
    if (const auto signer = exchange::binance::Signer::make(account.ed25519 ? KeyType::Ed25519 : KeyType::Hmac,
                                                            account.apiSecret);
        !signer)
        return fail(signer.error().in(where + ".apiSecret"));
    const auto plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    if (!std::all_of(account.apiKey.begin(), account.apiKey.end(), plain))
        return bad(where + ".apiKey: must be letters and digits");
    if (!account.balance.isPositive())
        return bad(where + ".balance: must be above 0");
    if (account.leverage < 1 || account.leverage > 125)
        return bad(where + ".leverage: must be 1 to 125");
    for (std::size_t i = 0; i < account.positions.size(); ++i) {
        const InitialPosition &position = account.positions[i];
        const std::string place = fmt::format("{}.positions[{}]", where, i);
        if (!knows(options, position.symbol))
            return bad(place + ".symbol: is not among the instruments");
        if (!position.quantity.isPositive())
            return bad(place + ".quantity: must be above 0");
        if (position.entryPrice && !position.entryPrice->isPositive())
            return bad(place + ".entryPrice: must be above 0");
        if (position.entryPrice && !notional(*position.entryPrice, position.quantity, Rounding::HalfEven))
            return bad(place + ".quantity: the notional does not fit");
    }
    return {};
}

[[nodiscard]] Result<void> checkMarket(const VenueOptions &options)
{
    if (const auto *recording = std::get_if<RecordingOptions>(&options.market)) {
        if (recording->files.empty())
            return bad("market.files: at least one recording is needed");
        if (!recording->speed.isPositive())
            return bad("market.speed: must be above 0");
        return {};
    }
    const auto &scenario = std::get<ScenarioOptions>(options.market);
    if (!knows(options, scenario.symbol))
        return bad("market.symbol: is not among the instruments");
    for (const ScenarioMarket &more : scenario.more)
        if (!knows(options, more.symbol))
            return bad("market.more: " + more.symbol.string() + " is not among the instruments");
    if (scenario.startPrice.isNegative())
        return bad("market.startPrice: must not be negative");
    if (scenario.crashLength <= Duration::zero() || scenario.crashAfter < Duration::zero())
        return bad("market.crashAfter and .crashLength: must lie in the future");
    if (!scenario.crashDepth.isPositive() || scenario.crashDepth.raw() > kDecimalOne / 2)
        return bad("market.crashDepth: must be above 0 and at most 0.5");
    return {};
}
} // namespace

VenueInstrument typicalInstrument(const Symbol &symbol, const Asset &base, Price tickSize, Quantity stepSize)
{
    const auto money = [](std::int64_t whole) { return Money::fromRaw(whole * kDecimalOne); };
    VenueInstrument made;
    Instrument &contract = made.contract;
    contract.key = {Venue::Binance, symbol};
    contract.base = base;
    contract.quote = Asset::from("USDT").value();
    contract.tickSize = tickSize;
    contract.priceMin = tickSize;
    contract.priceMax = Price::fromRaw(roundToStep(4'529'764 * kDecimalOne, tickSize.raw(), Rounding::Floor));
    contract.stepSize = stepSize;
    contract.quantityMin = stepSize;
    contract.quantityMax = Quantity::fromRaw(std::min(stepSize.raw() * 1'000'000, 10'000'000 * kDecimalOne));
    contract.marketStepSize = stepSize;
    contract.marketQuantityMin = stepSize;
    contract.marketQuantityMax =
        Quantity::fromRaw(roundToStep(contract.quantityMax.raw() / 8, stepSize.raw(), Rounding::Floor));
    contract.notionalMin = money(5);
    contract.priceUp = Ratio::fromRaw(105'000'000);
    contract.priceDown = Ratio::fromRaw(95'000'000);
    contract.trading = true;
    struct Row {
        std::int64_t cap;
        std::int64_t rateBasisPoints; // 0.01 %
        int leverage;
    };
    std::int64_t floor = 0;
    std::int64_t rate = 0;
    std::int64_t deduction = 0;
    for (const Row row :
         {Row{50'000, 40, 125}, Row{600'000, 50, 100}, Row{3'000'000, 65, 75}, Row{12'000'000, 100, 50},
          Row{70'000'000, 200, 25}, Row{100'000'000, 250, 20}, Row{230'000'000, 500, 10},
          Row{480'000'000, 1000, 5}, Row{600'000'000, 1250, 4}, Row{800'000'000, 1500, 3},
          Row{1'200'000'000, 2500, 2}, Row{1'800'000'000, 5000, 1}}) {
        deduction += floor * (row.rateBasisPoints - rate);
        rate = row.rateBasisPoints;
        contract.marginTiers.push_back({money(floor), money(row.cap), Ratio::fromRaw(rate * 10'000),
                                        Money::fromRaw(deduction * 10'000), row.leverage});
        floor = row.cap;
    }
    made.pricePrecision = decimalPlaces(tickSize.raw());
    made.quantityPrecision = decimalPlaces(stepSize.raw());
    return made;
}

Result<void> validate(const VenueInstrument &instrument)
{
    return checkInstrument(instrument, "contract");
}

Result<void> validate(const VenueOptions &options)
{
    if (options.instruments.empty())
        return bad("instruments: at least one is needed");
    std::set<std::string_view> symbols;
    for (std::size_t i = 0; i < options.instruments.size(); ++i) {
        const std::string where = fmt::format("instruments[{}]", i);
        if (const auto checked = checkInstrument(options.instruments[i], where); !checked)
            return checked;
        if (!symbols.insert(options.instruments[i].contract.key.symbol.view()).second)
            return bad(where + ".symbol: is there twice");
    }
    std::set<std::string_view> keys;
    for (std::size_t i = 0; i < options.accounts.size(); ++i) {
        const std::string where = fmt::format("accounts[{}]", i);
        if (const auto checked = checkAccount(options, options.accounts[i], where); !checked)
            return checked;
        if (!keys.insert(options.accounts[i].apiKey).second)
            return bad(where + ".apiKey: is there twice");
    }
    for (const Ratio fee : {options.makerFee, options.takerFee})
        if (fee.raw() < -kDecimalOne / 100 || fee.raw() > kDecimalOne / 10)
            return bad("makerFee and takerFee: must be between -0.01 and 0.1");
    if (options.markInterval <= Duration::zero())
        return bad("markInterval: must be above 0");
    if (options.recvWindowMax <= Duration::zero())
        return bad("recvWindowMax: must be above 0");
    if (options.weightLimitPerMinute < 1 || options.orderLimitPerTenSeconds < 1 ||
        options.orderLimitPerMinute < 1)
        return bad("rate limits: must be at least 1");
    if (options.httpPort != 0 && options.httpPort == options.webSocketPort)
        return bad("webSocketPort: must differ from httpPort");
    if (options.socketBacklogMax < 65'536)
        return bad("socketBacklogMax: must be at least 65536 bytes");
    if (const auto valid = validate(options.faults); !valid)
        return fail(valid.error().in("faults"));
    return checkMarket(options);
}

} // namespace core::venue
