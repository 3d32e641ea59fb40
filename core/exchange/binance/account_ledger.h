#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/domain/account.h"
#include "core/exchange/binance/rest_codec.h"

namespace core::exchange::binance
{

/// What is known of the positions, put together from the stream (fast, partial) and from answers (complete,
/// may lag). Hedge legs are apart. Pure; one thread. Source: reference/binance-usdm.md
/// sections 5.4, 5.5, 6.10.
class PositionLedger
{
public:
    void setConfigs(SymbolConfigs configs) { m_configs = std::move(configs); }
    [[nodiscard]] const SymbolConfigs &configs() const { return m_configs; }
    void setLeverage(const Symbol &symbol, int leverage);

    /// Rows of the stream, completed by what is known; figures that depend on the size are dropped when it
    /// changed. A row older than a known one of the stream changes nothing and is left out.
    [[nodiscard]] std::vector<Position> onStream(const std::vector<Position> &rows);
    /// A complete answer to a question asked at `askedAt` (venue's clock). Returns all positions that are not
    /// flat, with newer stream rows in the place of lagging ones.
    [[nodiscard]] std::vector<Position> onQuery(std::vector<Position> rows, UtcTime askedAt);
    /// The last answer was overruled somewhere by a newer stream row: worth asking again soon.
    [[nodiscard]] bool answerLagged() const { return m_answerLagged; }
    /// What the last answer replaced: sizes that we had otherwise.
    struct Correction {
        InstrumentKey instrument;
        std::string ours; ///< "long 0.5", "flat"
        std::string venue;
        UtcTime changedAt; ///< by the newer of the two
    };
    [[nodiscard]] const std::vector<Correction> &corrections() const { return m_corrections; }
    [[nodiscard]] Money
    unrealizedPnl() const; ///< sum over positions, saturating never: 0 when it does not fit

private:
    struct Key {
        Symbol symbol;
        PositionSide side;
        friend auto operator<=>(const Key &, const Key &) = default;
    };
    struct Entry {
        Position position;
        std::optional<UtcTime> streamedAt; ///< venue time of the newest stream row
    };

    std::map<Key, Entry> m_entries;
    SymbolConfigs m_configs;
    void correct(const Position &ours, const Position &venue, std::optional<UtcTime> streamedAt);

    bool m_answerLagged{false};
    std::vector<Correction> m_corrections;
};

/// Which fills have been handed on already. Bounded per contract. Pure; one thread.
class FillLedger
{
public:
    /// False when this fill was there before.
    [[nodiscard]] bool add(const Fill &fill);
    [[nodiscard]] bool contains(const Fill &fill) const;

private:
    struct Seen {
        std::unordered_set<std::int64_t> ids;
        std::deque<std::int64_t> order;
    };
    std::map<Symbol, Seen> m_seen;
};

} // namespace core::exchange::binance
