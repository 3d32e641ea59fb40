#include "app/cli/commands.h"

#include <cstdio>

#include <unistd.h>

#include <QtCore/QDir>

#include "app/common/arguments.h"
#include "app/common/exit_status.h"
#include "core/runtime/drill/drill.h"
#include "core/runtime/drill/journal_file.h"

using namespace Qt::StringLiterals;

namespace app::cli
{

namespace
{
using core::runtime::drill::Drill;
using core::runtime::drill::DrillTotals;
using core::runtime::drill::makePlan;
using core::runtime::drill::runDrill;

const QString kProgram = u"etrms-cli drill"_s;

void printViolations(const Drill &drill)
{
    for (const auto &violation : drill.result.violations)
        std::fprintf(stderr, "seed %llu, %s: %s: %s\n", static_cast<unsigned long long>(drill.result.seed),
                     core::isoMilliseconds(violation.at).c_str(), violation.rule.c_str(), violation.text.c_str());
    for (const std::string &miss : drill.result.misses)
        std::fprintf(stderr, "seed %llu, %s%s: %s\n", static_cast<unsigned long long>(drill.result.seed),
                     std::string(name(drill.result.weather)).c_str(), drill.result.gap ? ", gap" : "", miss.c_str());
}

class ProgressBar
{
public:
    explicit ProgressBar(qint64 total) : m_total(total), m_shown(isatty(STDERR_FILENO) != 0) {}
    void show(qint64 done)
    {
        const qint64 percent = done * 100 / m_total;
        if (!m_shown || percent == m_percent)
            return;
        m_percent = percent;
        const auto filled = static_cast<int>(percent * 40 / 100);
        std::fprintf(stderr, "\r[%-40.*s] %3lld %%", filled, "========================================",
                     static_cast<long long>(percent));
    }
    void end() const
    {
        if (m_shown)
            std::fputs("\r\033[K", stderr);
    }

private:
    qint64 m_total;
    qint64 m_percent{-1};
    bool m_shown;
};

/// False: it could not be written, and standard error says why.
[[nodiscard]] bool keepJournal(const QString &folder, const Drill &drill)
{
    const QString file = u"drill-%1.sqlite"_s.arg(static_cast<qulonglong>(drill.result.seed));
    const auto written = core::runtime::drill::writeJournal(QDir(folder).filePath(file), drill.journal);
    if (!written)
        printError(kProgram, written.error());
    return written.has_value();
}

[[nodiscard]] int trace(std::uint64_t seed)
{
    const Drill drill = runDrill(makePlan(seed), [](core::UtcTime at, const std::string &line) {
        std::printf("%s %s\n", core::isoMilliseconds(at).c_str(), line.c_str());
    });
    printViolations(drill);
    return drill.result.violations.empty() ? Done : Failed;
}
} // namespace

int runDrillCommand(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"Random portfolios on the loopback exchange through crashes, gaps, outages and faults of the venue, in simulated "
        "time, with the program killed in half of them. Exit status 0 only if every promise was kept. The last line is "
        "one JSON object."_s);
    parser.addOption({u"seeds"_s, u"How many drills (default: 500)."_s, u"N"_s, u"500"_s});
    parser.addOption({u"first-seed"_s, u"Seed of the first one (default: 1)."_s, u"S"_s, u"1"_s});
    parser.addOption({u"seed-trace"_s, u"Tell what happens in the drill of this seed, line by line."_s, u"S"_s});
    parser.addOption({u"journal-dir"_s, u"Write the journals of failing drills there, for replay --journal."_s, u"DIR"_s});
    parser.addOption({u"all-journals"_s, u"With --journal-dir: the journals of all drills."_s});
    parser.addOption({u"json"_s, u"Print the JSON line alone."_s});
    if (const auto status = parseArguments(parser, kProgram, arguments))
        return *status;
    if (!parser.positionalArguments().isEmpty()) {
        printError(kProgram, u"unexpected argument "_s + parser.positionalArguments().first());
        return Usage;
    }
    const auto number = [&](const QString &option, qint64 least) {
        return integerOption(parser, option, least, 1'000'000'000);
    };
    if (parser.isSet(u"seed-trace"_s)) {
        const auto seed = number(u"seed-trace"_s, 0);
        if (!seed) {
            printError(kProgram, seed.error());
            return Usage;
        }
        return trace(static_cast<std::uint64_t>(*seed));
    }
    const auto seeds = number(u"seeds"_s, 1);
    const auto first = number(u"first-seed"_s, 0);
    if (!seeds || !first) {
        printError(kProgram, seeds ? first.error() : seeds.error());
        return Usage;
    }
    const QString folder = parser.value(u"journal-dir"_s);
    if (!folder.isEmpty() && !QDir().mkpath(folder)) {
        printError(kProgram, u"--journal-dir: "_s + folder + u" cannot be created"_s);
        return Failed;
    }
    DrillTotals totals;
    ProgressBar bar(*seeds);
    for (qint64 i = 0; i < *seeds; ++i) {
        const Drill drill = runDrill(makePlan(static_cast<std::uint64_t>(*first + i)));
        totals.add(drill.result);
        if (!parser.isSet(u"json"_s) && (!drill.result.violations.empty() || !drill.result.misses.empty())) {
            bar.end();
            printViolations(drill);
        }
        const bool wanted = parser.isSet(u"all-journals"_s) || !drill.result.violations.empty();
        if (!folder.isEmpty() && wanted && !keepJournal(folder, drill))
            return Failed;
        bar.show(i + 1);
    }
    bar.end();
    std::puts(core::runtime::drill::toJson(totals).c_str());
    return totals.violations == 0 ? Done : Failed;
}

} // namespace app::cli
