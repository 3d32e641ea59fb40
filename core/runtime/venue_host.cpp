#include "core/runtime/venue_host.h"

#include <QtCore/QRandomGenerator>

#include "core/base/assert.h"
#include "core/runtime/recording_scan.h"
#include "core/venue/listed_markets.h"

namespace core::runtime
{

namespace
{
constexpr std::size_t kKeyLength = 64;

[[nodiscard]] std::string randomKey()
{
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string key;
    for (std::size_t i = 0; i < kKeyLength; ++i)
        key.push_back(kAlphabet[QRandomGenerator::system()->bounded(static_cast<quint32>(kAlphabet.size()))]);
    return key;
}

/// PKCS#8: a fixed head, then the 32 bytes of the seed.
[[nodiscard]] std::string randomEd25519Key()
{
    QByteArray der = QByteArray::fromHex("302e020100300506032b657004220420");
    for (int i = 0; i < 32; ++i)
        der.append(static_cast<char>(QRandomGenerator::system()->bounded(256)));
    return "-----BEGIN PRIVATE KEY-----\n" + der.toBase64().toStdString() + "\n-----END PRIVATE KEY-----\n";
}

template <class Value> [[nodiscard]] Value fixed(std::string_view text)
{
    const auto value = parseFixed<Value>(text);
    CORE_ASSERT(value.has_value(), "REQUIRES: a decimal literal");
    return *value;
}

template <class Text> [[nodiscard]] Text shortText(std::string_view text)
{
    const auto value = Text::from(text);
    CORE_ASSERT(value.has_value(), "REQUIRES: a short literal");
    return *value;
}

/// Alert and close of the position, as loss on its margin.
[[nodiscard]] risk::Limits limitsAt(Ratio alert, Ratio close)
{
    const auto rearmOf = [](Ratio trigger, std::string_view share) {
        return Ratio::fromRaw(mulDiv(trigger.raw(), fixed<Ratio>(share).raw(), kDecimalOne, Rounding::Floor).value());
    };
    risk::Limits limits = risk::defaultLimits();
    risk::Breaker loss;
    loss.kind = risk::BreakerKind::LossOnMargin;
    loss.scope = risk::Scope::Position;
    loss.tiers = {
        {.id = "alert", .trigger = alert, .rearm = rearmOf(alert, "0.7"), .action = risk::TierAction::Alert, .firesMax = 3},
        {.id = "close", .trigger = close, .rearm = rearmOf(close, "0.8"), .action = risk::TierAction::Close}};
    limits.breakers = {std::move(loss)}; // the one that the demo is about; others, and resting stops, would act before it
    limits.backstop.enabled = false;
    return limits;
}

[[nodiscard]] DemoVenue demoWith(venue::VenueInstrument instrument, Quantity quantity, int leverage)
{
    DemoVenue demo;
    demo.symbol = instrument.contract.key.symbol;
    demo.apiKey = randomKey();
    demo.apiSecret = randomKey();
    demo.options.instruments = {std::move(instrument)};
    demo.options.accounts = {{.apiKey = demo.apiKey,
                              .apiSecret = demo.apiSecret,
                              .balance = fixed<Money>("10000"),
                              .leverage = leverage,
                              .positions = {{.symbol = demo.symbol, .direction = Direction::Long, .quantity = quantity,
                                             .entryPrice = std::nullopt}}}};
    return demo;
}

[[nodiscard]] Asset baseOf(const Symbol &symbol)
{
    std::string_view text = symbol.view();
    for (const std::string_view quote : {"USDT", "USDC"}) {
        if (text.size() > quote.size() && text.ends_with(quote)) {
            text.remove_suffix(quote.size());
            break;
        }
    }
    return Asset::from(text.substr(0, Asset::kCapacity)).value_or(Asset{});
}
} // namespace

Result<venue::ScenarioOptions::Kind> parseScenario(std::string_view name)
{
    using Kind = venue::ScenarioOptions::Kind;
    if (name == "flash-crash")
        return Kind::FlashCrash;
    if (name == "calm")
        return Kind::Calm;
    if (name == "trend")
        return Kind::Trend;
    if (name == "range")
        return Kind::Range;
    if (name == "vacuum")
        return Kind::Vacuum;
    if (name == "funding-spike")
        return Kind::FundingSpike;
    if (name == "outage")
        return Kind::Outage;
    return fail(ErrorCode::InvalidArgument,
                "scenario: must be flash-crash, calm, trend, range, vacuum, funding-spike or outage");
}

DemoVenue demoVenue(venue::ScenarioOptions::Kind kind, std::uint64_t seed)
{
    const auto symbol = shortText<Symbol>("BTCUSDT");
    DemoVenue demo = demoWith(venue::typicalInstrument(symbol, shortText<Asset>("BTC"), fixed<Price>("0.1"),
                                                       fixed<Quantity>("0.001")),
                              fixed<Quantity>("0.5"), 20);
    venue::ScenarioOptions scenario;
    scenario.kind = kind;
    scenario.seed = seed;
    scenario.symbol = symbol;
    demo.options.market = scenario;
    // At 20× the crash of 6 % would cost 120 % of the margin: the alert stands at −1 %, the close at −2 % of price.
    demo.limits = limitsAt(fixed<Ratio>("0.2"), fixed<Ratio>("0.4"));
    return demo;
}

void enlarge(DemoVenue &demo, std::size_t symbols, std::size_t accounts)
{
    auto *scenario = std::get_if<venue::ScenarioOptions>(&demo.options.market);
    CORE_ASSERT(scenario != nullptr && symbols >= 1 && accounts >= 1, "REQUIRES: a generated market");
    if (symbols > 1)
        venue::listMarkets(demo.options, venue::ScenarioOptions(*scenario), symbols);
    while (demo.options.accounts.size() < accounts) {
        venue::AccountOptions more;
        more.apiKey = randomKey();
        more.balance = fixed<Money>("10000");
        more.ed25519 = demo.options.accounts.size() == 2;
        more.apiSecret = more.ed25519 ? randomEd25519Key() : randomKey();
        more.canWithdraw = demo.options.accounts.size() >= 3 && demo.options.accounts.size() + 1 == accounts;
        demo.options.accounts.push_back(std::move(more));
    }
}

Result<DemoVenue> demoVenueOn(const std::vector<std::string> &recordings, Ratio speed)
{
    const auto steps = scanSteps(recordings);
    if (!steps)
        return fail(steps.error());
    if (steps->empty())
        return fail(ErrorCode::NotFound, "recording " + recordings.front() + ": holds no depth or trade message");
    std::vector<venue::VenueInstrument> instruments;
    for (const auto &[symbol, recorded] : *steps)
        instruments.push_back(venue::typicalInstrument(symbol, baseOf(symbol), recorded.tick, recorded.step));
    const auto &[first, firstSteps] = *steps->begin();
    // A hundred and fifty of the smallest lots, at 100×: recorded minutes are calm, a fifth of a percent has to matter.
    DemoVenue demo = demoWith(instruments.front(), Quantity::fromRaw(firstSteps.step.raw() * 150), 100);
    demo.options.instruments = std::move(instruments);
    demo.options.market = venue::RecordingOptions{.files = recordings, .speed = speed};
    demo.limits = limitsAt(fixed<Ratio>("0.05"), fixed<Ratio>("0.15"));
    return demo;
}

HyperliquidDemo hyperliquidBeside(const DemoVenue &demo)
{
    const auto *scenario = std::get_if<venue::ScenarioOptions>(&demo.options.market);
    const std::uint64_t seed = scenario ? scenario->seed : 1;
    const std::size_t count = demo.options.accounts.size();
    HyperliquidDemo made{.options = venue::hyperliquid::typicalOptions(seed, count),
                         .accounts = venue::hyperliquid::testAccounts(seed, count)};
    made.options.scenario = scenario ? scenario->kind : venue::ScenarioOptions::Kind::Calm;
    return made;
}

QJsonObject addressesJson(const venue::Endpoints &binance,
                          const std::optional<venue::hyperliquid::HyperliquidEndpoints> &hyperliquid)
{
    using namespace Qt::StringLiterals;
    const auto text = [](const std::string &value) { return QString::fromStdString(value); };
    QJsonObject addresses{{u"binance"_s, QJsonObject{{u"rest"_s, text(binance.restUrl)},
                                                     {u"streams"_s, text(binance.webSocketUrl)},
                                                     {u"webSocketApi"_s, text(binance.webSocketApiUrl)}}}};
    if (hyperliquid)
        addresses.insert(u"hyperliquid"_s, QJsonObject{{u"rest"_s, text(hyperliquid->restUrl)},
                                                       {u"webSocket"_s, text(hyperliquid->webSocketUrl)}});
    return addresses;
}

} // namespace core::runtime
