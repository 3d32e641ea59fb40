#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/storage/database.h"
#include "core/storage/round_trips.h"
#include "core/storage/rows.h"

namespace core::storage
{

/// Keeps the table `trades` in step with `fills`: the usual fill extends a running round trip, a late one (or
/// a late first sight of the position) rebuilds that position's trades from all its fills. Storage thread,
/// inside the caller's transaction; after a rollback the caller says forget().
class TripLedger
{
public:
    [[nodiscard]] static Result<TripLedger> prepare(const Database &database);

    /// `fill` is about to be stored under `arrival` (or was just now). The text is empty, or says why no
    /// round trip could be made of it.
    [[nodiscard]] Result<std::string> onFill(const PositionKey &key, const Fill &fill, std::int64_t arrival);
    /// The first sight of a position was stored, or its instrument became known.
    [[nodiscard]] Result<std::string> rebuild(const PositionKey &key);
    /// All that was kept in memory may differ from the file.
    void forget() { m_states.clear(); }

private:
    struct State {
        RoundTripBuilder builder;
        std::optional<UtcTime> baselineAt;
        UtcTime lastTime{};
        std::int64_t lastTradeId{0};
        bool any{false};
    };
    TripLedger(const Database &database, RowWriter trades)
        : m_database(&database), m_trades(std::move(trades))
    {
    }
    /// State after all stored fills with an arrival below `before`; with `write`, their trades are stored
    /// too.
    [[nodiscard]] Result<State> load(const PositionKey &key, std::int64_t before, bool write,
                                     std::string &problem);
    [[nodiscard]] Result<void> store(std::optional<TradeRow> trade);
    [[nodiscard]] Result<void> clear(const PositionKey &key);

    const Database *m_database;
    RowWriter m_trades;
    std::map<PositionKey, State> m_states;
};

} // namespace core::storage
