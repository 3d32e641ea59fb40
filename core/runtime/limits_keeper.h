#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QTimer>

#include "core/base/clock.h"
#include "core/orders/guard_io.h"
#include "core/runtime/snapshots.h"
#include "core/runtime/storage_service.h"
#include "core/storage/risk_repositories.h"

namespace core::runtime
{

/// Versions of limits between the database and the engine: what the screen asks for becomes a version, and a version that holds
/// (the screen's, another program's, or one whose waiting is over) reaches the engine within `kLookEvery`. Lives on a thread of its
/// own, with a connection of its own; the callbacks run there.
class LimitsKeeper final : public QObject
{
    Q_OBJECT

public:
    struct Setup {
        QString database;
        storage::Mode mode{storage::Mode::Live};
        std::vector<GuardedAccount> accounts;
        std::function<void(orders::LimitsChange)> holds;
        std::function<void(IntentAnswer, std::string)> answers; ///< with a sentence for the alerts dock
    };
    LimitsKeeper(Setup setup, const Clock &clock);

    void change(const SetLimits &wish);
    static constexpr std::chrono::seconds kLookEvery{2};

private:
    void look();
    void trouble(const Error &error);
    void tell(std::optional<Venue> venue, const std::optional<AccountId> &account);
    [[nodiscard]] const storage::Database *database();

    const Setup m_setup;
    const Clock &m_clock;
    std::optional<storage::Database> m_database;
    std::optional<std::int64_t> m_counter;
    std::optional<UtcTime> m_nextAt; ///< a waiting version holds from here on
    std::map<std::optional<Venue>, std::int64_t> m_told; ///< version; absent venue: over all accounts
    bool m_inTrouble{false};
    QTimer m_timer;
};

} // namespace core::runtime
