#include "core/exchange/hyperliquid/client_history.h"

#include <algorithm>

#include "core/exchange/hyperliquid/client_requests.h"
#include "core/exchange/hyperliquid/rest_codec.h"

namespace core::exchange::hyperliquid
{
namespace
{
using namespace std::chrono_literals;

constexpr int kPagesMost = 500;
constexpr std::size_t kFillsReachable = 10'000; ///< older ones cannot be asked for

bool isSpot(const Symbol &symbol) { return symbol.view().starts_with('@') || symbol.view().find('/') != std::string_view::npos; }

} // namespace

/// One walk through the pages of one question.
template <class Row> struct ClientHistory::Walk {
    ports::TimeRange range;
    std::size_t pageRows{0};
    std::function<InfoCall(UtcTime from, UtcTime to)> ask;
    std::function<Result<std::vector<Row>>(const InfoAnswer &)> read;
    std::function<UtcTime(const Row &)> timeOf;
    std::function<bool(const Row &, const Row &)> same;
    ports::Done<std::vector<Row>> done;
    std::vector<Row> rows;
    UtcTime from;
    int pages{0};
};

template <class Row> void ClientHistory::refuse(ports::Done<std::vector<Row>> done, Error why)
{
    QMetaObject::invokeMethod(
        this, [done = std::move(done), why = std::move(why)] { done(fail(why)); }, Qt::QueuedConnection);
}

template <class Row> void ClientHistory::step(const std::shared_ptr<Walk<Row>> &walk)
{
    m_rest.info(walk->ask(walk->from, walk->range.to - 1ms), [this, walk](const InfoResult &result) {
        auto page = result ? walk->read(*result) : Result<std::vector<Row>>(fail(result.error().error));
        if (!page)
            return walk->done(fail(page.error()));
        std::stable_sort(page->begin(), page->end(),
                         [&](const Row &a, const Row &b) { return walk->timeOf(a) < walk->timeOf(b); });
        const std::size_t before = walk->rows.size();
        UtcTime newest = walk->from;
        for (Row &row : *page) {
            const UtcTime at = walk->timeOf(row);
            newest = std::max(newest, at);
            if (at < walk->range.from || at >= walk->range.to)
                continue;
            // Only rows of the last millisecond can come twice.
            bool known = false;
            for (std::size_t i = walk->rows.size(); i-- > 0 && walk->timeOf(walk->rows[i]) == at && !known;)
                known = walk->same(walk->rows[i], row);
            if (!known)
                walk->rows.push_back(std::move(row));
        }
        const bool last = page->size() < walk->pageRows || newest >= walk->range.to || ++walk->pages >= kPagesMost;
        if (last)
            return walk->done(std::move(walk->rows));
        // A whole page that brought nothing new is one full millisecond: what follows is asked for behind it.
        walk->from = walk->rows.size() == before || newest == walk->from ? newest + 1ms : newest;
        step(walk);
    });
}

void ClientHistory::candles(const Symbol &symbol, Duration length, ports::TimeRange range,
                            ports::Done<std::vector<Candle>> done)
{
    const std::string word(intervalWord(length));
    if (word.empty())
        return refuse<Candle>(std::move(done), Error{ErrorCode::Unsupported, "the venue has no candles of this length"});
    const auto walk = std::make_shared<Walk<Candle>>();
    walk->range = range;
    walk->from = range.from;
    walk->pageRows = 5'000;
    walk->ask = [symbol, word](UtcTime from, UtcTime to) { return candlesRequest(symbol.view(), word, from, to); };
    walk->read = [this](const InfoAnswer &answer) { return parseCandleSnapshot(answer.body, m_rest.venueNow()); };
    walk->timeOf = [](const Candle &row) { return row.openTime; };
    walk->same = [](const Candle &, const Candle &) { return true; };
    walk->done = std::move(done);
    step(walk);
}

void ClientHistory::trades(const Symbol &symbol, ports::TimeRange range, ports::Done<std::vector<Trade>> done)
{
    const auto walk = std::make_shared<Walk<Trade>>();
    walk->range = range;
    walk->from = range.from;
    walk->pageRows = SIZE_MAX; // there is one page
    walk->ask = [symbol](UtcTime, UtcTime) { return recentTradesRequest(symbol.view()); };
    walk->read = [](const InfoAnswer &answer) { return parseRecentTrades(answer.body, answer.receivedAt); };
    walk->timeOf = [](const Trade &row) { return row.venueTime; };
    walk->same = [](const Trade &a, const Trade &b) { return a.id == b.id; };
    walk->done = std::move(done);
    step(walk);
}

void ClientHistory::fundingRates(const Symbol &symbol, ports::TimeRange range,
                                 ports::Done<std::vector<FundingRate>> done)
{
    const auto walk = std::make_shared<Walk<FundingRate>>();
    walk->range = range;
    walk->from = range.from;
    walk->pageRows = kRowsPerPage;
    walk->ask = [symbol](UtcTime from, UtcTime to) { return fundingHistoryRequest(symbol.view(), from, to); };
    walk->read = [](const InfoAnswer &answer) { return parseFundingHistory(answer.body); };
    walk->timeOf = [](const FundingRate &row) { return row.time; };
    walk->same = [](const FundingRate &, const FundingRate &) { return true; };
    walk->done = std::move(done);
    step(walk);
}

void ClientHistory::fills(const Symbol &symbol, ports::TimeRange range, ports::Done<std::vector<Fill>> done)
{
    allFills(range, [symbol, done = std::move(done)](Result<std::vector<Fill>> all, UtcTime) {
        if (all)
            std::erase_if(*all, [&](const Fill &fill) { return fill.instrument.symbol != symbol; });
        done(std::move(all));
    });
}

void ClientHistory::past(ports::TimeRange range, ports::Done<ports::AccountPast> done)
{
    const auto past = std::make_shared<ports::AccountPast>();
    allFills(range, [this, range, past, done = std::move(done)](Result<std::vector<Fill>> fills, UtcTime completeFrom) {
        if (!fills)
            return done(fail(fills.error()));
        // Spot trades are of the spot wallet.
        std::erase_if(*fills, [](const Fill &fill) { return isSpot(fill.instrument.symbol); });
        past->fills = std::move(*fills);
        past->completeFrom = completeFrom;
        fundingPayments(range, [this, range, past, done](Result<std::vector<FundingPayment>> payments) {
            if (!payments)
                return done(fail(payments.error()));
            past->funding = std::move(*payments);
            transfers(range, [past, done](Result<std::vector<Transfer>> moved) {
                if (!moved)
                    return done(fail(moved.error()));
                past->transfers = std::move(*moved);
                done(std::move(*past));
            });
        });
    });
}

void ClientHistory::allFills(ports::TimeRange range, std::function<void(Result<std::vector<Fill>>, UtcTime)> done)
{
    const auto walk = std::make_shared<Walk<Fill>>();
    walk->range = range;
    walk->from = range.from;
    walk->pageRows = kFillsPerPage;
    walk->ask = [this](UtcTime from, UtcTime to) {
        return userRangeRequest("userFillsByTime", m_address, from, to, Lane::History);
    };
    walk->read = [](const InfoAnswer &answer) -> Result<std::vector<Fill>> {
        const auto rows = parseUserFills(answer.body, answer.receivedAt);
        if (!rows)
            return fail(rows.error());
        std::vector<Fill> fills;
        for (const FillRow &row : *rows)
            fills.push_back(row.fill);
        return fills;
    };
    walk->timeOf = [](const Fill &row) { return row.venueTime; };
    walk->same = [](const Fill &a, const Fill &b) {
        return a.instrument == b.instrument && a.tradeId == b.tradeId && a.venueOrderId == b.venueOrderId;
    };
    walk->done = [range, done = std::move(done)](Result<std::vector<Fill>> all) {
        const bool cut = all && all->size() >= kFillsReachable;
        const UtcTime completeFrom = cut ? all->front().venueTime + 1ms : range.from;
        done(std::move(all), completeFrom);
    };
    step(walk);
}

void ClientHistory::fundingPayments(ports::TimeRange range, ports::Done<std::vector<FundingPayment>> done)
{
    const auto walk = std::make_shared<Walk<FundingPayment>>();
    walk->range = range;
    walk->from = range.from;
    walk->pageRows = kRowsPerPage;
    walk->ask = [this](UtcTime from, UtcTime to) {
        return userRangeRequest("userFunding", m_address, from, to, Lane::History);
    };
    walk->read = [](const InfoAnswer &answer) -> Result<std::vector<FundingPayment>> {
        const auto rows = parseUserFunding(answer.body);
        if (!rows)
            return fail(rows.error());
        std::vector<FundingPayment> payments;
        for (const FundingRow &row : *rows)
            payments.push_back(row.payment);
        return payments;
    };
    walk->timeOf = [](const FundingPayment &row) { return row.venueTime; };
    walk->same = [](const FundingPayment &a, const FundingPayment &b) { return a.instrument == b.instrument; };
    walk->done = std::move(done);
    step(walk);
}

void ClientHistory::transfers(ports::TimeRange range, ports::Done<std::vector<Transfer>> done)
{
    const auto walk = std::make_shared<Walk<LedgerRow>>();
    walk->range = range;
    walk->from = range.from;
    walk->pageRows = kRowsPerPage;
    walk->ask = [this](UtcTime from, UtcTime to) {
        return userRangeRequest("userNonFundingLedgerUpdates", m_address, from, to, Lane::History);
    };
    walk->read = [this](const InfoAnswer &answer) { return parseLedgerUpdates(answer.body, m_address); };
    walk->timeOf = [](const LedgerRow &row) { return row.venueTime; };
    walk->same = [](const LedgerRow &a, const LedgerRow &b) { return a.hash == b.hash && a.kind == b.kind; };
    walk->done = [done = std::move(done)](const Result<std::vector<LedgerRow>> &all) {
        if (!all)
            return done(fail(all.error()));
        std::vector<Transfer> transfers;
        for (const LedgerRow &row : *all) {
            if (row.transfer)
                transfers.push_back(*row.transfer);
        }
        done(std::move(transfers));
    };
    step(walk);
}

} // namespace core::exchange::hyperliquid
