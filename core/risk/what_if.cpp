// Limits held against the record: the engine itself, fed with what is stored.
#include "core/risk/what_if.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/risk/engine.h"

namespace core::risk
{

namespace
{
/// One thing that happened, in the order of the record.
struct Moment {
    UtcTime at;
    enum class What { Transfer, Trip, Opened, Equity } what{What::Equity};
    std::size_t history{0};
    std::size_t index{0};
};

class Replay
{
public:
    Replay(const std::vector<History> &histories, const Limits &limits) : m_histories(histories), m_equity(histories.size()), m_recordedAt(histories.size())
    {
        const bool group = isGroup(limits);
        Limits judged = limits;
        std::erase_if(judged.breakers, [](const Breaker &breaker) { return !breaker.enabled || !isOnRecord(breaker.kind); });
        for (const Breaker &breaker : judged.breakers) {
            for (const Tier &tier : breaker.tiers)
                m_report.tiers.push_back({breaker.kind, breaker.scope, tier.id, tier.trigger, tier.action, 0, {}});
        }
        Limits silent = limits;
        silent.breakers.clear();
        for (const History &history : histories) {
            m_starting.push_back(LimitsSet{history.account, group ? silent : judged});
            m_starting.push_back(ArmingSet{history.account, Arming::Armed});
            m_starting.push_back(FreshnessSet{history.account, std::nullopt, true, true});
        }
        if (group)
            m_starting.push_back(LimitsSet{std::nullopt, judged});
    }

    std::optional<WhatIf> run(const std::vector<Moment> &moments)
    {
        if (moments.empty())
            return std::nullopt;
        m_report.from = moments.front().at;
        m_report.to = moments.back().at;
        m_now = moments.front().at;
        for (const RiskFact &fact : m_starting)
            apply(fact);
        for (const Moment &moment : moments) {
            m_now = std::max(m_now, moment.at);
            apply(TimePassed{});
            play(moment);
        }
        return m_report;
    }

private:
    void play(const Moment &moment)
    {
        const History &history = m_histories[moment.history];
        switch (moment.what) {
        case Moment::What::Equity:
            ++m_report.equities;
            m_recordedAt[moment.history] = m_now;
            tellEquity(moment.history, history.equity[moment.index].equity);
            return;
        case Moment::What::Transfer:
            apply(TransferSet{history.transfers[moment.index]});
            move(moment.history, history.transfers[moment.index].amount);
            return;
        case Moment::What::Opened:
            countOpening(history.trips[moment.index]);
            return;
        case Moment::What::Trip:
            ++m_report.trips;
            apply(TripSet{history.trips[moment.index]});
            // Equity that was recorded while it was open holds its open result already.
            if (m_recordedAt[moment.history] < history.trips[moment.index].openedAt)
                move(moment.history, history.trips[moment.index].net);
            return;
        }
    }

    /// The engine counts a trade from its opening: told as a position that came and went.
    void countOpening(const Trip &trip)
    {
        const Life life{trip.position, trip.direction, trip.openedAt};
        Position position;
        position.instrument = trip.position.instrument;
        position.positionSide = trip.position.side;
        position.direction = trip.direction;
        position.quantity = Quantity::fromRaw(kDecimalOne);
        position.entryPrice = Price::fromRaw(std::max<std::int64_t>(1, trip.notional.raw()));
        position.unrealizedPnl = Money{};
        apply(PositionSet{life, position});
        position.quantity = {};
        apply(PositionSet{life, position});
    }

    void move(std::size_t history, Money by)
    {
        if (!m_equity[history])
            return;
        if (const auto moved = add(*m_equity[history], by))
            tellEquity(history, *moved);
    }

    /// The wallet stays as it is: a change of it without a fill would be held back as a possible transfer.
    void tellEquity(std::size_t history, Money equity)
    {
        m_equity[history] = equity;
        AccountSnapshot totals;
        totals.equity = equity;
        totals.walletBalance = m_wallets.try_emplace(history, equity).first->second;
        totals.venueTime = totals.receivedAt = m_now;
        apply(AccountSet{m_histories[history].account, totals});
    }

    void apply(const RiskFact &fact)
    {
        m_decisions.clear();
        m_engine.apply({m_now, fact}, m_decisions);
        for (const RiskDecision &decision : m_decisions) {
            const Fired *fired = std::get_if<Fired>(&decision);
            if (fired == nullptr || fired->escalated)
                continue;
            for (PastTier &tier : m_report.tiers) {
                if (tier.kind != fired->subject.kind || tier.scope != fired->subject.scope || tier.tier != fired->tier)
                    continue;
                ++tier.times;
                tier.last = m_now;
            }
        }
    }

    const std::vector<History> &m_histories;
    RiskEngine m_engine;
    std::vector<RiskFact> m_starting;
    std::vector<RiskDecision> m_decisions;
    std::vector<std::optional<Money>> m_equity; ///< by history, as last told
    std::vector<UtcTime> m_recordedAt;           ///< the same: when it was recorded
    std::map<std::size_t, Money> m_wallets;
    UtcTime m_now;
    WhatIf m_report;
};

void collect(std::vector<Moment> &moments, const std::vector<History> &histories, std::size_t at, UtcTime from, UtcTime to)
{
    const History &history = histories[at];
    const auto note = [&](UtcTime time, Moment::What what, std::size_t index) {
        if (time >= from && time <= to)
            moments.push_back({time, what, at, index});
    };
    for (std::size_t i = 0; i < history.transfers.size(); ++i)
        note(history.transfers[i].venueTime, Moment::What::Transfer, i);
    for (std::size_t i = 0; i < history.trips.size(); ++i) {
        note(history.trips[i].openedAt, Moment::What::Opened, i);
        note(history.trips[i].closedAt, Moment::What::Trip, i);
    }
    for (std::size_t i = 0; i < history.equity.size(); ++i)
        note(history.equity[i].at, Moment::What::Equity, i);
}
} // namespace

bool isOnRecord(BreakerKind kind)
{
    switch (kind) {
    case BreakerKind::DayLoss:
    case BreakerKind::WeekLoss:
    case BreakerKind::MonthLoss:
    case BreakerKind::Drawdown:
    case BreakerKind::ProfitFloor:
    case BreakerKind::ConsecutiveLosses:
    case BreakerKind::TradesPerDay:
    case BreakerKind::LosingTradesPerDay:
        return true;
    default:
        return false;
    }
}

std::optional<WhatIf> whatIf(const std::vector<History> &histories, const Limits &limits, UtcTime from, UtcTime to)
{
    std::vector<Moment> moments;
    for (std::size_t i = 0; i < histories.size(); ++i)
        collect(moments, histories, i, from, to);
    std::stable_sort(moments.begin(), moments.end(), [](const Moment &a, const Moment &b) {
        return a.at != b.at ? a.at < b.at : a.what < b.what;
    });
    return Replay(histories, limits).run(moments);
}

std::vector<EquitySample> thinned(const std::vector<EquitySample> &samples, Duration step)
{
    std::vector<EquitySample> kept;
    for (std::size_t first = 0; first < samples.size();) {
        const auto bucket = samples[first].at.time_since_epoch() / step;
        std::size_t end = first;
        std::size_t low = first;
        std::size_t high = first;
        for (; end < samples.size() && samples[end].at.time_since_epoch() / step == bucket; ++end) {
            low = samples[end].equity < samples[low].equity ? end : low;
            high = samples[end].equity > samples[high].equity ? end : high;
        }
        for (const std::size_t i : std::set{first, low, high, end - 1})
            kept.push_back(samples[i]);
        first = end;
    }
    return kept;
}

} // namespace core::risk
