#include "core/risk/config.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <random>

#include <QtTest/QTest>
#include <fmt/format.h>
#include <rapidcheck.h>

using core::Ratio;
using core::risk::RiskConfig;
using core::risk::LossTier;
using core::risk::LossAction;

namespace
{
using Random = std::mt19937_64;

std::size_t below(Random &random, std::size_t bound) { return static_cast<std::size_t>(random() % bound); }

std::vector<std::string> linesOf(const std::string &text)
{
    std::vector<std::string> lines;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = text.find('\n', at);
        lines.push_back(text.substr(at, end - at));
        if (end == std::string::npos)
            break;
        at = end + 1;
    }
    return lines;
}

std::string joined(const std::vector<std::string> &lines)
{
    std::string text;
    for (const auto &line : lines)
        text += line + '\n';
    return text;
}

/// A random valid configuration.
RiskConfig randomConfig(Random &random)
{
    RiskConfig config = core::risk::defaultRiskConfig();
    config.positionLoss.enabled = random() % 4 != 0;
    config.markStaleAfter = std::chrono::milliseconds{500 + below(random, 29'501)};
    config.accountStaleAfter = std::chrono::milliseconds{5'000 + below(random, 295'001)};
    config.closeSlippageFirst = Ratio::fromRaw(1 + static_cast<std::int64_t>(below(random, 5'000'000)));
    config.closeSlippageSecond =
        Ratio::fromRaw(config.closeSlippageFirst.raw() + static_cast<std::int64_t>(below(random, 5'000'000)));
    config.positionLoss.tiers.clear();
    std::int64_t trigger = 0;
    const std::size_t count = 1 + below(random, 5);
    for (std::size_t i = 0; i < count; ++i) {
        trigger += 1 + static_cast<std::int64_t>(below(random, 100'000'000));
        LossTier tier;
        tier.id = fmt::format("t{}", i);
        tier.trigger = Ratio::fromRaw(trigger);
        tier.rearm =
            Ratio::fromRaw(static_cast<std::int64_t>(below(random, static_cast<std::size_t>(trigger))));
        tier.action = static_cast<LossAction>(below(random, 3));
        if (tier.action == LossAction::ReducePosition)
            tier.fraction = Ratio::fromRaw(1 + static_cast<std::int64_t>(below(random, 99'999'998)));
        tier.firesMax = 1 + static_cast<int>(below(random, 100));
        config.positionLoss.tiers.push_back(tier);
    }
    return config;
}

/// What a text plainly says, read by an independent and deliberately naive reader: "path" → literal. nullopt:
/// it cannot be read without guessing.
std::optional<std::map<std::string, std::string>> plainly(const std::string &text)
{
    std::map<std::string, std::string> values;
    std::string prefix;
    int tiers = 0;
    for (std::string line : linesOf(text)) {
        if (line.find('#') != std::string::npos)
            line = line.substr(0, line.find('#'));
        const auto strip = [](std::string s) {
            const std::size_t from = s.find_first_not_of(" \t\r");
            return from == std::string::npos ? std::string()
                                             : s.substr(from, s.find_last_not_of(" \t\r") - from + 1);
        };
        line = strip(line);
        if (line.empty())
            continue;
        if (line.front() == '[') {
            prefix = line == "[position_loss]" ? "position_loss." : fmt::format("tier{}.", tiers++);
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

/// True when every value of the accepted configuration is what the text says.
bool saysTheSame(const std::string &text, const RiskConfig &config)
{
    const auto said = plainly(text);
    const auto meant = plainly(core::risk::toToml(config));
    if (!said || !meant || said->size() != meant->size())
        return false;
    for (const auto &[path, literal] : *meant) {
        const auto it = said->find(path);
        if (it == said->end())
            return false;
        if (it->second == literal)
            continue;
        // "3000 ms" and "3 s", "5.0 %" and "5 %" are the same value; compare the numbers.
        const auto number = [](std::string value) -> double {
            value.erase(std::remove(value.begin(), value.end(), '"'), value.end());
            const double scale = value.ends_with(" s") ? 1000.0 : 1.0;
            double parsed = 0;
            std::from_chars(value.data(), value.data() + value.size(), parsed);
            return parsed * scale;
        };
        const bool sameUnit = it->second.ends_with(" %\"") == literal.ends_with(" %\"");
        if (!sameUnit || std::abs(number(it->second) - number(literal)) > 1e-9)
            return false;
    }
    return true;
}
} // namespace

class TestConfig : public QObject
{
    Q_OBJECT

private slots:
    void theDefaultIsValidAndReadsBack()
    {
        const RiskConfig config = core::risk::defaultRiskConfig();
        QVERIFY(core::risk::validate(config).empty());
        const auto back = core::risk::parseRiskConfig(core::risk::toToml(config));
        QVERIFY2(back.has_value(), back ? "" : back.error().detail.c_str());
        QVERIFY(*back == config);
        QCOMPARE(config.positionLoss.tiers.at(2).trigger.text(), std::string("0.3"));
        QCOMPARE(config.positionLoss.tiers.at(1).fraction.text(), std::string("0.5"));
    }

    void everyValidConfigReadsBack()
    {
        Random random(1);
        for (int i = 0; i < 5'000; ++i) {
            const RiskConfig config = randomConfig(random);
            const auto errors = core::risk::validate(config);
            QVERIFY2(errors.empty(), errors.empty() ? "" : (errors[0].field + " " + errors[0].rule).c_str());
            const auto back = core::risk::parseRiskConfig(core::risk::toToml(config));
            QVERIFY2(back.has_value(), back ? "" : back.error().detail.c_str());
            QVERIFY(*back == config);
        }
    }

    void refusesByName_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QByteArray>("named");
        const auto row = [](const char *title, const char *from, const char *to, const char *named) {
            QTest::newRow(title) << QByteArray(from) << QByteArray(to) << QByteArray(named);
        };
        row("NaN", "trigger = \"30 %\"", "trigger = \"nan %\"", "position_loss.tiers[2].trigger");
        row("bare nan", "trigger = \"30 %\"", "trigger = nan", "position_loss.tiers[2].trigger");
        row("1e308", "trigger = \"30 %\"", "trigger = \"1e308 %\"", "position_loss.tiers[2].trigger");
        row("bare 1e308", "trigger = \"30 %\"", "trigger = 1e308", "position_loss.tiers[2].trigger");
        row("400 digits", "trigger = \"30 %\"",
            fmt::format("trigger = \"{} %\"", std::string(300, '9')).c_str(),
            "position_loss.tiers[2].trigger");
        row("negative", "trigger = \"30 %\"", "trigger = \"-30 %\"", "position_loss.tiers[2].trigger");
        row("no unit", "trigger = \"30 %\"", "trigger = \"30\"", "position_loss.tiers[2].trigger");
        row("bare number", "trigger = \"30 %\"", "trigger = 30", "position_loss.tiers[2].trigger");
        row("bare fraction", "trigger = \"30 %\"", "trigger = 0.30", "position_loss.tiers[2].trigger");
        row("comma", "trigger = \"30 %\"", "trigger = \"30,0 %\"", "position_loss.tiers[2].trigger");
        row("wrong unit of time", "\"3 s\"", "\"3 min\"", "mark_stale_after");
        row("bare time", "\"3 s\"", "3000", "mark_stale_after");
        row("too long a time", "\"3 s\"", "\"31 s\"", "mark_stale_after");
        row("negative time", "\"3 s\"", "\"-3 s\"", "mark_stale_after");
        row("missing", "close_slippage_first = \"0.5 %\"\n", "", "close_slippage_first: is missing");
        row("missing table", "[position_loss]\nenabled = true\n", "", "position_loss: is missing");
        row("duplicate", "enabled = true", "enabled = true\nenabled = true",
            "position_loss.enabled: is given twice");
        row("unknown", "enabled = true", "enabled = true\nenabledd = true",
            "position_loss.enabledd: is not a known field");
        row("unknown table", "[position_loss]", "[drawdown]\nx = 1\n[position_loss]",
            "unknown table '[drawdown]'");
        row("older schema", "schema = 1", "schema = 0", "schema");
        row("newer schema", "schema = 1", "schema = 2", "schema: 2 was written by a newer program");
        row("schema as text", "schema = 1", "schema = \"1\"", "schema");
        row("enabled as text", "enabled = true", "enabled = \"true\"", "position_loss.enabled");
        row("rearm above trigger", "rearm = \"24 %\"", "rearm = \"30 %\"", "position_loss.tiers[2].rearm");
        row("tiers descend", "trigger = \"22.5 %\"", "trigger = \"31 %\"", "position_loss.tiers[2].trigger");
        row("twice the same id", "id = \"close\"", "id = \"alert\"", "position_loss.tiers[2].id");
        row("fraction of a close", "action = \"close\"", "action = \"close\"\nfraction = \"50 %\"",
            "position_loss.tiers[2].fraction");
        row("reduce without fraction", "fraction = \"50 %\"\n", "",
            "position_loss.tiers[1].fraction: is missing");
        row("all of it is not a reduction", "\"50 %\"", "\"100 %\"", "position_loss.tiers[1].fraction");
        row("no fires", "fires_max = 20", "fires_max = 0", "position_loss.tiers[0].fires_max");
        row("unknown action", "action = \"close\"", "action = \"hedge\"", "position_loss.tiers[2].action");
        row("seventh place", "\"0.5 %\"", "\"0.5000001 %\"", "close_slippage_first");
    }
    void refusesByName()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QByteArray, named);
        std::string text = core::risk::toToml(core::risk::defaultRiskConfig());
        const std::size_t at = text.find(from.toStdString());
        QVERIFY(at != std::string::npos);
        text.replace(at, static_cast<std::size_t>(from.size()), to.toStdString());
        const auto got = core::risk::parseRiskConfig(text);
        QVERIFY(!got.has_value());
        QVERIFY2(got.error().detail.find(named.toStdString()) != std::string::npos,
                 got.error().detail.c_str());
    }

    void everyFieldMissingIsNamed()
    {
        const auto lines = linesOf(core::risk::toToml(core::risk::defaultRiskConfig()));
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (lines[i].empty() || lines[i].front() == '[')
                continue;
            auto fewer = lines;
            fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
            const auto got = core::risk::parseRiskConfig(joined(fewer));
            QVERIFY2(!got.has_value(), lines[i].c_str());
            const std::string key = lines[i].substr(0, lines[i].find(' '));
            QVERIFY2(got.error().detail.find(key) != std::string::npos, got.error().detail.c_str());
        }
    }

    /// Structured damage of whole fields: each kind makes the text wrong, so each must be refused.
    void damagedFieldsAreRefused()
    {
        Random random(22);
        for (int i = 0; i < 50'000; ++i) {
            auto lines = linesOf(core::risk::toToml(randomConfig(random)));
            std::size_t at = below(random, lines.size());
            while (lines[at].empty() || lines[at].front() == '[')
                at = below(random, lines.size());
            const std::string key = lines[at].substr(0, lines[at].find(' '));
            switch (below(random, 8)) {
            case 0: lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at)); break;
            case 1: lines[at] = fmt::format("{} = nan", key); break;
            case 2: lines[at] = fmt::format("{} = 1e308", key); break;
            case 3: lines[at] = fmt::format("{} = -1", key); break;
            case 4: lines[at] = fmt::format("{} = \"-7 %\"", key); break;
            case 5: lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), lines[at]); break;
            case 6: lines[at] = fmt::format("{}_ = 1", key); break;
            case 7: lines[0] = fmt::format("schema = {}", random() % 2 == 0 ? 0 : 2 + random() % 100); break;
            }
            const auto got = core::risk::parseRiskConfig(joined(lines));
            QVERIFY2(!got.has_value(), joined(lines).c_str());
            QVERIFY(!got.error().detail.empty());
        }
    }

    /// Random bytes inside a valid text: either refused, or the configuration holds exactly what the text
    /// plainly says. Nothing is filled in, clamped or guessed, so no limit can become looser than written.
    void randomDamageNeverLoosens()
    {
        Random random(7);
        static constexpr std::string_view kBytes = "0123456789.%\"=[]#-+eE_ \tsmnaiftrue\n\\,";
        int accepted = 0;
        for (int i = 0; i < 50'000; ++i) {
            std::string text = core::risk::toToml(randomConfig(random));
            const std::size_t edits = 1 + below(random, 3);
            for (std::size_t k = 0; k < edits; ++k) {
                const std::size_t at = below(random, text.size());
                const char byte = random() % 8 == 0 ? static_cast<char>(random() & 0xff)
                                                    : kBytes[below(random, kBytes.size())];
                switch (below(random, 4)) {
                case 0: text[at] = byte; break;
                case 1: text.insert(at, 1, byte); break;
                case 2: text.erase(at, 1 + below(random, 4)); break;
                case 3: text.insert(at, text.substr(below(random, text.size()), below(random, 60))); break;
                }
                if (text.empty())
                    text.assign(1, 'x');
            }
            const auto got = core::risk::parseRiskConfig(text);
            if (!got) {
                QVERIFY(!got.error().detail.empty());
                continue;
            }
            ++accepted;
            QVERIFY(core::risk::validate(*got).empty());
            QVERIFY2(saysTheSame(text, *got), text.c_str());
        }
        QVERIFY(accepted >
                1'000); // digits do get changed into other valid digits; the check above was reached
    }

    void anyBytesGiveAnAnswer()
    {
        QVERIFY(rc::check("parse never crashes", [](const std::string &text) {
            const auto got = core::risk::parseRiskConfig(text);
            RC_ASSERT(!got.has_value());
        }));
    }
};

QTEST_APPLESS_MAIN(TestConfig)
#include "tst_config.moc"
