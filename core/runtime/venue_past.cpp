#include "core/runtime/venue_past.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/assert.h"
#include "core/risk/nav.h"

using namespace std::chrono_literals;

namespace core::runtime
{

namespace
{
/// Rows so close to the present may not be in it yet, or not have been told yet.
constexpr Duration kUnsettled = 2s;
/// The venue's clock may be ahead of ours, by a day where somebody set it wrong.
constexpr Duration kAhead = 48h;
/// Lengths of candles whose opening price is that of a period's start, the longest first: venues keep a number of each.
constexpr std::array<Duration, 4> kCandles{1h, 15min, 5min, 1min};

Duration candleThatStartsAt(UtcTime at)
{
    const auto fits = std::ranges::find_if(kCandles, [at](Duration length) { return at.time_since_epoch() % length == Duration{0}; });
    return fits == kCandles.end() ? kCandles.back() : *fits;
}
} // namespace

void VenuePast::ask(Present present, Done done)
{
    CORE_ASSERT(!m_question, "REQUIRES: one question at a time");
    m_liveFills.clear();
    m_liveFunding.clear();
    m_liveTransfers.clear();
    const auto question = std::make_shared<Question>();
    m_question = question;
    question->done = std::move(done);
    risk::VenueFacts &facts = question->facts;
    facts.account = m_account;
    facts.asOf = present.now;
    facts.asset = present.totals.asset;
    facts.wallet = present.totals.walletBalance;
    facts.positions = std::move(present.positions);
    for (const risk::Period period : {risk::Period::Day, risk::Period::Week, risk::Period::Month})
        facts.starts.push_back(risk::periodStart(period, present.now, present.dayStartsAt));
    std::ranges::sort(facts.starts);
    facts.starts.erase(std::ranges::unique(facts.starts).begin(), facts.starts.end());
    std::vector<InstrumentKey> held;
    for (const Position &position : facts.positions)
        held.push_back(position.instrument);
    // Whole milliseconds: venues know no others.
    const UtcTime from = std::chrono::floor<std::chrono::milliseconds>(present.now - kReach);
    m_client.accountPast({from, from + kReach + kAhead}, held, [this, question](Result<ports::AccountPast> past) {
        if (question == m_question)
            onPast(question, std::move(past));
    });
}

void VenuePast::onPast(const std::shared_ptr<Question> &question, Result<ports::AccountPast> past)
{
    if (!past)
        return finish(question, fail(past.error()));
    risk::VenueFacts &facts = question->facts;
    facts.from = question->completeFrom = past->completeFrom;
    facts.fills = std::move(past->fills);
    facts.settledIn = std::move(past->settledIn);
    facts.funding = std::move(past->funding);
    facts.transfers = std::move(past->transfers);
    leaveOutLive(facts);
    // By the clocks, or, where they disagree, by the same newest row as when it was asked before.
    UtcTime newest;
    const auto follow = [&](const auto &rows) {
        for (const auto &row : rows)
            newest = std::max(newest, row.venueTime);
    };
    follow(facts.fills);
    follow(facts.funding);
    follow(facts.transfers);
    const bool asBefore = std::exchange(m_newest, newest) == newest;
    const bool isSettled = asBefore || newest <= facts.asOf - kUnsettled;
    const auto isOld = [&](const auto &row) { return row.venueTime < facts.from; };
    if (!isSettled)
        return finish(question, fail(ErrorCode::OutOfSync, "the account changed while its past was asked for"));
    std::erase_if(facts.fills, isOld);
    std::erase_if(facts.funding, isOld);
    std::erase_if(facts.transfers, isOld);
    question->needs = risk::pricesNeeded(facts);
    askPrices(question);
}

void VenuePast::leaveOutLive(risk::VenueFacts &facts) const
{
    std::erase_if(facts.fills, [&](const Fill &fill) { return m_liveFills.contains({fill.instrument, fill.tradeId}); });
    std::erase_if(facts.funding, [&](const FundingPayment &payment) {
        return m_liveFunding.contains({payment.instrument, payment.venueTime});
    });
    std::erase_if(facts.transfers, [&](const Transfer &transfer) { return m_liveTransfers.contains(transfer.id); });
}

void VenuePast::askPrices(const std::shared_ptr<Question> &question)
{
    if (question->needs.empty()) {
        finish(question, risk::venueHistory(question->facts, question->prices).map([&](risk::History history) {
            return Answer{std::move(history), question->completeFrom, question->unpriced};
        }));
        return;
    }
    const risk::PriceNeed need = question->needs.back();
    question->needs.pop_back();
    const Duration length = candleThatStartsAt(need.at);
    m_client.candles(need.instrument, length, {need.at, need.at + length},
                     [this, question, need](const Result<std::vector<Candle>> &candles) {
                         if (question != m_question)
                             return;
                         if (!candles)
                             return finish(question, fail(candles.error()));
                         const auto found = std::ranges::find(*candles, need.at, &Candle::openTime);
                         if (found != candles->end() && found->open.isPositive())
                             question->prices[need] = found->open;
                         else
                             question->unpriced.push_back(need);
                         askPrices(question);
                     });
}

void VenuePast::finish(const std::shared_ptr<Question> &question, Result<Answer> answer)
{
    m_question.reset();
    question->done(std::move(answer));
}

void VenuePast::onFill(const Fill &fill) { m_liveFills.emplace(fill.instrument, fill.tradeId); }
void VenuePast::onFunding(const FundingPayment &payment) { m_liveFunding.emplace(payment.instrument, payment.venueTime); }
void VenuePast::onTransfer(const Transfer &transfer) { m_liveTransfers.insert(transfer.id); }

} // namespace core::runtime
