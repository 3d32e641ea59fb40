#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <QtCore/QMetaType>

#include "core/domain/order.h"
#include "core/venue/control_counters.h"
#include "core/venue/faults.h"

namespace tests
{

/// One order as one side has it.
struct OrderFate {
    core::OrderStatus status{core::OrderStatus::New};
    core::Quantity filled;
    core::UtcTime createdAt; ///< the venue's; of the venue's side only
    core::UtcTime updatedAt;
};

/// What a drill needs of a fixture: the exchange, the client in front of it, and what each of them knows.
class DrillSubject
{
public:
    virtual ~DrillSubject() = default;
    [[nodiscard]] virtual core::Result<void> setFaults(core::venue::FaultPlan plan) = 0;
    [[nodiscard]] virtual core::UtcTime venueNow() const = 0;
    [[nodiscard]] virtual const core::venue::ControlCounters &counters() const = 0;
    virtual void submit(const core::OrderRequest &request) = 0;
    virtual void cancel(const std::string &id) = 0;
    [[nodiscard]] virtual core::OrderRequest order(const std::string &id, core::Side side, std::string_view quantity,
                                                   core::ReduceOnly reduceOnly) const = 0;
    [[nodiscard]] virtual core::OrderRequest resting(const std::string &id) const = 0;

    [[nodiscard]] virtual std::optional<OrderFate> atVenue(const std::string &id) const = 0;
    [[nodiscard]] virtual std::optional<OrderFate> atClient(const std::string &id) const = 0;
    [[nodiscard]] virtual bool isAbsent(const std::string &id) const = 0;
    [[nodiscard]] virtual std::vector<core::RequestOutcome> outcomes(const std::string &id) const = 0;
    [[nodiscard]] virtual std::int64_t positionAtVenue() const = 0;
    [[nodiscard]] virtual std::optional<std::int64_t> positionAtClient() const = 0;
    /// Fresh book, reconciled account: empty; else what is not.
    [[nodiscard]] virtual std::string complaint() const = 0;
    [[nodiscard]] virtual bool booksAgree() = 0;
    [[nodiscard]] virtual int crossedWhileFresh() const = 0;
};

/// One row: what goes wrong, for how long, and by when the reduce-only order and the cancel must have been executed.
struct DrillRow {
    std::vector<core::venue::FaultRule> rules;
    core::Duration faultFor{std::chrono::milliseconds{1200}};
    core::Duration protectiveBy{std::chrono::milliseconds{3200}}; ///< after the fault began, by the venue's clock
};

/// One fault of a table: in force for `faultFor`; what protects may be late by `grace` after it.
struct NamedFault {
    const char *name;
    core::venue::FaultRule rule;
    core::Duration faultFor{std::chrono::milliseconds{900}};
    core::Duration grace{std::chrono::seconds{2}};
};
/// Rows of the current test's data, column "row": what goes wrong at every venue, then `ofTheVenue`.
void addFaultRows(const std::vector<NamedFault> &ofTheVenue);

/// Orders before and during a fault, pressed as the order plans press them: again with the same id when the venue says that
/// it never came, with a new one when it was refused. Then the end state is compared. Empty: all is well; else what is not.
[[nodiscard]] std::string runDrill(DrillSubject &subject, const DrillRow &row);

} // namespace tests

Q_DECLARE_METATYPE(tests::DrillRow)
