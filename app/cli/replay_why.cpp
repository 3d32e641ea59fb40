#include "app/cli/replay_why.h"

#include <cstdio>

#include <fmt/format.h>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "app/common/arguments.h"
#include "app/common/exit_status.h"
#include "core/risk/limits.h"
#include "core/runtime/journal_why.h"

using namespace Qt::StringLiterals;

namespace app::cli
{

namespace
{
using core::orders::Verdict;
using core::runtime::DecisionWhy;

const QString kProgram = u"etrms-cli replay"_s;

QString text(std::string_view value) { return QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size())); }
QJsonObject parsed(const std::string &payload) { return QJsonDocument::fromJson(QByteArray::fromStdString(payload)).object(); }

QJsonObject rowJson(const DecisionWhy::Row &row)
{
    return {{u"seq"_s, qint64{row.seq}}, {u"at"_s, text(core::isoMilliseconds(row.at))}, {u"record"_s, parsed(row.payload)}};
}

QJsonObject verdictJson(const Verdict &verdict)
{
    QJsonArray positions;
    for (const Verdict::Target &target : verdict.targets)
        positions.append(QJsonObject{{u"decision"_s, text(target.decisionId)},
                                     {u"instrument"_s, text(target.instrument.symbol.view())},
                                     {u"direction"_s, text(name(target.direction))},
                                     {u"quantity"_s, text(target.quantity.text())},
                                     {u"closing"_s, text(target.closing.text())},
                                     {u"entry"_s, text(target.entryPrice.text())}});
    QJsonObject json{{u"limit"_s, text(core::risk::text(verdict.subject))},
                     {u"tier"_s, text(verdict.tier)},
                     {u"action"_s, text(name(verdict.action))},
                     {u"fire"_s, verdict.fireNumber},
                     {u"arming"_s, text(name(verdict.arming))},
                     {u"acts"_s, verdict.acts},
                     {u"escalated"_s, verdict.escalated},
                     {u"reading"_s, text(verdict.reading.text())},
                     {u"trigger"_s, text(verdict.trigger.text())},
                     {u"positions"_s, positions},
                     {u"text"_s, text(verdict.text)}};
    if (verdict.mark && verdict.markTime) {
        json.insert(u"mark"_s, text(verdict.mark->text()));
        json.insert(u"mark_time"_s, text(core::isoMilliseconds(*verdict.markTime)));
    }
    return json;
}

QJsonObject json(const DecisionWhy &why)
{
    QJsonArray texts;
    for (const std::string &line : why.texts)
        texts.append(text(line));
    QJsonArray rows;
    for (const DecisionWhy::Row &row : why.rows)
        rows.append(rowJson(row));
    QJsonObject object{{u"session"_s, qint64{why.session}},
                       {u"decision"_s, text(why.decision)},
                       {u"tick"_s, rowJson(why.input)},
                       {u"alerts"_s, texts},
                       {u"rows"_s, rows}};
    object.insert(u"rule"_s, why.verdict ? QJsonValue(verdictJson(*why.verdict)) : QJsonValue(QJsonValue::Null));
    return object;
}

void print(const DecisionWhy &why)
{
    fmt::print("decision {} of session {}\n", why.decision, why.session);
    fmt::print("  tick     {}  row {}: {}\n", core::isoMilliseconds(why.input.at), why.input.seq, why.input.payload);
    if (why.verdict) {
        const Verdict &verdict = *why.verdict;
        fmt::print("  rule     {}, tier {}: {} at {} ({}{})\n", core::risk::text(verdict.subject), verdict.tier, name(verdict.action),
                   core::risk::levelText(verdict.subject.kind, verdict.trigger), name(verdict.arming),
                   verdict.escalated ? ", because the action before it had no effect in time" : "");
        fmt::print("  numbers  read {}", core::risk::readingText(verdict.subject.kind, verdict.reading));
        if (verdict.mark && verdict.markTime)
            fmt::print(", mark {} of {}", verdict.mark->text(), core::isoMilliseconds(*verdict.markTime));
        for (const Verdict::Target &target : verdict.targets)
            fmt::print("; {} {} {} from {}, closing {} as {}", target.instrument.symbol.view(), name(target.direction),
                       target.quantity.text(), target.entryPrice.text(), target.closing.text(), target.decisionId);
        fmt::print("\n  said     {}\n", verdict.text);
    } else {
        fmt::print("  rule     no limit: a wish, or the upkeep of what was decided before\n");
    }
    for (const std::string &line : why.texts)
        fmt::print("  alert    {}\n", line);
    for (const DecisionWhy::Row &row : why.rows)
        fmt::print("  row {:<6} {}  {}\n", row.seq, core::isoMilliseconds(row.at), row.payload);
}
} // namespace

int explainDecision(const QCommandLineParser &parser, std::optional<std::int64_t> session)
{
    const auto why = core::runtime::whyDecided(parser.value(u"journal"_s), session, parser.value(u"why"_s).toStdString());
    if (!why) {
        printError(kProgram, why.error());
        return Failed;
    }
    if (parser.isSet(u"json"_s))
        std::puts(QJsonDocument(json(*why)).toJson(QJsonDocument::Compact).constData());
    else
        print(*why);
    return Done;
}

} // namespace app::cli
