#include "core/runtime/past_reader.h"

#include "core/risk/what_if.h"
#include "core/storage/risk_repositories.h"

namespace core::runtime
{

namespace
{
/// Finer than a person would ask for, coarse enough that a quarter of a year is replayed while a dialog is open.
constexpr Duration kStep = std::chrono::hours{1};
} // namespace

void PastReader::read() const
{
    auto past = std::make_shared<Past>();
    past->to = m_clock.now();
    past->from = past->to - kPastKept;
    const auto database = storage::Database::open(m_setup.database, storage::Access::ReadOnly, past->to);
    if (!database)
        past->problem = database.error().detail;
    for (const GuardedAccount &account : m_setup.accounts) {
        if (!database || !past->problem.empty())
            break;
        auto history = storage::riskHistory(*database, m_setup.mode, account.account, account.venue, past->from);
        if (!history) {
            past->problem = history.error().detail;
            past->accounts.clear();
            break;
        }
        history->equity = risk::thinned(history->equity, kStep);
        if (!history->equity.empty() || !history->trips.empty())
            past->accounts.push_back(std::move(*history));
    }
    m_setup.done(std::move(past));
}

} // namespace core::runtime
