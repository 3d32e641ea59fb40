// The fence: the last look at the lease before a request leaves. design.md section 3, "exactly one engine acts on an account".
#include <variant>

#include <fmt/format.h>

#include "core/runtime/engine.h"

namespace core::runtime
{

namespace
{
/// It changes something at the venue. Questions do not.
bool changesSomething(const orders::GuardOutput &output)
{
    return std::holds_alternative<orders::SendOrder>(output) || std::holds_alternative<orders::ChangeOrder>(output) ||
           std::holds_alternative<orders::CancelOrder>(output) || std::holds_alternative<orders::CancelAllOrders>(output) ||
           std::holds_alternative<orders::SetDeadMan>(output);
}

std::string holderText(const LeaseView &view)
{
    if (!view.holder)
        return "no program holds the lease of this data directory";
    return fmt::format("{} (process {} on {}) guards this account", view.holder->holder, view.holder->process,
                       view.holder->host);
}
} // namespace

bool Engine::mayLeave(const orders::GuardOutput &output) const
{
    return m_setup.lease == nullptr || !changesSomething(output) || m_setup.lease->mayAct();
}

void Engine::turnBack(const orders::GuardOutput &output)
{
    if (!m_fenceTold)
        say(orders::Severity::Critical, "lease-lost", "risk",
            fmt::format("Nothing is sent: {}.", holderText(m_setup.lease->view())));
    m_fenceTold = true;
    constexpr std::string_view kWhy = "not sent: another program holds the lease";
    const auto tell = [&](const ClientOrderId &order) {
        feed(orders::OutcomeReport{order, RequestOutcome::Rejected, ErrorCode::Unavailable, std::string(kWhy)});
    };
    if (const auto *send = std::get_if<orders::SendOrder>(&output))
        tell(send->order.request().clientOrderId);
    else if (const auto *change = std::get_if<orders::ChangeOrder>(&output))
        tell(change->change.request().clientOrderId);
    else if (const auto *timer = std::get_if<orders::SetDeadMan>(&output))
        feed(orders::DeadManReport{.account = timer->account,
                                   .instrument = timer->instrument,
                                   .after = timer->after,
                                   .outcome = RequestOutcome::Rejected,
                                   .code = ErrorCode::Unavailable,
                                   .detail = std::string(kWhy)});
}

bool Engine::refusesIntents()
{
    if (!m_setup.watches)
        return false;
    say(orders::Severity::Warning, "read-only", "risk",
        fmt::format("This window only watches: {}.", holderText(m_setup.lease ? m_setup.lease->view() : LeaseView{})));
    return true;
}

} // namespace core::runtime
