#include <array>
#include <map>

#include <QtTest/QTest>
#include <fmt/format.h>
#include <rapidcheck.h>

#include "tests/core/risk/limits_random.h"

namespace risk = core::risk;
using core::Ratio;
using limits_random::Random;
using risk::Limits;

namespace
{
std::vector<std::string> linesOf(const std::string &text)
{
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::string joinedLines(const std::vector<std::string> &lines)
{
    std::string text;
    for (const auto &line : lines)
        text += line + '\n';
    return text;
}

bool isField(const std::string &line) { return !line.empty() && line.front() != '['; }

std::string strip(const std::string &text)
{
    const std::size_t from = text.find_first_not_of(" \t\r");
    return from == std::string::npos ? std::string() : text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

/// What a text plainly says, read by an independent and deliberately naive reader, one "header key" → literal per line.
/// nullopt: it cannot be read without guessing.
std::optional<std::map<std::string, std::string>> plainly(const std::string &text)
{
    std::map<std::string, std::string> values;
    std::string prefix;
    int headers = 0;
    for (std::string line : linesOf(text)) {
        line = strip(line.substr(0, line.find('#')));
        if (line.empty())
            continue;
        if (line.front() == '[') { // plain tables once, the others by their number
            prefix = line.starts_with("[[") ? fmt::format("{}{} ", line, headers++) : line + ' ';
            continue;
        }
        const std::size_t equals = line.find('=');
        if (equals == std::string::npos)
            return std::nullopt;
        if (!values.emplace(prefix + strip(line.substr(0, equals)), strip(line.substr(equals + 1))).second)
            return std::nullopt;
    }
    return values;
}

/// The number of a literal in its smallest unit, and what kind of unit it is.
std::pair<double, std::string> measured(std::string literal)
{
    std::erase(literal, '"');
    const std::size_t space = literal.find(' ');
    const std::string unit = space == std::string::npos ? std::string() : literal.substr(space + 1);
    const auto raw = core::parseDecimal(literal.substr(0, space));
    if (!raw)
        return {0, literal};
    const double number = static_cast<double>(*raw) / 1e8;
    const std::map<std::string, double> times{{"ms", 1}, {"s", 1e3}, {"min", 6e4}, {"h", 3.6e6}};
    const auto it = times.find(unit);
    return it == times.end() ? std::pair{number, unit} : std::pair{number * it->second, std::string("time")};
}

/// True when every value of the accepted limits is what the text says.
bool saysTheSame(const std::string &text, const Limits &limits)
{
    const auto said = plainly(text);
    const auto meant = plainly(risk::toToml(limits));
    if (!said || !meant)
        return false;
    // "fraction = 0 %" of what reduces nothing says nothing.
    for (const auto &[path, literal] : *said) {
        if (!meant->contains(path) && !(path.ends_with(" fraction") && measured(literal).first == 0))
            return false;
    }
    for (const auto &[path, literal] : *meant) {
        const auto it = said->find(path);
        if (it == said->end())
            return false;
        const auto a = measured(it->second);
        const auto b = measured(literal);
        const bool defaultEscalation = literal == "\"default\"" && a.first == 0;
        if (!defaultEscalation && (a.second != b.second || std::abs(a.first - b.first) > 1e-3 * (b.second == "time")))
            return false;
    }
    return true;
}
} // namespace

class TestLimitsText : public QObject
{
    Q_OBJECT

private slots:
    void presetsReadBack()
    {
        for (const Limits &limits : {risk::presetLimits(risk::Preset::Conservative), risk::defaultLimits(),
                                     risk::presetLimits(risk::Preset::PropFirm), risk::defaultGroupLimits()}) {
            const auto back = risk::parseLimits(risk::toToml(limits));
            QVERIFY2(back.has_value(), back ? "" : back.error().detail.c_str());
            QVERIFY(*back == limits);
        }
    }

    void everyValidLimitsReadBack()
    {
        Random random(1);
        for (int i = 0; i < 5'000; ++i) {
            const Limits limits = limits_random::limits(random, 12);
            const auto errors = risk::validate(limits);
            QVERIFY2(errors.empty(), errors.empty() ? "" : (errors[0].field + " " + errors[0].rule).c_str());
            const std::string text = risk::toToml(limits);
            const auto back = risk::parseLimits(text);
            QVERIFY2(back.has_value(), back ? "" : back.error().detail.c_str());
            QVERIFY2(*back == limits, text.c_str());
        }
    }

    void levelsAreWrittenInTheirUnit_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("level");
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char *title, risk::BreakerKind kind, const char *level, const char *text) {
            QTest::newRow(title) << static_cast<int>(kind) << QByteArray(level) << QByteArray(text);
        };
        row("a quarter of the margin", risk::BreakerKind::LossOnMargin, "0.25", "25 %");
        row("a smallest step", risk::BreakerKind::DayLoss, "0.00000001", "0.000001 %");
        row("three times", risk::BreakerKind::EffectiveLeverage, "3", "3 x");
        row("two and a half sigma", risk::BreakerKind::LiquidationSigma, "2.5", "2.5 sigma");
        row("four losses", risk::BreakerKind::ConsecutiveLosses, "4", "4");
        row("an hour and a half", risk::BreakerKind::TimeInPosition, "90", "90 min");
        row("two days", risk::BreakerKind::TimeInPosition, "2880", "48 h");
        row("ten seconds", risk::BreakerKind::DataStale, "0.16666667", "10 s");
        row("no whole second", risk::BreakerKind::DataStale, "0.16666668", "0.16666668 min");
    }
    void levelsAreWrittenInTheirUnit()
    {
        QFETCH(int, kind);
        QFETCH(QByteArray, level);
        QFETCH(QByteArray, text);
        const auto ratio = core::parseFixed<Ratio>(level.toStdString());
        QVERIFY(ratio.has_value());
        QCOMPARE(risk::levelText(static_cast<risk::BreakerKind>(kind), *ratio), text.toStdString());
    }

    void refusesByName_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QByteArray>("named");
        const auto row = [](const char *title, const char *from, const char *to, const char *named) {
            QTest::newRow(title) << QByteArray(from) << QByteArray(to) << QByteArray(named);
        };
        const char *close = "trigger = \"30 %\"";
        row("NaN", close, "trigger = \"nan %\"", "breaker[0].tier[2].trigger");
        row("bare 1e308", close, "trigger = 1e308", "breaker[0].tier[2].trigger");
        row("negative", close, "trigger = \"-30 %\"", "breaker[0].tier[2].trigger: must be above 0 % and at most 1000 %");
        row("a multiple where a share belongs", close, "trigger = \"30 x\"", "breaker[0].tier[2].trigger");
        row("bare number", close, "trigger = 30", "breaker[0].tier[2].trigger");
        row("ten thousand percent", close, "trigger = \"10000 %\"", "breaker[0].tier[2].trigger");
        row("rearm above trigger", "rearm = \"24 %\"", "rearm = \"31 %\"", "breaker[0].tier[2].rearm");
        row("a tier behind a higher one", "trigger = \"22.5 %\"", "trigger = \"31 %\"", "breaker[0].tier[2].trigger");
        row("twice the same id", "id = \"close\"", "id = \"alert\"", "breaker[0].tier[2].id");
        row("a share of leverage", "trigger = \"4 x\"", "trigger = \"400 %\"", "such as \"3 x\"");
        row("half a trade", "trigger = 20", "trigger = \"20 x\"", "must be a whole number");
        row("a count below zero", "trigger = 20", "trigger = -20", "must be a whole number that is not negative");
        row("low is bad: rearm below trigger", "rearm = \"6 %\"", "rearm = \"4 %\"", "must be greater than the trigger");
        row("unknown breaker", "kind = \"day-loss\"", "kind = \"daily-loss\"", ".kind: is not a known breaker");
        row("a scope the kind lacks", "kind = \"drawdown\"\nscope = \"account\"", "kind = \"drawdown\"\nscope = \"symbol\"",
            "of drawdown must be one of account, all-accounts");
        row("the group's scope in an account", "kind = \"drawdown\"\nscope = \"account\"",
            "kind = \"drawdown\"\nscope = \"all-accounts\"", "limits over all accounts");
        row("the same breaker twice", "kind = \"week-loss\"", "kind = \"day-loss\"", "is given twice");
        row("no distance", "atr_multiple = \"3 x\"\n", "", "exactly one of atr_multiple and distance");
        row("two distances", "atr_multiple = \"3 x\"\n", "atr_multiple = \"3 x\"\ndistance = \"2 %\"\n", "exactly one of");
        row("no activation", "activation = \"1 x\"\n", "", "activation: is missing");
        row("an activation that nothing has", "kind = \"day-loss\"\n", "kind = \"day-loss\"\nactivation = \"1 %\"\n",
            "belongs to trailing-stop, giveback and profit-floor only");
        row("cooling-off left out", "cooling_off = \"60 min\"\n", "", "cooling_off: is missing");
        row("escalation left out", "escalate_after = \"default\"\n", "", "escalate_after: is missing");
        row("an alert that locks", "cooling_off = \"none\"", "cooling_off = \"60 min\"", "an alert locks nothing");
        row("a streak that only trading could end",
            "trigger = 5\nrearm = 0\naction = \"block-new-risk\"\nfires_max = 20\nescalate_after = \"default\"\n"
            "cooling_off = \"60 min\"",
            "trigger = 5\nrearm = 0\naction = \"block-new-risk\"\nfires_max = 20\nescalate_after = \"default\"\n"
            "cooling_off = \"none\"",
            "only new trades could end this block");
        row("closing on stale data",
            "trigger = \"30 s\"\nrearm = \"3 s\"\naction = \"block-new-risk\"", "trigger = \"30 s\"\nrearm = \"3 s\"\naction = \"close\"",
            "nothing is closed on stale data");
        row("more than half Kelly", "kelly_fraction = \"50 %\"", "kelly_fraction = \"51 %\"",
            "sizing.kelly_fraction: must be above 0 % and at most 50 %");
        row("dead man left out", "dead_man = \"off\"\n", "", "backstop.dead_man: is missing");
        row("loosening at once", "loosen_after = \"24 h\"", "loosen_after = \"0 s\"", "loosen_after: must be 60 min to 720 h");
        row("lock below warning", "tilt_lock = 80", "tilt_lock = 60", "behaviour.tilt_lock: must be greater than tilt_warn");
        row("unknown table", "[gate]", "[gates]", "unknown table '[gates]'");
        row("a tier of no breaker", "[[breaker]]", "[[breaker.tier]]\n[[breaker]]", "unknown table '[[breaker.tier]]'");
        row("newer schema", "schema = 2", "schema = 3", "schema: 3 is newer than this program");
        row("older schema", "schema = 2", "schema = 1", "unknown table '[[breaker]]'");
    }
    void refusesByName()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QByteArray, named);
        std::string text = risk::toToml(risk::defaultLimits());
        const std::size_t at = text.find(from.toStdString());
        QVERIFY2(at != std::string::npos, text.c_str());
        text.replace(at, static_cast<std::size_t>(from.size()), to.toStdString());
        const auto got = risk::parseLimits(text);
        QVERIFY(!got.has_value());
        QVERIFY2(got.error().detail.find(named.toStdString()) != std::string::npos, got.error().detail.c_str());
    }

    void everyFieldMissingIsNamed()
    {
        const auto lines = linesOf(risk::toToml(risk::defaultLimits()));
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (!isField(lines[i]))
                continue;
            auto fewer = lines;
            fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
            const auto got = risk::parseLimits(joinedLines(fewer));
            QVERIFY2(!got.has_value(), lines[i].c_str());
            const std::string key = lines[i].substr(0, lines[i].find(' '));
            QVERIFY2(got.error().detail.find(key) != std::string::npos, got.error().detail.c_str());
        }
    }

    /// A copy that broke off lacks the tables at its end; it never passes as limits with fewer breakers.
    void aFileThatWasCutOffIsRefused()
    {
        const std::string text = risk::toToml(risk::defaultLimits());
        const std::size_t last = text.rfind("orders_per_minute");
        for (std::size_t size = 0; size < last; ++size)
            QVERIFY2(!risk::parseLimits(text.substr(0, size)).has_value(), text.substr(0, size).c_str());
    }

    /// R22: each kind of structured damage makes the text wrong, so each must be refused.
    void damagedFieldsAreRefused()
    {
        Random random(22);
        for (int i = 0; i < 60'000; ++i) {
            auto lines = linesOf(risk::toToml(limits_random::limits(random, 3)));
            std::size_t at = 0;
            do
                at = random() % lines.size();
            while (!isField(lines[at]));
            const std::string key = lines[at].substr(0, lines[at].find(' '));
            const bool isText = lines[at].ends_with('"');
            switch (random() % 9) {
            case 0: lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at)); break;
            case 1: lines[at] = fmt::format("{} = nan", key); break;
            case 2: lines[at] = fmt::format("{} = 1e308", key); break;
            case 3: lines[at] = fmt::format("{} = -1", key); break;
            case 4: lines[at] = fmt::format("{} = \"-7 %\"", key); break;
            case 5: lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), lines[at]); break;
            case 6: lines[at] = fmt::format("{}_ = 1", key); break;
            case 7: lines[0] = fmt::format("schema = {}", random() % 2 == 0 ? random() % 2 : 3 + random() % 100); break;
            case 8: // the unit is gone, or one appears
                lines[at] = isText ? fmt::format("{} = {}", key, 7) : fmt::format("{} = \"7 parsec\"", key);
                break;
            }
            const auto got = risk::parseLimits(joinedLines(lines));
            QVERIFY2(!got.has_value(), joinedLines(lines).c_str());
            QVERIFY(!got.error().detail.empty());
        }
    }

    /// R22: random bytes inside a valid text: either refused, or the limits hold exactly what the text plainly says. Nothing is
    /// filled in, clamped or guessed, so no limit can become looser than a reader sees.
    void randomDamageNeverLoosens()
    {
        Random random(7);
        static constexpr std::string_view kBytes = "0123456789.%\"=[]#-+eE_ \tsmnahxiftrue\n\\,";
        int accepted = 0;
        for (int i = 0; i < 60'000; ++i) {
            std::string text = risk::toToml(limits_random::limits(random, 3));
            for (std::size_t edits = 1 + random() % 3; edits > 0; --edits) {
                const std::size_t at = random() % text.size();
                const char byte =
                    random() % 8 == 0 ? static_cast<char>(random() & 0xff) : kBytes[random() % kBytes.size()];
                switch (random() % 4) {
                case 0: text[at] = byte; break;
                case 1: text.insert(at, 1, byte); break;
                case 2: text.erase(at, 1 + random() % 4); break;
                case 3: text.insert(at, text.substr(random() % text.size(), random() % 60)); break;
                }
                if (text.empty())
                    text.assign(1, 'x');
            }
            const auto got = risk::parseLimits(text);
            if (!got) {
                QVERIFY(!got.error().detail.empty());
                continue;
            }
            ++accepted;
            QVERIFY(risk::validate(*got).empty());
            QVERIFY2(saysTheSame(text, *got), (text + "\n--- read as ---\n" + risk::toToml(*got)).c_str());
        }
        QVERIFY(accepted > 1'000); // digits do get changed into other valid digits; the check above was reached
    }

    void anyBytesGiveAnAnswer()
    {
        QVERIFY(rc::check("parse never crashes", [](const std::string &text) {
            const auto got = risk::parseLimits(text);
            RC_ASSERT(!got.has_value());
        }));
    }

    // ---- schema 1 ----

    void takesOverTheOldFile()
    {
        const std::string old = "schema = 1\nmark_stale_after = \"2 s\"\naccount_stale_after = \"45 s\"\n"
                                "close_slippage_first = \"0.4 %\"\nclose_slippage_second = \"1 %\"\n"
                                "[position_loss]\nenabled = false\n[[position_loss.tiers]]\nid = \"half\"\n"
                                "trigger = \"12 %\"\nrearm = \"8 %\"\naction = \"reduce\"\nfraction = \"25 %\"\n"
                                "fires_max = 2\n";
        const auto got = risk::parseLimits(old);
        QVERIFY2(got.has_value(), got ? "" : got.error().detail.c_str());
        const risk::Breaker *loss = risk::find(*got, risk::BreakerKind::LossOnMargin, risk::Scope::Position);
        QVERIFY(loss != nullptr);
        QVERIFY(!loss->enabled);
        QCOMPARE(loss->tiers.size(), std::size_t{1});
        QCOMPARE(loss->tiers[0].id, std::string("half"));
        QVERIFY(loss->tiers[0].action == risk::TierAction::Reduce);
        QCOMPARE(loss->tiers[0].fraction.text(), std::string("0.25"));
        QCOMPARE(loss->tiers[0].firesMax, 2);
        QVERIFY(got->markStaleAfter == std::chrono::seconds{2});
        QVERIFY(got->accountStaleAfter == std::chrono::seconds{45});
        QCOMPARE(got->closeSlippageSecond.text(), std::string("0.01"));
        // Everything else is the Standard preset.
        const Limits standard = risk::defaultLimits();
        QCOMPARE(got->breakers.size(), standard.breakers.size());
        QVERIFY(got->sizing == standard.sizing && got->gate == standard.gate && got->backstop == standard.backstop);
        QVERIFY(*risk::find(*got, risk::BreakerKind::DayLoss, risk::Scope::Account) ==
                *risk::find(standard, risk::BreakerKind::DayLoss, risk::Scope::Account));
        const auto again = risk::parseLimits(risk::toToml(*got));
        QVERIFY(again.has_value() && *again == *got);
    }

    void theOldFilesErrorsNameItsOwnFields()
    {
        const std::string old = "schema = 1\nmark_stale_after = \"2 s\"\naccount_stale_after = \"45 s\"\n"
                                "close_slippage_first = \"0.4 %\"\nclose_slippage_second = \"1 %\"\n"
                                "[position_loss]\nenabled = true\n[[position_loss.tiers]]\nid = \"half\"\n"
                                "trigger = \"12 %\"\nrearm = \"13 %\"\naction = \"close\"\nfires_max = 2\n";
        const auto got = risk::parseLimits(old);
        QVERIFY(!got.has_value());
        QCOMPARE(got.error().detail, std::string("position_loss.tiers[0].rearm: must be less than the trigger"));
    }

    // ---- single values ----

    void oneValueIsReplaced_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("answer"); // empty: taken
        const auto row = [](const char *title, const char *path, const char *value, const char *answer) {
            QTest::newRow(title) << QByteArray(path) << QByteArray(value) << QByteArray(answer);
        };
        row("a level", "breaker[0].tier[2].trigger", "28 %", "");
        row("a flag", "breaker[2].enabled", "true", "");
        row("a count", "gate.orders_per_second", "3", "");
        row("a word", "behaviour.revenge", "enforced", "");
        row("a time", "mark_stale_after", "2 s", "");
        row("a timer is set", "backstop.dead_man", "60 s", "");
        row("another distance needs the old one gone", "breaker[2].distance", "2 %",
            "breaker[2].distance: exactly one of atr_multiple and distance must be given");
        row("no such field", "mark_stale", "2 s", "mark_stale: is not a known field");
        row("no such tier", "breaker[0].tier[3].trigger", "28 %",
            "breaker[0].tier[3].trigger: is not a known field");
        row("no unit", "breaker[0].tier[2].trigger", "28",
            "breaker[0].tier[2].trigger: must be a text with its unit, such as \"30 %\"");
        row("out of its walls", "gate.orders_per_second", "0", "gate.orders_per_second: must be 1 to 50");
    }
    void oneValueIsReplaced()
    {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, answer);
        const Limits before = risk::defaultLimits();
        const auto after = risk::withValues(before, {{path.toStdString(), value.toStdString()}});
        if (!answer.isEmpty()) {
            QVERIFY(!after.has_value());
            QCOMPARE(after.error().detail, answer.toStdString());
            return;
        }
        QVERIFY2(after.has_value(), after ? "" : after.error().detail.c_str());
        const auto changes = risk::changes(before, *after);
        QCOMPARE(changes.size(), std::size_t{1});
        QCOMPARE(changes[0].field, path.toStdString());
        QCOMPARE(changes[0].to, value.toStdString());
    }

    void aDistanceTakesTheOthersPlace()
    {
        const auto after = risk::withValues(
            risk::defaultLimits(),
            {{"breaker[2].atr_multiple", "none"}, {"breaker[2].distance", "2 %"}, {"breaker[2].activation", "1 %"}});
        QVERIFY2(after.has_value(), after ? "" : after.error().detail.c_str());
        QVERIFY(!after->breakers[2].atrMultiple);
        QCOMPARE(after->breakers[2].distance->text(), std::string("0.02"));
    }
};

QTEST_APPLESS_MAIN(TestLimitsText)
#include "tst_limits_text.moc"
