#pragma once

#include <memory>
#include <vector>

#include <QtCore/QObject>

#include "core/runtime/snapshots.h"

namespace core::market
{
struct DepthColumn;
}
namespace core::analysis
{
struct ProfileSnapshot;
}

namespace core::runtime
{

struct Past;

/// The one door between the screen and the rest: intents in, immutable snapshots out. All members are called on the gui
/// thread and never block. A slow screen loses nothing but market data in between (newest wins); alerts are kept.
class Terminal : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// Newest state; null before the first one.
    [[nodiscard]] virtual std::shared_ptr<const TerminalSnapshot> snapshot() const = 0;
    /// Newest session profile of the shown instrument; null before the first trade.
    [[nodiscard]] virtual std::shared_ptr<const analysis::ProfileSnapshot> profile() const = 0;
    /// Heatmap columns since the last call, oldest first.
    [[nodiscard]] virtual std::vector<std::shared_ptr<const market::DepthColumn>> takeColumns() = 0;
    /// Prints since the last call, oldest first.
    [[nodiscard]] virtual std::vector<Trade> takeTrades() = 0;
    /// Alerts since the last call, oldest first; the first call also brings those kept from earlier runs.
    [[nodiscard]] virtual std::vector<AlertRow> takeAlerts() = 0;
    virtual void send(const Intent &intent) = 0;
    /// What is on record of the accounts; null before `readPast` was answered. `changed` tells of the answer.
    [[nodiscard]] virtual std::shared_ptr<const Past> past() const = 0;
    virtual void readPast() = 0;

signals:
    /// Something above is new. At most 30 per second.
    void changed();
};

} // namespace core::runtime
