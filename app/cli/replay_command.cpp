#include "app/cli/commands.h"
#include "app/cli/replay_why.h"

#include <cstdio>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "app/common/arguments.h"
#include "app/common/exit_status.h"
#include "core/net/system_clock.h"
#include "core/runtime/journal_replay.h"
#include "core/runtime/recording_replay.h"

using namespace Qt::StringLiterals;

namespace app::cli
{

namespace
{
using core::exchange::binance::BookSync;
using core::runtime::JournalReplay;
using core::runtime::RecordingReplay;
using core::runtime::SymbolReplay;

const QString kProgram = u"etrms-cli replay"_s;

[[nodiscard]] QJsonValue levelJson(const std::optional<core::Level> &level)
{
    if (!level)
        return QJsonValue::Null;
    return QJsonArray{QString::fromStdString(level->price.text()), QString::fromStdString(level->quantity.text())};
}

[[nodiscard]] QJsonObject symbolJson(const SymbolReplay &symbol)
{
    return {{u"diffs"_s, qint64(symbol.book.diffs)},
            {u"gaps"_s, qint64(symbol.book.gaps)},
            {u"resyncs"_s, qint64(symbol.book.resyncs)},
            {u"crossed"_s, qint64(symbol.book.crossed)},
            {u"book"_s, QString::fromUtf8(core::name(symbol.bookState))},
            {u"best_bid"_s, levelJson(symbol.bestBid)},
            {u"best_ask"_s, levelJson(symbol.bestAsk)},
            {u"trades"_s, qint64(symbol.trades)},
            {u"volume"_s, QString::fromStdString(symbol.volume.text())},
            {u"quote_volume"_s, QString::fromStdString(symbol.quoteVolume.text())}};
}

[[nodiscard]] qint64 messagesPerSecond(const RecordingReplay &replay)
{
    const auto nanoseconds = std::max<std::int64_t>(replay.took.count(), 1);
    return static_cast<qint64>(static_cast<double>(replay.messages) * 1e9 / static_cast<double>(nanoseconds));
}

[[nodiscard]] QJsonObject replayJson(const RecordingReplay &replay)
{
    const auto total = [&](std::uint64_t BookSync::Counters::*counter) { return qint64(replay.total(counter)); };
    QJsonObject symbols;
    for (const auto &[symbol, found] : replay.symbols)
        symbols.insert(QString::fromStdString(symbol.string()), symbolJson(found));
    // With several symbols there is no one best price: each stands with its symbol.
    const bool one = replay.symbols.size() == 1;
    const auto *only = one ? &replay.symbols.begin()->second : nullptr;
    return {{u"messages"_s, qint64(replay.messages)},
            {u"diffs"_s, total(&BookSync::Counters::diffs)},
            {u"gaps"_s, total(&BookSync::Counters::gaps)},
            {u"resyncs"_s, total(&BookSync::Counters::resyncs)},
            {u"crossed"_s, total(&BookSync::Counters::crossed)},
            {u"best_bid"_s, only ? levelJson(only->bestBid) : QJsonValue::Null},
            {u"best_ask"_s, only ? levelJson(only->bestAsk) : QJsonValue::Null},
            {u"trades"_s, qint64(replay.trades)},
            {u"volume"_s, QString::fromStdString(replay.volume.text())},
            {u"quote_volume"_s, QString::fromStdString(replay.quoteVolume.text())},
            {u"messages_per_second"_s, messagesPerSecond(replay)},
            {u"defects"_s, qint64(replay.defects)},
            {u"symbols"_s, symbols}};
}

void printReplay(const RecordingReplay &replay)
{
    std::printf("%llu messages at %lld per second, %llu trades, volume %s, quote volume %s\n",
                static_cast<unsigned long long>(replay.messages), static_cast<long long>(messagesPerSecond(replay)),
                static_cast<unsigned long long>(replay.trades), replay.volume.text().c_str(),
                replay.quoteVolume.text().c_str());
    for (const auto &[symbol, found] : replay.symbols) {
        const auto side = [](const std::optional<core::Level> &level) {
            return level ? level->quantity.text() + " @ " + level->price.text() : std::string("—");
        };
        std::printf("  %-14s %llu diffs, %llu gaps, %llu resyncs, %llu crossed; book %s, bid %s, ask %s\n",
                    symbol.string().c_str(), static_cast<unsigned long long>(found.book.diffs),
                    static_cast<unsigned long long>(found.book.gaps),
                    static_cast<unsigned long long>(found.book.resyncs),
                    static_cast<unsigned long long>(found.book.crossed),
                    std::string(core::name(found.bookState)).c_str(), side(found.bestBid).c_str(),
                    side(found.bestAsk).c_str());
    }
}

[[nodiscard]] int replayRecording(const QCommandLineParser &parser)
{
    std::optional<core::Symbol> only;
    if (parser.isSet(u"symbol"_s)) {
        const auto symbol = symbolOption(parser, u"symbol"_s);
        if (!symbol) {
            printError(kProgram, symbol.error());
            return Usage;
        }
        only = *symbol;
    }
    std::vector<std::string> files;
    for (const QString &file : parser.values(u"recording"_s))
        files.push_back(file.toStdString());
    const core::net::SystemClock clock;
    const auto replay = core::runtime::replayRecordings(files, only, clock);
    if (!replay) {
        printError(kProgram, replay.error());
        return Failed;
    }
    if (replay->defects > 0)
        printError(kProgram, QString::fromStdString(std::to_string(replay->defects) + (replay->defects == 1 ? " defect: " : " defects; the first: ") + replay->firstDefect));
    if (only && !replay->symbols.contains(*only)) {
        printError(kProgram, u"--symbol: "_s + QString::fromStdString(only->string()) + u" is not in the recording"_s);
        return Failed;
    }
    if (parser.isSet(u"json"_s))
        std::puts(QJsonDocument(replayJson(*replay)).toJson(QJsonDocument::Compact).constData());
    else
        printReplay(*replay);
    return Done;
}

[[nodiscard]] int replayJournalFile(const QCommandLineParser &parser)
{
    std::optional<std::int64_t> session;
    if (parser.isSet(u"session"_s)) {
        const auto number = integerOption(parser, u"session"_s, 1, std::numeric_limits<qint64>::max());
        if (!number) {
            printError(kProgram, number.error());
            return Usage;
        }
        session = *number;
    }
    if (parser.isSet(u"why"_s))
        return explainDecision(parser, session);
    const auto replay = core::runtime::replayJournal(parser.value(u"journal"_s), session);
    if (!replay) {
        printError(kProgram, replay.error());
        return Failed;
    }
    const bool identical = !replay->difference.has_value();
    if (parser.isSet(u"json"_s)) {
        QJsonObject object{{u"session"_s, qint64{replay->session}},
                           {u"inputs"_s, qint64(replay->inputs)},
                           {u"decisions"_s, qint64(replay->decisions)},
                           {u"missing_at_end"_s, qint64(replay->missingAtEnd)},
                           {u"identical"_s, identical}};
        if (!identical)
            object.insert(u"first_difference"_s, qint64{replay->difference->seq});
        std::puts(QJsonDocument(object).toJson(QJsonDocument::Compact).constData());
    } else {
        std::printf("session %lld: %llu inputs, %llu decisions%s\n", static_cast<long long>(replay->session),
                    static_cast<unsigned long long>(replay->inputs),
                    static_cast<unsigned long long>(replay->decisions), identical ? ", byte-identical" : "");
    }
    if (!identical) {
        printError(kProgram, QString::fromStdString("journal row " + std::to_string(replay->difference->seq) +
                                                    " differs: journaled " + replay->difference->journaled +
                                                    " replayed " + replay->difference->replayed));
        return Failed;
    }
    return Done;
}
} // namespace

int runReplay(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"--recording: plays recorded Binance USD-M streams through the decoder and the book as fast as it goes.\n"
        "--journal: applies the journaled inputs of a session to a fresh risk engine; exit status 1 unless every decision is "
        "the same, byte for byte."_s);
    parser.addOption({u"recording"_s, u"A recording, or a folder with one; repeat for files that follow each other."_s,
                      u"FILE"_s});
    parser.addOption({u"symbol"_s, u"Only this symbol of the recording."_s, u"SYMBOL"_s});
    parser.addOption({u"journal"_s, u"A database with a journal."_s, u"DB"_s});
    parser.addOption({u"session"_s, u"Which run of the program (default: the newest with a journal)."_s, u"N"_s});
    parser.addOption({u"why"_s,
                      u"With --journal: the tick, the limit and the numbers behind a decision, and what followed. DECISION is its id or "
                      "that of an order (etr-…)."_s,
                      u"DECISION"_s});
    parser.addOption({u"json"_s, u"Print one JSON line."_s});
    if (const auto status = parseArguments(parser, kProgram, arguments))
        return *status;
    if (!parser.positionalArguments().isEmpty()) {
        printError(kProgram, u"unexpected argument "_s + parser.positionalArguments().first());
        return Usage;
    }
    if (parser.isSet(u"recording"_s) == parser.isSet(u"journal"_s)) {
        printError(kProgram, u"expected either --recording FILE or --journal DB"_s);
        return Usage;
    }
    if (parser.isSet(u"why"_s) && !parser.isSet(u"journal"_s)) {
        printError(kProgram, u"--why: only with --journal DB"_s);
        return Usage;
    }
    return parser.isSet(u"recording"_s) ? replayRecording(parser) : replayJournalFile(parser);
}

} // namespace app::cli
