// The end of a soak: one line of JSON, and what differs in words.
#include "tests/soak/soak.h"

#include <cstdio>

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include <fmt/format.h>

#include "tests/soak/figures.h"

namespace tests::soak
{

using namespace core;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace
{
constexpr std::size_t kListedMost = 40;
/// What the client remembers on purpose fills up by then.
constexpr double kWarmShare = 0.25;
constexpr double kLateShare = 0.75;
constexpr double kGrowthMostKb = 2'048;
constexpr int kDescriptorsMore = 3; ///< a replacement of each line may stand beside the old one

[[nodiscard]] double secondsOf(Duration duration)
{
    return std::chrono::duration<double>(duration).count();
}

[[nodiscard]] qint64 millisecondsOf(Duration duration)
{
    return duration / 1ms;
}

[[nodiscard]] QString text(std::string_view value)
{
    return QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size()));
}
} // namespace

/// False when something was lost, or the client claimed to know what it did not.
bool Soak::printSide(const Side &side, QJsonObject &json) const
{
    const Disagreement &wrong = side.last;
    for (const auto *list : {&wrong.orders, &wrong.fills, &wrong.positions, &wrong.books})
        for (std::size_t i = 0; i < list->size() && i < kListedMost; ++i)
            say(fmt::format("{}: {}", name(side.trader->venue()), (*list)[i]));
    std::map<std::string_view, int> faults;
    for (const venue::FaultRule &rule : side.plan.rules)
        ++faults[venue::name(rule.kind)];
    QJsonObject byKind;
    for (const auto &[kind, count] : faults)
        byKind.insert(text(kind), count);
    const TraderFigures &seen = side.trader->figures;
    const WorkloadFigures &asked = side.workload->figures();
    const auto number = [](auto value) { return static_cast<qint64>(value); };
    json.insert(text(name(side.trader->venue())),
                QJsonObject{{u"books"_s, number(side.symbols.size())},
                            {u"messages"_s, number(seen.messages)},
                            {u"orders"_s, number(asked.orders)},
                            {u"changes"_s, number(asked.changes)},
                            {u"cancels"_s, number(asked.cancels)},
                            {u"cancel_alls"_s, number(asked.cancelAlls)},
                            {u"leverages"_s, number(asked.leverages)},
                            {u"answered"_s, number(asked.answered)},
                            {u"denied"_s, number(asked.denied)},
                            {u"fills"_s, number(side.trader->fills.size())},
                            {u"orders_unaccounted"_s, number(wrong.orders.size())},
                            {u"fills_missing"_s, number(wrong.fills.size())},
                            {u"positions_differ"_s, number(wrong.positions.size())},
                            {u"books_differ"_s, number(wrong.books.size())},
                            {u"sure_at_end"_s, side.trader->isSure()},
                            {u"overconfident"_s, number(side.overconfident)},
                            {u"outcomes_unknown"_s, number(seen.unknownOutcomes)},
                            {u"outcomes_refused"_s, number(seen.refusedOutcomes)},
                            {u"absent"_s, number(seen.absent)},
                            {u"differences_mended"_s, number(seen.differences)},
                            {u"reconciliations"_s, number(seen.reconciled)},
                            {u"crossed_while_fresh"_s, number(seen.crossedWhileFresh)},
                            {u"reconnects"_s, number(side.trader->reconnects())},
                            {u"max_gap_ms"_s, millisecondsOf(seen.silenceMost)},
                            {u"max_unreconciled_ms"_s, millisecondsOf(seen.untrustedMost)},
                            {u"max_doubt_ms"_s, millisecondsOf(seen.doubtedMost)},
                            {u"faults"_s, byKind}});
    return wrong.isEmpty() && side.trader->isSure() && seen.crossedWhileFresh == 0 && side.overconfident == 0;
}

/// Of the clients alone: the exchanges are another process, and what the harness keeps is taken off. The floor counts: what
/// waits for a snapshot comes and goes.
bool Soak::printMemory(QJsonObject &json) const
{
    const double span = m_options.minutes * 60;
    std::vector<std::pair<double, double>> heap;
    for (const Sample &sample : m_samples)
        heap.emplace_back(secondsOf(sample.at - m_startedAt), static_cast<double>(sample.heapKb));
    const double warm = leastBetween(heap, span * kWarmShare, span / 2);
    const double late = leastBetween(heap, span * kLateShare, span * 2);
    const bool isFlat = late - warm <= kGrowthMostKb;
    const int descriptors = openDescriptors(); // now, when every line stands again
    const int more = descriptors - m_samples.front().descriptors;
    if (!isFlat)
        say(fmt::format("memory: {:.0f} KB in use after warm-up, {:.0f} KB at the end", warm, late));
    if (more > kDescriptorsMore)
        say(fmt::format("descriptors: {} more at the end", more));
    json.insert(u"heap_start_kb"_s, static_cast<qint64>(m_samples.front().heapKb));
    json.insert(u"heap_warm_kb"_s, warm);
    json.insert(u"heap_late_kb"_s, late);
    json.insert(u"heap_slope_mb_per_hour"_s, slopePerHour(heap) / 1'024);
    json.insert(u"harness_kb"_s, static_cast<qint64>(keptBytes / 1'024));
    json.insert(u"rss_start_kb"_s, static_cast<qint64>(m_samples.front().residentKb));
    json.insert(u"rss_end_kb"_s, static_cast<qint64>(m_samples.back().residentKb));
    json.insert(u"descriptors_start"_s, m_samples.front().descriptors);
    json.insert(u"descriptors_end"_s, descriptors);
    json.insert(u"venues_rss_end_kb"_s, static_cast<qint64>(m_venueKb.empty() ? 0 : m_venueKb.back()));
    return isFlat && more <= kDescriptorsMore;
}

int Soak::printEnd() const
{
    QJsonObject json{{u"seed"_s, static_cast<qint64>(m_options.setup.seed)},
                     {u"minutes"_s, m_options.minutes},
                     {u"symbols"_s, m_options.setup.symbols},
                     {u"quiet_s"_s, secondsOf(m_clock.monotonic() - m_calmAt)}};
    bool good = printMemory(json);
    for (const Side &side : m_sides)
        good = printSide(side, json) && good;
    json.insert(u"ok"_s, good);
    std::puts(QJsonDocument(json).toJson(QJsonDocument::Compact).constData());
    return good ? 0 : 1;
}

} // namespace tests::soak
