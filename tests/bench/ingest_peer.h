#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "core/exchange/binance/messages.h"
#include "core/venue/recording.h"

/// What the codec and the ingest path are measured against: simdjson on-demand used as its documentation
/// shows (fields asked for in their order, input padded beforehand, buffers reused) with an integer decimal
/// parser, and two std::maps.
namespace bench
{

constexpr std::size_t kRounds = 7;
constexpr const char *kRecording =
    ETRMS_SOURCE_DIR "/../shared/data/binance-usdm/capture-2024-08-08/btcusdt_20240808.gz";

/// One frame; the bytes stand in the capture, and what follows them is readable, as simdjson wants.
struct Frame {
    core::UtcTime receivedAt;
    const char *data{nullptr};
    std::size_t size{0};

    [[nodiscard]] std::string_view payload() const { return {data, size}; }
    [[nodiscard]] simdjson::padded_string_view padded() const
    {
        return simdjson::padded_string_view(data, size, size + simdjson::SIMDJSON_PADDING);
    }
};

/// All payloads one behind the other, so that both sides find them as a socket's buffer would hold them and
/// neither measures scattered memory.
struct Capture {
    std::unique_ptr<std::string> bytes = std::make_unique<std::string>();
    std::vector<Frame> depth;
    std::vector<Frame> quotes; ///< bookTicker and trade, in the order received
    std::vector<Frame> all;    ///< both
    std::string snapshot;
};

[[nodiscard]] inline std::optional<Capture> load(const char *path)
{
    auto reader = core::venue::RecordingReader::open(path);
    if (!reader) {
        std::fprintf(stderr, "%s\n", reader.error().detail.c_str());
        return std::nullopt;
    }
    Capture out;
    for (;;) {
        const auto message = reader->next();
        if (!message) {
            std::fprintf(stderr, "%s\n", message.error().detail.c_str());
            return std::nullopt;
        }
        if (!*message)
            break;
        if ((*message)->kind == core::venue::RecordedMessage::Kind::DepthSnapshot) {
            out.snapshot = (*message)->payload;
            continue;
        }
        out.bytes->append((*message)->payload);
        out.all.push_back({(*message)->receivedAt, nullptr, (*message)->payload.size()});
    }
    out.bytes->append(simdjson::SIMDJSON_PADDING, ' ');
    const char *at = out.bytes->data();
    for (Frame &frame : out.all) {
        frame.data = at;
        at += frame.size;
        (frame.payload().find("@depth") < 40 ? out.depth : out.quotes).push_back(frame);
    }
    if (out.depth.empty() || out.quotes.empty() || out.snapshot.empty()) {
        std::fprintf(stderr, "%s: holds no depth, no trades or no snapshot\n", path);
        return std::nullopt;
    }
    return out;
}

/// Decimal text to counts of 1e-8; the same arithmetic as ours, so that the two measure JSON and not digits.
[[nodiscard]] inline std::int64_t counts(std::string_view text)
{
    std::uint64_t value = 0;
    int places = -1;
    for (const char c : text) {
        if (c == '.' && places < 0) {
            places = 0;
            continue;
        }
        const auto digit = static_cast<unsigned>(static_cast<unsigned char>(c)) - '0';
        if (digit > 9 || places >= 8)
            throw std::runtime_error("no decimal number");
        value = value * 10 + digit;
        places += places >= 0 ? 1 : 0;
    }
    static constexpr std::array<std::uint64_t, 9> kScale{100'000'000, 10'000'000, 1'000'000, 100'000, 10'000,
                                                         1'000,       100,        10,        1};
    return static_cast<std::int64_t>(value * kScale.at(static_cast<std::size_t>(std::max(places, 0))));
}

class SimdjsonPeer
{
public:
    [[nodiscard]] const core::exchange::binance::DepthUpdate &depth(const Frame &frame)
    {
        auto document = m_parser.iterate(frame.padded());
        simdjson::ondemand::object data = document["data"].get_object();
        m_update.eventTime = core::utcFromMilliseconds(data["E"].get_int64());
        m_update.venueTime = core::utcFromMilliseconds(data["T"].get_int64());
        m_update.symbol = core::Symbol::from(data["s"].get_string().value()).value();
        m_update.firstId = data["U"].get_int64();
        m_update.lastId = data["u"].get_int64();
        m_update.previousLastId = data["pu"].get_int64();
        levels(data["b"].get_array(), m_update.bids);
        levels(data["a"].get_array(), m_update.asks);
        m_update.receivedAt = frame.receivedAt;
        return m_update;
    }
    /// A trade or a bookTicker.
    [[nodiscard]] core::exchange::binance::MarketEvent quote(const Frame &frame)
    {
        auto document = m_parser.iterate(frame.padded());
        simdjson::ondemand::object data = document["data"].get_object();
        const std::string_view event = data["e"].get_string();
        if (event == "trade")
            return trade(data, frame.receivedAt);
        core::BestQuote out;
        out.updateId = data["u"].get_int64();
        out.instrument.symbol = core::Symbol::from(data["s"].get_string().value()).value();
        out.bid.price = core::Price::fromRaw(counts(data["b"].get_string()));
        out.bid.quantity = core::Quantity::fromRaw(counts(data["B"].get_string()));
        out.ask.price = core::Price::fromRaw(counts(data["a"].get_string()));
        out.ask.quantity = core::Quantity::fromRaw(counts(data["A"].get_string()));
        out.venueTime = core::utcFromMilliseconds(data["T"].get_int64());
        out.receivedAt = frame.receivedAt;
        return out;
    }

private:
    [[nodiscard]] static core::Trade trade(simdjson::ondemand::object &data, core::UtcTime receivedAt)
    {
        core::Trade out;
        out.venueTime = core::utcFromMilliseconds(data["T"].get_int64());
        out.instrument.symbol = core::Symbol::from(data["s"].get_string().value()).value();
        out.id = out.firstId = out.lastId = data["t"].get_int64();
        out.price = core::Price::fromRaw(counts(data["p"].get_string()));
        out.quantity = core::Quantity::fromRaw(counts(data["q"].get_string()));
        const std::string_view kind = data["X"].get_string();
        out.kind = kind == "MARKET"           ? core::TradeKind::Market
                   : kind == "INSURANCE_FUND" ? core::TradeKind::InsuranceFund
                                              : core::TradeKind::Other;
        out.aggressor = data["m"].get_bool() ? core::Side::Sell : core::Side::Buy;
        out.receivedAt = receivedAt;
        return out;
    }
    static void levels(simdjson::ondemand::array rows, std::vector<core::Level> &out)
    {
        out.clear();
        for (simdjson::ondemand::array row : rows) {
            auto column = row.begin();
            const std::int64_t price = counts((*column).get_string());
            ++column;
            const std::int64_t quantity = counts((*column).get_string());
            ++column;
            out.push_back({core::Price::fromRaw(price), core::Quantity::fromRaw(quantity)});
        }
    }

    simdjson::ondemand::parser m_parser;
    core::exchange::binance::DepthUpdate m_update;
};

/// Absolute quantities by price; 0 removes.
class MapBook
{
public:
    void clear()
    {
        m_bids.clear();
        m_asks.clear();
    }
    void apply(const std::vector<core::Level> &bids, const std::vector<core::Level> &asks)
    {
        set(m_bids, bids);
        set(m_asks, asks);
    }
    [[nodiscard]] std::pair<core::Level, core::Level> best() const
    {
        return {m_bids.empty() ? core::Level{} : core::Level{m_bids.begin()->first, m_bids.begin()->second},
                m_asks.empty() ? core::Level{} : core::Level{m_asks.begin()->first, m_asks.begin()->second}};
    }

private:
    template <class Map> static void set(Map &side, const std::vector<core::Level> &levels)
    {
        for (const core::Level &level : levels) {
            if (level.quantity.isZero())
                side.erase(level.price);
            else
                side[level.price] = level.quantity;
        }
    }
    std::map<core::Price, core::Quantity, std::greater<>> m_bids;
    std::map<core::Price, core::Quantity> m_asks;
};

[[nodiscard]] inline double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// The two sides take turns, and the one that begins changes every round.
template <class Ours, class Peer> struct Rounds {
    std::vector<double> ours, peer, ratios; ///< nanoseconds per frame

    Rounds(std::size_t frames, Ours runOurs, Peer runPeer)
    {
        const auto timed = [frames](auto &run) {
            const auto begin = std::chrono::steady_clock::now();
            run();
            const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
            return taken.count() / static_cast<double>(frames);
        };
        for (std::size_t round = 0; round < kRounds; ++round) {
            double a = 0;
            double b = 0;
            if (round % 2 == 0) {
                a = timed(runOurs);
                b = timed(runPeer);
            } else {
                b = timed(runPeer);
                a = timed(runOurs);
            }
            ours.push_back(a);
            peer.push_back(b);
            ratios.push_back(a / b);
        }
    }
};

} // namespace bench
