#include "core/runtime/recording_scan.h"

#include <cstdint>
#include <numeric>
#include <optional>
#include <span>

#include "core/exchange/binance/codec.h"
#include "core/venue/recording.h"

namespace core::runtime
{

namespace
{
struct Divisors {
    std::int64_t price{0};
    std::int64_t quantity{0};

    void see(Price p, Quantity q)
    {
        price = std::gcd(price, p.raw());
        quantity = std::gcd(quantity, q.raw());
    }
    void see(std::span<const Level> levels)
    {
        for (const Level &level : levels)
            see(level.price, level.quantity);
    }
};

class Scan
{
public:
    void see(const venue::RecordedMessage &message)
    {
        if (message.kind == venue::RecordedMessage::Kind::DepthSnapshot) {
            const std::optional<Symbol> symbol = message.symbol.empty() ? m_newest : message.symbol;
            const auto snapshot = exchange::binance::parseDepthSnapshot(message.payload);
            if (!snapshot || !symbol)
                return; // the replay itself counts what cannot be used
            m_divisors[*symbol].see(snapshot->bids);
            m_divisors[*symbol].see(snapshot->asks);
            return;
        }
        if (message.kind != venue::RecordedMessage::Kind::Stream)
            return;
        const auto event = m_decoder.decode(message.payload, message.receivedAt);
        if (!event)
            return;
        if (const auto *update = std::get_if<const exchange::binance::DepthUpdate *>(&*event)) {
            m_newest = (*update)->symbol;
            m_divisors[*m_newest].see((*update)->bids);
            m_divisors[*m_newest].see((*update)->asks);
        } else if (const auto *trade = std::get_if<Trade>(&*event)) {
            m_newest = trade->instrument.symbol;
            m_divisors[*m_newest].see(trade->price, trade->quantity);
        } else if (const auto *quote = std::get_if<BestQuote>(&*event)) {
            m_newest = quote->instrument.symbol;
        }
    }
    [[nodiscard]] std::map<Symbol, RecordedSteps> steps() const
    {
        std::map<Symbol, RecordedSteps> result;
        for (const auto &[symbol, divisors] : m_divisors) {
            if (divisors.price > 0 && divisors.quantity > 0)
                result[symbol] = {Price::fromRaw(divisors.price), Quantity::fromRaw(divisors.quantity)};
        }
        return result;
    }

private:
    exchange::binance::MarketDecoder m_decoder;
    std::map<Symbol, Divisors> m_divisors;
    std::optional<Symbol> m_newest;
};
} // namespace

Result<std::map<Symbol, RecordedSteps>> scanSteps(const std::vector<std::string> &paths)
{
    auto recording = venue::RecordingSequence::open({paths.begin(), paths.end()});
    if (!recording)
        return fail(recording.error());
    Scan scan;
    for (;;) {
        const auto message = recording->next();
        if (!message)
            continue; // one bad line; the next call goes on behind it
        if (!message->has_value())
            break;
        scan.see(**message);
    }
    return scan.steps();
}

} // namespace core::runtime
