#include <algorithm>
#include <deque>
#include <set>

#include "core/exchange/binance/account_history.h"

// The whole past of an account: the cash flow names what was traded, then each contract is asked for its fills.

namespace core::exchange::binance
{

struct AccountHistory::PastJob {
    ports::TimeRange range;
    std::deque<InstrumentKey> left;
    ports::AccountPast past;
    ports::Done<ports::AccountPast> done;
};

void AccountHistory::past(ports::TimeRange range, const std::vector<InstrumentKey> &held, ports::Done<ports::AccountPast> done)
{
    const auto job = std::make_shared<PastJob>();
    job->range = range;
    job->range.from = std::max(range.from, m_rest.venueClock().now() - kFillsKept);
    job->past.completeFrom = job->range.from;
    job->left.assign(held.begin(), held.end());
    job->done = std::move(done);
    income({}, job->range, net::Lane::History, [this, job](const Result<std::vector<IncomeRow>> &rows) {
        if (!rows) {
            job->done(fail(rows.error()));
            return;
        }
        std::set<InstrumentKey> traded(job->left.begin(), job->left.end());
        for (const IncomeRow &row : *rows) {
            if (row.symbol.empty())
                continue;
            const InstrumentKey instrument{Venue::Binance, row.symbol};
            traded.insert(instrument);
            if (row.type == "REALIZED_PNL")
                job->past.settledIn.insert_or_assign(instrument, row.asset);
        }
        job->left.assign(traded.begin(), traded.end());
        job->past.funding = fundingOf(*rows);
        job->past.transfers = transfersOf(*rows);
        nextPast(job);
    });
}

void AccountHistory::nextPast(const std::shared_ptr<PastJob> &job)
{
    if (job->left.empty()) {
        std::ranges::stable_sort(job->past.fills, {}, &Fill::venueTime);
        job->done(std::move(job->past));
        return;
    }
    const InstrumentKey instrument = job->left.front();
    job->left.pop_front();
    fills(instrument, job->range, [this, job](Result<std::vector<Fill>> fills) {
        if (!fills) {
            job->done(fail(fills.error()));
            return;
        }
        job->past.fills.insert(job->past.fills.end(), fills->begin(), fills->end());
        nextPast(job);
    });
}

} // namespace core::exchange::binance
