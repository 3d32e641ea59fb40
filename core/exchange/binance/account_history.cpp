#include "core/exchange/binance/account_history.h"

#include <algorithm>
#include <map>

#include <QtCore/QTimer>

#include "core/exchange/binance/signer.h"

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr int kTries = 12;
constexpr Duration kPauseLeast = 500ms;
constexpr Duration kFillsWindow = 24h * 7;
constexpr Duration kMillisecond = 1ms;

} // namespace

struct AccountHistory::IncomeJob {
    std::string type;
    ports::TimeRange range;
    net::Lane lane{net::Lane::History};
    UtcTime from; ///< of the next page
    std::set<IncomeRow> seen;
    std::vector<IncomeRow> rows;
    ports::Done<std::vector<IncomeRow>> done;
};

struct AccountHistory::FillsJob {
    InstrumentKey instrument;
    ports::TimeRange range;
    UtcTime from; ///< of the next window, until a fill is found
    std::optional<std::int64_t> lastId;
    std::vector<Fill> fills;
    ports::Done<std::vector<Fill>> done;
};

AccountHistory::AccountHistory(const ClientOptions &options, RestGateway &rest, QObject *parent)
    : QObject(parent), m_options(options), m_rest(rest)
{
}

AccountHistory::~AccountHistory() = default;

void AccountHistory::ask(RestCall call, int triesLeft, std::function<void(const RestAnswer &)> read,
                         std::function<void(const Error &)> failed)
{
    const RestCall sent = call;
    m_rest.call(std::move(call), [this, sent, triesLeft, read = std::move(read),
                                  failed = std::move(failed)](const RestResult &result) {
        if (!m_running)
            return;
        if (result) {
            read(*result);
            return;
        }
        const RestFailure &failure = result.error();
        const bool mayHelp =
            failure.disposition == Disposition::Unknown || failure.disposition == Disposition::Retry ||
            failure.disposition == Disposition::Limited || failure.disposition == Disposition::ClockOff ||
            failure.disposition == Disposition::Banned || failure.disposition == Disposition::Forbidden;
        if (!mayHelp || triesLeft <= 1) {
            failed(failure.error);
            return;
        }
        if (failure.disposition == Disposition::ClockOff)
            m_rest.synchroniseClock([](bool) {});
        // Waiting for the budget is no failure: it costs no try.
        const int left = failure.retryAfter ? triesLeft : triesLeft - 1;
        const Duration pause =
            std::max(failure.retryAfter.value_or(std::min(kPauseLeast, m_options.timings.reconnectMin)), kMillisecond);
        QTimer::singleShot(std::chrono::ceil<std::chrono::milliseconds>(pause), this, [this, sent, left, read, failed] {
            if (m_running)
                ask(sent, left, read, failed);
        });
    });
}

void AccountHistory::income(const std::string &type, ports::TimeRange range, net::Lane lane,
                            ports::Done<std::vector<IncomeRow>> done)
{
    const auto job = std::make_shared<IncomeJob>();
    job->type = type;
    job->range = range;
    job->lane = lane;
    job->from = range.from;
    job->done = std::move(done);
    nextIncome(job);
}

void AccountHistory::nextIncome(const std::shared_ptr<IncomeJob> &job)
{
    RestCall call{.path = "/fapi/v1/income",
                  .security = Security::Signed,
                  .lane = job->lane,
                  .cost = {.weight = 30, .orders = 0}};
    if (!job->type.empty())
        appendParameter(call.query, "incomeType", job->type);
    appendParameter(call.query, "startTime", std::to_string(toMilliseconds(job->from)));
    if (job->range.to != UtcTime{})
        appendParameter(call.query, "endTime", std::to_string(toMilliseconds(job->range.to - kMillisecond)));
    appendParameter(call.query, "limit", std::to_string(kRowsPerPage));
    ask(std::move(call), kTries, [this, job](const RestAnswer &answer) { onIncome(job, answer); },
        [job](const Error &why) { job->done(fail(why)); });
}

void AccountHistory::onIncome(const std::shared_ptr<IncomeJob> &job, const RestAnswer &answer)
{
    const auto page = parseIncome(answer.body);
    if (!page) {
        job->done(fail(page.error()));
        return;
    }
    UtcTime last = job->from;
    for (const IncomeRow &row : *page) {
        last = std::max(last, row.time);
        if (job->seen.insert(row).second)
            job->rows.push_back(row);
    }
    if (page->size() >= kRowsPerPage) {
        if (last > job->from) {
            job->from = last; // not a millisecond later: more rows may have that time
            nextIncome(job);
            return;
        }
        job->done(fail(ErrorCode::OutOfSync, "income: more rows at one instant than the venue gives at once"));
        return;
    }
    std::stable_sort(job->rows.begin(), job->rows.end(),
                     [](const IncomeRow &a, const IncomeRow &b) { return a.time < b.time; });
    job->done(std::move(job->rows));
}

void AccountHistory::fills(const InstrumentKey &instrument, ports::TimeRange range,
                           ports::Done<std::vector<Fill>> done)
{
    const auto job = std::make_shared<FillsJob>();
    job->instrument = instrument;
    job->range = range;
    job->from = std::max(range.from, m_rest.venueClock().now() - kFillsKept);
    job->done = std::move(done);
    nextFills(job);
}

/// By windows of time until there is a first fill, from then on by its number: numbers have no equals.
void AccountHistory::nextFills(const std::shared_ptr<FillsJob> &job)
{
    if (!job->lastId && job->from >= job->range.to) {
        job->done(std::move(job->fills));
        return;
    }
    RestCall call{.path = "/fapi/v1/userTrades",
                  .security = Security::Signed,
                  .lane = net::Lane::History,
                  .cost = {.weight = 5, .orders = 0}};
    appendParameter(call.query, "symbol", job->instrument.symbol.view());
    if (job->lastId) {
        appendParameter(call.query, "fromId", std::to_string(*job->lastId + 1));
    } else {
        const UtcTime end = std::min(job->from + kFillsWindow, job->range.to);
        appendParameter(call.query, "startTime", std::to_string(toMilliseconds(job->from)));
        appendParameter(call.query, "endTime", std::to_string(toMilliseconds(end - kMillisecond)));
        job->from = end;
    }
    appendParameter(call.query, "limit", std::to_string(kRowsPerPage));
    ask(std::move(call), kTries, [this, job](const RestAnswer &answer) { onFills(job, answer); },
        [job](const Error &why) { job->done(fail(why)); });
}

void AccountHistory::onFills(const std::shared_ptr<FillsJob> &job, const RestAnswer &answer)
{
    const auto page = parseUserTrades(answer.body, answer.receivedAt);
    if (!page) {
        job->done(fail(page.error()));
        return;
    }
    const bool byNumber = job->lastId.has_value();
    bool beyond = false;
    for (const Fill &fill : *page) {
        job->lastId = std::max(job->lastId.value_or(fill.tradeId), fill.tradeId);
        beyond = beyond || fill.venueTime >= job->range.to;
        if (fill.venueTime >= job->range.from && fill.venueTime < job->range.to)
            job->fills.push_back(fill);
    }
    if (beyond || (byNumber && page->size() < kRowsPerPage)) {
        job->done(std::move(job->fills));
        return;
    }
    nextFills(job);
}

std::vector<FundingPayment> fundingOf(const std::vector<IncomeRow> &rows)
{
    std::vector<FundingPayment> payments;
    std::map<std::pair<Symbol, UtcTime>, std::size_t> known;
    for (const IncomeRow &row : rows) {
        if (row.type != "FUNDING_FEE")
            continue;
        const auto [at, isNew] = known.try_emplace({row.symbol, row.time}, payments.size());
        if (isNew) {
            FundingPayment payment;
            payment.instrument = {Venue::Binance, row.symbol};
            payment.asset = row.asset;
            payment.venueTime = row.time;
            payments.push_back(payment);
        }
        FundingPayment &payment = payments[at->second];
        payment.amount = add(payment.amount, row.amount).value_or(payment.amount);
    }
    return payments;
}

std::vector<Transfer> transfersOf(const std::vector<IncomeRow> &rows)
{
    std::vector<Transfer> transfers;
    for (const IncomeRow &row : rows) {
        if (!isTransfer(row))
            continue;
        Transfer transfer;
        transfer.id = row.type + ":" + std::to_string(row.transaction);
        if (!row.trade.empty())
            transfer.id += ":" + row.trade;
        transfer.kind = row.type;
        transfer.amount = row.amount;
        transfer.asset = row.asset;
        transfer.venueTime = row.time;
        transfers.push_back(std::move(transfer));
    }
    return transfers;
}

} // namespace core::exchange::binance
