#pragma once

#include <algorithm>
#include <optional>
#include <span>

#include "core/exchange/binance/book_sync.h"
#include "core/exchange/binance/codec.h"
#include "tests/bench/ingest_peer.h"

namespace bench
{

constexpr std::size_t kPeak = 593;
constexpr std::size_t kLevelsMax = 1'000'000;

/// The recorded peak: the 593 neighbours that came in the shortest time, and the book as it stood before them.
class Burst
{
public:
    explicit Burst(Capture capture) : m_capture(std::move(capture))
    {
        const std::vector<Frame> &all = m_capture.all;
        for (std::size_t i = 0; i + kPeak <= all.size(); ++i) {
            if (all[i + kPeak - 1].receivedAt - all[i].receivedAt <
                all[m_from + kPeak - 1].receivedAt - all[m_from].receivedAt)
                m_from = i;
        }
    }
    /// Reads everything before the peak; false when the snapshot cannot be read.
    [[nodiscard]] bool prepare()
    {
        const auto snapshot = core::exchange::binance::parseDepthSnapshot(m_capture.snapshot);
        if (!snapshot)
            return false;
        core::exchange::binance::MarketDecoder decoder;
        core::exchange::binance::BookSync before({core::Venue::Binance, core::Symbol::from("BTCUSDT").value()}, kTick);
        (void)before.onSnapshot(*snapshot);
        for (std::size_t i = 0; i < m_from; ++i) {
            const auto event = decoder.decode(m_capture.all[i].payload(), m_capture.all[i].receivedAt);
            if (!event)
                return false;
            if (const auto *const depth = std::get_if<const core::exchange::binance::DepthUpdate *>(&*event))
                (void)before.onUpdate(**depth);
        }
        m_start.lastUpdateId = before.lastUpdateId();
        before.book().copyLevels(core::Side::Buy, kLevelsMax, m_start.bids);
        before.book().copyLevels(core::Side::Sell, kLevelsMax, m_start.asks);
        return true;
    }
    [[nodiscard]] std::span<const Frame> frames() const { return std::span(m_capture.all).subspan(m_from, kPeak); }
    [[nodiscard]] core::exchange::binance::BookSync bookAtStart(const core::InstrumentKey &key) const
    {
        core::exchange::binance::BookSync book(key, kTick);
        (void)book.onSnapshot(m_start);
        return book;
    }

private:
    static constexpr core::Price kTick = core::Price::fromRaw(10'000'000);
    Capture m_capture;
    std::size_t m_from{0};
    core::exchange::binance::DepthSnapshot m_start;
};

[[nodiscard]] inline std::optional<Burst> loadBurst(const char *path)
{
    auto capture = load(path);
    if (!capture || capture->all.size() < kPeak)
        return std::nullopt;
    std::optional<Burst> burst(std::in_place, std::move(*capture));
    return burst->prepare() ? std::move(burst) : std::nullopt;
}

} // namespace bench
