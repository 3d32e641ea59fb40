#include "tests/integration/fault_drill.h"

#include <algorithm>
#include <map>

#include <QtTest/QTest>

#include <fmt/format.h>

#include "core/net/system_clock.h"

namespace tests
{

using namespace core;
using namespace std::chrono_literals;

namespace
{
constexpr int kAttemptsMax = 400;
constexpr Duration kPause = 60ms;       ///< between two attempts
constexpr Duration kCancelAgain = 250ms;

/// One thing that is wanted until it is so.
struct Intent {
    std::string name;
    Side side{Side::Buy};
    std::string quantity;
    ReduceOnly reduceOnly{ReduceOnly::No};
    std::vector<std::string> ids{}; ///< of the attempts
    std::size_t outcomesSeen{0};
    Duration sentAt{0};
    int sends{0};
    bool isDone{false};
};

class Drill
{
public:
    Drill(DrillSubject &subject, const DrillRow &row) : m_subject(subject), m_row(row) {}

    std::string run()
    {
        if (!prepare())
            return "the orders before the fault did not go through";
        const UtcTime began = m_subject.venueNow();
        venue::FaultPlan plan{.seed = 1, .rules = m_row.rules};
        for (venue::FaultRule &rule : plan.rules)
            rule.until = m_row.faultFor;
        if (const auto set = m_subject.setFaults(plan); !set)
            return set.error().detail;
        m_intents = {{.name = "entry", .side = Side::Buy, .quantity = "0.01"},
                     {.name = "reduce", .side = Side::Sell, .quantity = "0.01", .reduceOnly = ReduceOnly::Yes}};
        m_cancelAt = Duration{-1h};
        const Duration start = m_clock.monotonic();
        const bool settled = QTest::qWaitFor(
            [&] {
                press();
                return m_clock.monotonic() - start > m_row.faultFor && m_cancelDone &&
                       std::all_of(m_intents.begin(), m_intents.end(), [](const Intent &i) { return i.isDone; });
            },
            25'000);
        if (!settled)
            return "no fate: " + openText();
        const UtcTime served = protectiveServedAt();
        if (const auto cleared = m_subject.setFaults({}); !cleared)
            return cleared.error().detail;
        std::string wrong = whatIsWrongAfterwards();
        const Duration waited = served - began - skew();
        qInfo("protective requests executed after %lld ms (bound %lld), %llu requests",
              static_cast<long long>(waited / 1ms), static_cast<long long>(m_row.protectiveBy / 1ms),
              static_cast<unsigned long long>(m_subject.counters().requests()));
        if (wrong.empty() && waited > m_row.protectiveBy)
            wrong = fmt::format("protective requests waited {} ms", waited / 1ms);
        return wrong;
    }

private:
    [[nodiscard]] std::string whatIsWrongAfterwards()
    {
        std::string wrong;
        // A dead line counts as fresh until its silence is noticed: only the books together say that all is well.
        for (const Duration since = m_clock.monotonic(); m_clock.monotonic() - since < 15s;) {
            (void)QTest::qWaitFor([&] { return (wrong = compare()).empty(); }, 15'000);
            if (wrong.empty() && m_subject.booksAgree())
                break;
            if (wrong.empty())
                wrong = "the books differ";
        }
        if (wrong.empty() && m_subject.crossedWhileFresh() != 0)
            wrong = "a crossed book was called fresh";
        return wrong;
    }

    /// The venue's stamps carry the skew of the fault while it lasts.
    [[nodiscard]] Duration skew() const
    {
        for (const venue::FaultRule &rule : m_row.rules)
            if (rule.kind == venue::FaultKind::ClockSkew)
                return rule.length;
        return Duration{0};
    }

    [[nodiscard]] bool prepare()
    {
        m_subject.submit(m_subject.resting("stays"));
        m_subject.submit(m_subject.resting("goes"));
        m_subject.submit(m_subject.order("before", Side::Buy, "0.03", ReduceOnly::No));
        return QTest::qWaitFor(
            [&] {
                const auto filled = m_subject.atClient("before");
                return filled && filled->status == OrderStatus::Filled && m_subject.atClient("stays") &&
                       m_subject.atClient("goes") && m_subject.positionAtClient() == m_subject.positionAtVenue();
            },
            8'000);
    }

    void press()
    {
        const Duration now = m_clock.monotonic();
        for (Intent &intent : m_intents)
            if (!intent.isDone && now - intent.sentAt >= kPause && intent.sends < kAttemptsMax)
                pressOne(intent, now);
        const auto gone = m_subject.atClient("goes");
        m_cancelDone = gone && gone->status != OrderStatus::New && gone->status != OrderStatus::PartiallyFilled;
        if (!m_cancelDone && now - m_cancelAt >= kCancelAgain) {
            m_cancelAt = now;
            m_subject.cancel("goes");
        }
    }

    void pressOne(Intent &intent, Duration now)
    {
        if (!intent.ids.empty()) {
            const std::string &id = intent.ids.back();
            if (const auto known = m_subject.atClient(id);
                known && known->status != OrderStatus::New && known->status != OrderStatus::PartiallyFilled &&
                known->status != OrderStatus::Rejected) {
                intent.isDone = true;
                return;
            }
            const auto outcomes = m_subject.outcomes(id);
            const bool isRefused = outcomes.size() > intent.outcomesSeen && outcomes.back() == RequestOutcome::Rejected;
            if (!isRefused && !m_subject.isAbsent(id))
                return; // on its way, or being asked for
            if (intent.reduceOnly == ReduceOnly::Yes && m_subject.positionAtVenue() == 0) {
                intent.isDone = true; // the venue took the position away: there is nothing to reduce
                return;
            }
        }
        const std::string id = fmt::format("{}-{}", intent.name, intent.ids.size() + 1);
        intent.ids.push_back(id);
        intent.outcomesSeen = m_subject.outcomes(id).size();
        intent.sentAt = now;
        ++intent.sends;
        m_subject.submit(m_subject.order(id, intent.side, intent.quantity, intent.reduceOnly));
    }

    [[nodiscard]] std::string openText() const
    {
        std::string text = m_cancelDone ? "" : "the cancel; ";
        for (const Intent &intent : m_intents)
            if (!intent.isDone)
                text += fmt::format("{} after {} attempts; ", intent.name, intent.sends);
        return text;
    }

    /// When the last of the two was executed.
    [[nodiscard]] UtcTime protectiveServedAt() const
    {
        UtcTime at{};
        if (const auto gone = m_subject.atVenue("goes"))
            at = gone->updatedAt;
        for (const std::string &id : m_intents[1].ids)
            if (const auto order = m_subject.atVenue(id))
                at = std::max(at, order->createdAt);
        return at;
    }

    [[nodiscard]] std::string compare() const
    {
        std::vector<std::string> ids{"stays", "goes", "before"};
        for (const Intent &intent : m_intents)
            ids.insert(ids.end(), intent.ids.begin(), intent.ids.end());
        for (const std::string &id : ids) {
            const auto venue = m_subject.atVenue(id);
            const auto client = m_subject.atClient(id);
            if (!venue) {
                if (client && client->status != OrderStatus::Rejected)
                    return id + " is not at the venue";
                continue;
            }
            if (!client && venue->status == OrderStatus::Rejected)
                continue; // its refusal was the answer
            if (!client)
                return id + " is not known to the client";
            if (client->status != venue->status || client->filled != venue->filled)
                return fmt::format("{}: status {} at the venue, {} at the client; filled {} and {}", id,
                                   static_cast<int>(venue->status), static_cast<int>(client->status),
                                   venue->filled.text(), client->filled.text());
        }
        if (m_subject.positionAtClient() != m_subject.positionAtVenue())
            return fmt::format("position {} at the venue, {} at the client", m_subject.positionAtVenue(),
                               m_subject.positionAtClient().value_or(-1));
        return m_subject.complaint();
    }

    DrillSubject &m_subject;
    const DrillRow &m_row;
    net::SystemClock m_clock;
    std::vector<Intent> m_intents;
    Duration m_cancelAt{0};
    bool m_cancelDone{false};
};
} // namespace

std::string runDrill(DrillSubject &subject, const DrillRow &row)
{
    return Drill(subject, row).run();
}

void addFaultRows(const std::vector<NamedFault> &ofTheVenue)
{
    using core::venue::FaultChannel;
    using core::venue::FaultKind;
    const auto orders = FaultChannel::Order;
    const auto wire = FaultChannel::WebSocket;
    const auto privately = FaultChannel::Private;
    std::vector<NamedFault> all{
        {"answers later than the time-out", {.kind = FaultKind::Delay, .channel = orders, .length = 700ms}},
        {"requests lost", {.kind = FaultKind::LoseRequest, .channel = orders, .every = 2}},
        {"answers lost after execution", {.kind = FaultKind::LoseReply, .channel = orders}},
        {"reset in the middle of an answer", {.kind = FaultKind::CutReply, .channel = orders}},
        {"no answer, line open", {.kind = FaultKind::NoReply, .channel = orders}},
        {"429 with Retry-After", {.kind = FaultKind::Limited, .channel = FaultChannel::Rest, .length = 1s}},
        {"502 with HTML, again and again", {.kind = FaultKind::BadGateway, .channel = FaultChannel::Rest}},
        {"part of each order fills", {.kind = FaultKind::PartialFills, .share = core::Ratio::fromRaw(40'000'000)}},
        {"account events lost", {.kind = FaultKind::DropFrames, .channel = privately}},
        {"account events late", {.kind = FaultKind::DelayFrames, .channel = privately, .length = 400ms}},
        {"account events out of order", {.kind = FaultKind::ReorderFrames, .channel = privately}},
        {"everything twice", {.kind = FaultKind::DuplicateFrames, .channel = wire}},
        {"frames out of order", {.kind = FaultKind::ReorderFrames, .channel = wire, .every = 3}},
        {"frames late", {.kind = FaultKind::DelayFrames, .channel = wire, .length = 300ms}},
        {"reset in the middle of a frame", {.kind = FaultKind::CutFrame, .channel = wire, .numbers = {4, 9, 30}}},
        {"half-open, no end", {.kind = FaultKind::HalfOpen, .channel = wire}, 800ms},
        {"deleveraged", {.kind = FaultKind::Deleveraging, .from = 100ms}},
    };
    all.insert(all.end(), ofTheVenue.begin(), ofTheVenue.end());
    QTest::addColumn<DrillRow>("row");
    for (const NamedFault &fault : all)
        QTest::newRow(fault.name)
            << DrillRow{.rules = {fault.rule}, .faultFor = fault.faultFor, .protectiveBy = fault.faultFor + fault.grace};
}

} // namespace tests
