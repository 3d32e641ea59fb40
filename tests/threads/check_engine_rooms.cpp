// The pure rooms keep no hidden shared state: two engines side by side give what one alone gives.
#include <string>
#include <thread>
#include <vector>

#include "core/exchange/binance/codec.h"
#include "core/exchange/binance/signer.h"
#include "core/orders/guard.h"
#include "tests/threads/check.h"

using namespace core;

namespace
{
[[nodiscard]] orders::GuardInputRecord at(std::int64_t second, orders::GuardInput input)
{
    return {utcFromMilliseconds(1'700'000'000'000 + second * 1'000), std::move(input)};
}

[[nodiscard]] std::vector<orders::GuardInputRecord> story()
{
    const InstrumentKey key{Venue::Binance, Symbol::from("BTCUSDT").value()};
    Instrument instrument;
    instrument.key = key;
    instrument.tickSize = parsePrice("0.1").value();
    instrument.stepSize = instrument.marketStepSize = parseQuantity("0.001").value();
    instrument.quantityMin = instrument.marketQuantityMin = instrument.stepSize;
    instrument.quantityMax = instrument.marketQuantityMax = parseQuantity("1000").value();
    instrument.trading = true;
    Position position;
    position.instrument = key;
    position.quantity = parseQuantity("0.5").value();
    position.entryPrice = parsePrice("60000").value();
    position.leverage = 20;
    AccountSnapshot account;
    account.equity = account.walletBalance = parseMoney("10000").value();
    std::vector<orders::GuardInputRecord> records{
        at(0, orders::InstrumentReport{instrument}),
        at(0, orders::LimitsChange{Venue::Binance, risk::defaultLimits()}),
        at(0, orders::ArmingChange{std::nullopt, risk::Arming::Armed, "check"}),
        at(0, orders::FreshnessReport{Venue::Binance, key, Freshness::Fresh}),
        at(0, orders::FreshnessReport{Venue::Binance, std::nullopt, Freshness::Fresh}),
        at(0, orders::AccountReport{Venue::Binance, account}),
        at(0, orders::PositionsReport{Venue::Binance, {position}, Source::Query, true}),
        at(0, orders::ReconciledReport{})};
    for (int second = 1; second < 200; ++second) {
        const auto mark = Price::fromRaw(parsePrice("60000").value().raw() - second * parsePrice("10").value().raw());
        records.push_back(at(second, orders::MarkTick{key, mark, utcFromMilliseconds(1'700'000'000'000 + second * 1'000)}));
        records.push_back(at(second, orders::TimerTick{}));
    }
    return records;
}

[[nodiscard]] std::string run()
{
    exchange::binance::MarketDecoder decoder;
    const exchange::binance::HmacSigner signer("a secret of nobody");
    std::string transcript;
    for (int i = 0; i < 200; ++i) {
        const auto event = decoder.decode(
            R"({"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"MARKET","m":false})",
            utcFromMilliseconds(1));
        CHECK(event.has_value());
        transcript += std::get<Trade>(*event).price.text();
        transcript += signer.signature(transcript.substr(0, 64));
    }
    orders::Guard guard;
    std::vector<orders::GuardOutput> outputs;
    for (const auto &record : story())
        guard.apply(record, outputs);
    bool sent = false;
    for (const auto &output : outputs) {
        transcript += orders::encode(output);
        sent = sent || std::holds_alternative<orders::SendOrder>(output);
    }
    CHECK(sent || !outputs.empty());
    return transcript;
}
} // namespace

int main()
{
    const std::string alone = run();
    std::vector<std::string> together(4);
    std::vector<std::thread> threads;
    for (std::string &transcript : together)
        threads.emplace_back([&transcript] { transcript = run(); });
    for (std::thread &thread : threads)
        thread.join();
    for (const std::string &transcript : together)
        CHECK(transcript == alone);
    return 0;
}
