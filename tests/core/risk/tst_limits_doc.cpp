#include <fstream>
#include <sstream>

#include <QtTest/QTest>
#include <fmt/format.h>

#include "core/risk/toml_fields.h"

namespace risk = core::risk;

namespace
{
constexpr risk::Preset kPresets[] = {risk::Preset::Conservative, risk::Preset::Standard, risk::Preset::PropFirm};

std::string tierText(const risk::Breaker &breaker, const risk::Tier &tier)
{
    std::string text = fmt::format("{} {}", name(tier.action), risk::levelText(breaker.kind, tier.trigger));
    if (tier.action == risk::TierAction::Reduce)
        text = fmt::format("reduce by {} {}", risk::unitText(risk::Unit::Share, tier.fraction),
                           risk::levelText(breaker.kind, tier.trigger));
    text += fmt::format(" ({})", risk::levelText(breaker.kind, tier.rearm));
    return tier.coolingOff ? fmt::format("{} + {}", text, risk::durationText(*tier.coolingOff)) : text;
}

std::string cell(const risk::Limits &limits, risk::BreakerKind kind)
{
    for (const risk::Breaker &breaker : limits.breakers) {
        if (breaker.kind != kind)
            continue;
        std::string text;
        for (const risk::Tier &tier : breaker.tiers)
            text += (text.empty() ? "" : " · ") + tierText(breaker, tier);
        return breaker.enabled ? text : "*off:* " + text;
    }
    return "none";
}

/// One line of the presets' table.
std::string row(risk::BreakerKind kind)
{
    std::string line = fmt::format("| {} |", name(kind));
    for (const risk::Preset preset : kPresets)
        line += fmt::format(" {} |", cell(risk::presetLimits(preset), kind));
    return line;
}

std::string groupRow(const risk::Breaker &breaker)
{
    std::string text;
    for (const risk::Tier &tier : breaker.tiers)
        text += (text.empty() ? "" : " · ") + tierText(breaker, tier);
    return fmt::format("| {} | {} |", name(breaker.kind), text);
}

std::string scopesText(risk::BreakerKind kind)
{
    std::string text;
    for (const risk::Scope scope : risk::scopesOf(kind))
        text += fmt::format("{}{}", text.empty() ? "" : ", ", name(scope));
    return text;
}

std::string document()
{
    const std::ifstream file(ETRMS_SOURCE_DIR "/docs/risk.md");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}
} // namespace

/// docs/risk.md says what the program does: its tables are compared with the presets themselves.
class TestLimitsDoc : public QObject
{
    Q_OBJECT

private slots:
    void everyBreakersRowIsTheProgramsOwn()
    {
        const std::string text = document();
        QVERIFY(!text.empty());
        std::string missing;
        for (std::size_t i = 0; i < risk::kBreakerKinds; ++i) {
            const std::string wanted = row(static_cast<risk::BreakerKind>(i));
            if (text.find(wanted + '\n') == std::string::npos)
                missing += '\n' + wanted;
        }
        for (const risk::Breaker &breaker : risk::defaultGroupLimits().breakers) {
            if (text.find(groupRow(breaker) + '\n') == std::string::npos)
                missing += '\n' + groupRow(breaker);
        }
        QVERIFY2(missing.empty(), ("docs/risk.md lacks:" + missing).c_str());
    }

    void everyBreakersScopesAreSaid()
    {
        const std::string text = document();
        for (std::size_t i = 0; i < risk::kBreakerKinds; ++i) {
            const auto kind = static_cast<risk::BreakerKind>(i);
            const std::string wanted = fmt::format("| {} | {} |", name(kind), scopesText(kind));
            QVERIFY2(text.find(wanted) != std::string::npos, wanted.c_str());
        }
    }

    void theExampleFilesReadBack()
    {
        const std::string text = document();
        const std::size_t begin = text.find("```toml\n");
        QVERIFY(begin != std::string::npos);
        const std::size_t from = begin + 8;
        const std::string example = text.substr(from, text.find("```", from) - from);
        // The excerpt is one breaker of the file: it stands in the Standard preset word for word.
        QVERIFY2(risk::toToml(risk::defaultLimits()).find(example) != std::string::npos, example.c_str());
    }
};

QTEST_APPLESS_MAIN(TestLimitsDoc)
#include "tst_limits_doc.moc"
