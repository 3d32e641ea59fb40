#include <set>

#include <QtTest/QTest>
#include <fmt/format.h>

#include "core/risk/limits_fields.h"

namespace risk = core::risk;
using risk::BreakerKind;
using risk::Scope;
using risk::TierAction;

namespace
{
constexpr risk::Preset kPresets[] = {risk::Preset::Conservative, risk::Preset::Standard, risk::Preset::PropFirm};

const risk::Breaker &own(const risk::Limits &limits, BreakerKind kind, Scope scope)
{
    const risk::Breaker *breaker = risk::find(limits, kind, scope);
    return breaker != nullptr ? *breaker : limits.breakers.front();
}
} // namespace

class TestLimits : public QObject
{
    Q_OBJECT

private slots:
    void everyPresetIsValid()
    {
        for (const risk::Preset preset : kPresets) {
            const auto errors = risk::validate(risk::presetLimits(preset));
            QVERIFY2(errors.empty(), errors.empty() ? "" : (errors[0].field + " " + errors[0].rule).c_str());
            QVERIFY(!risk::isGroup(risk::presetLimits(preset)));
        }
        const auto errors = risk::validate(risk::defaultGroupLimits());
        QVERIFY2(errors.empty(), errors.empty() ? "" : (errors[0].field + " " + errors[0].rule).c_str());
        QVERIFY(risk::isGroup(risk::defaultGroupLimits()));
    }

    void everyKindIsInEveryPreset()
    {
        for (const risk::Preset preset : kPresets) {
            std::set<BreakerKind> kinds;
            for (const risk::Breaker &breaker : risk::presetLimits(preset).breakers)
                kinds.insert(breaker.kind);
            QCOMPARE(kinds.size(), risk::kBreakerKinds);
        }
    }

    /// methods.md section 15 and 7.2.
    void standardHasTheMethodsValues_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("levels");
        const auto row = [](const char *title, BreakerKind kind, const char *levels) {
            QTest::newRow(title) << static_cast<int>(kind) << QByteArray(levels);
        };
        row("30 % of margin", BreakerKind::LossOnMargin, "alert 15 % (10.5 %), reduce 22.5 % (18 %), close 30 % (24 %)");
        row("3 % of equity", BreakerKind::LossOnEquity, "alert 1.5 % (1.05 %), reduce 2.25 % (1.8 %), close 3 % (2.4 %)");
        row("4 % in a day", BreakerKind::DayLoss, "alert 2 % (1.4 %), block-new-risk 3 % (2.4 %), flatten 4 % (3.2 %)");
        row("8 % in a week", BreakerKind::WeekLoss, "alert 4 % (2.8 %), block-new-risk 6 % (4.8 %), flatten 8 % (6.4 %)");
        row("12 % in a month", BreakerKind::MonthLoss, "alert 6 % (4.2 %), block-new-risk 9 % (7.2 %), flatten 12 % (9.6 %)");
        row("leverage of 5", BreakerKind::EffectiveLeverage, "alert 4 x (3.6 x), block-new-risk 5 x (4.5 x)");
        row("150 % correlated", BreakerKind::CorrelatedExposure, "alert 120 % (108 %), block-new-risk 150 % (135 %)");
    }
    void standardHasTheMethodsValues()
    {
        QFETCH(int, kind);
        QFETCH(QByteArray, levels);
        const auto limits = risk::defaultLimits();
        const auto which = static_cast<BreakerKind>(kind);
        const auto &breaker = own(limits, which, risk::scopesOf(which).front() == Scope::Position ? Scope::Position
                                                                                                : Scope::Account);
        QVERIFY(breaker.kind == which && breaker.enabled);
        std::string text;
        for (const auto &tier : breaker.tiers)
            text += fmt::format("{}{} {} ({})", text.empty() ? "" : ", ", name(tier.action),
                                risk::levelText(which, tier.trigger), risk::levelText(which, tier.rearm));
        QCOMPARE(text, levels.toStdString());
    }

    void conservativeIsNowhereLooserInItsMoney()
    {
        const auto standard = risk::defaultLimits();
        const auto tight = risk::presetLimits(risk::Preset::Conservative);
        for (const auto kind : {BreakerKind::LossOnMargin, BreakerKind::LossOnEquity, BreakerKind::DayLoss,
                                BreakerKind::WeekLoss, BreakerKind::MonthLoss, BreakerKind::Drawdown,
                                BreakerKind::EffectiveLeverage, BreakerKind::CorrelatedExposure}) {
            const Scope scope = risk::scopesOf(kind).front() == Scope::Position ? Scope::Position : Scope::Account;
            const auto &wide = own(standard, kind, scope);
            const auto &narrow = own(tight, kind, scope);
            for (std::size_t i = 0; i < wide.tiers.size(); ++i)
                QVERIFY2(narrow.tiers[i].trigger < wide.tiers[i].trigger, name(kind).data());
        }
        QVERIFY(tight.sizing.riskPerTrade < standard.sizing.riskPerTrade);
    }

    void propFirmStaysInsideTheUsualRules()
    {
        const auto limits = risk::presetLimits(risk::Preset::PropFirm);
        // Such firms end an account at 5 % in a day and 10 % in all: flat before that, with room for slippage.
        QVERIFY(own(limits, BreakerKind::DayLoss, Scope::Account).tiers.back().trigger < risk::percent(5));
        QVERIFY(own(limits, BreakerKind::Drawdown, Scope::Account).tiers.back().trigger < risk::percent(10));
        QVERIFY(own(limits, BreakerKind::ProfitFloor, Scope::Account).enabled);
    }

    void sentencesReadAloud_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("scope");
        QTest::addColumn<int>("tier");
        QTest::addColumn<QByteArray>("sentence");
        const auto row = [](const char *title, BreakerKind kind, Scope scope, int tier, const char *sentence) {
            QTest::newRow(title) << static_cast<int>(kind) << static_cast<int>(scope) << tier << QByteArray(sentence);
        };
        const Scope p = Scope::Position;
        const Scope a = Scope::Account;
        const Scope all = Scope::AllAccounts;
        row("margin, alert", BreakerKind::LossOnMargin, p, 0,
            "When the loss of a position reaches 15 % of its margin, an alert is raised.");
        row("margin, reduce", BreakerKind::LossOnMargin, p, 1,
            "When the loss of a position reaches 22.5 % of its margin, it is reduced by 50 %.");
        row("margin, close", BreakerKind::LossOnMargin, p, 2,
            "When the loss of a position reaches 30 % of its margin, it is closed.");
        row("equity", BreakerKind::LossOnEquity, p, 2,
            "When the loss of a position reaches 3 % of the account's equity, it is closed.");
        row("trailing stop", BreakerKind::TrailingStop, p, 0,
            "When the mark of a position has come back to its trailing stop (3 x ATR behind the best mark, armed once it was "
            "1 x ATR in profit), it is closed.");
        row("giveback", BreakerKind::Giveback, p, 0,
            "When a position has given back 50 % of its best open profit (once that was 1 % of equity), an alert is raised.");
        row("time", BreakerKind::TimeInPosition, p, 0, "When a position has been open for 24 h, an alert is raised.");
        row("liquidation distance", BreakerKind::LiquidationDistance, p, 2,
            "When the mark is 1.5 % or less away from the liquidation price of a position, it is closed.");
        row("liquidation sigma", BreakerKind::LiquidationSigma, p, 1,
            "When the liquidation price of a position is 2 sigma of daily volatility away or nearer, nothing that adds risk in "
            "its symbol is let through until that has passed.");
        row("liquidation minutes", BreakerKind::LiquidationMinutes, p, 1,
            "When a position could drift to its liquidation price within 30 min at its volatility, it is closed.");
        row("volatility shock", BreakerKind::VolatilityShock, p, 0,
            "When the volatility of a position's market reaches 3 x its usual value, an alert is raised.");
        row("liquidity vacuum", BreakerKind::LiquidityVacuum, p, 0,
            "When leaving a position at once would cost 0.5 % or more against the mid price, an alert is raised.");
        row("day loss, block", BreakerKind::DayLoss, a, 1,
            "When the loss of the account in this day reaches 3 % of the account's equity at the start of the day, nothing that "
            "adds risk in the account is let through until that has passed.");
        row("day loss, flatten", BreakerKind::DayLoss, a, 2,
            "When the loss of the account in this day reaches 4 % of the account's equity at the start of the day, entry orders "
            "are cancelled and every position of the account is closed, and new risk is locked for at least 60 min.");
        row("week loss of all", BreakerKind::WeekLoss, all, 2,
            "When the loss of all accounts together in this week reaches 8 % of their equity at the start of the week, entry "
            "orders are cancelled and every position of every account is closed, and new risk is locked for at least 12 h.");
        row("month loss", BreakerKind::MonthLoss, a, 0,
            "When the loss of the account in this month reaches 6 % of the account's equity at the start of the month, an alert "
            "is raised.");
        row("drawdown, block", BreakerKind::Drawdown, a, 1,
            "When the drawdown of the account from its peak reaches 15 %, nothing that adds risk is let through for at least "
            "12 h.");
        row("profit floor", BreakerKind::ProfitFloor, a, 1,
            "When only 40 % of the day's best profit of the account is left (once that was 1 % of equity), nothing that adds "
            "risk in the account is let through until that has passed.");
        row("margin ratio", BreakerKind::MarginRatio, a, 2,
            "When the maintenance margin of the account reaches 70 % of its margin balance, each of its positions is reduced by "
            "50 %.");
        row("leverage", BreakerKind::EffectiveLeverage, a, 0,
            "When the leverage of the account reaches 4 x, an alert is raised.");
        row("gross", BreakerKind::GrossExposure, a, 0,
            "When the gross exposure of the account reaches 400 % of the account's equity, an alert is raised.");
        row("net of all", BreakerKind::NetExposure, all, 1,
            "When the net exposure of all accounts together reaches 400 % of their equity, nothing that adds risk in any "
            "account is let through until that has passed.");
        row("correlated", BreakerKind::CorrelatedExposure, a, 0,
            "When the correlated exposure of the account reaches 120 % of the account's equity, an alert is raised.");
        row("funding", BreakerKind::FundingBurn, a, 0,
            "When the funding of the account paid in 24 hours reaches 0.5 % of the account's equity, an alert is raised.");
        row("losses in a row", BreakerKind::ConsecutiveLosses, a, 1,
            "When the trades of the account lost in a row reach 5, nothing that adds risk is let through for at least 60 min.");
        row("trades", BreakerKind::TradesPerDay, a, 0,
            "When the trades of the account of this day reach 20, an alert is raised.");
        row("losing trades", BreakerKind::LosingTradesPerDay, a, 0,
            "When the losing trades of the account of this day reach 5, an alert is raised.");
        row("stale", BreakerKind::DataStale, a, 0,
            "When the newest mark of an open position or word of the account is 10 s old, an alert is raised.");
    }
    void sentencesReadAloud()
    {
        QFETCH(int, kind);
        QFETCH(int, scope);
        QFETCH(int, tier);
        QFETCH(QByteArray, sentence);
        const auto limits =
            static_cast<Scope>(scope) == Scope::AllAccounts ? risk::defaultGroupLimits() : risk::defaultLimits();
        const auto *breaker = risk::find(limits, static_cast<BreakerKind>(kind), static_cast<Scope>(scope));
        QVERIFY(breaker != nullptr);
        QCOMPARE(risk::sentence(*breaker, breaker->tiers.at(static_cast<std::size_t>(tier))), sentence.toStdString());
    }

    /// Every kind, scope and action has a whole sentence of its own.
    void noSentenceIsMissing()
    {
        std::set<std::string> sentences;
        std::size_t asked = 0;
        for (std::size_t i = 0; i < risk::kBreakerKinds; ++i) {
            const auto kind = static_cast<BreakerKind>(i);
            for (const Scope scope : risk::scopesOf(kind)) {
                for (const TierAction action : {TierAction::Alert, TierAction::BlockNewRisk, TierAction::Reduce,
                                                TierAction::Close, TierAction::Flatten}) {
                    const risk::Breaker breaker{.kind = kind, .scope = scope, .tiers = {}};
                    const risk::Tier tier{.id = "t", .trigger = risk::whole(1), .rearm = {}, .action = action};
                    const std::string text = risk::sentence(breaker, tier);
                    QVERIFY2(text.starts_with("When ") && text.ends_with('.') && text.find("When ,") == std::string::npos,
                             text.c_str());
                    QVERIFY2(text.find(risk::levelText(kind, risk::whole(1)).substr(0, 1)) != std::string::npos ||
                                 kind == BreakerKind::TrailingStop,
                             text.c_str());
                    sentences.insert(text);
                    ++asked;
                }
            }
        }
        QCOMPARE(sentences.size(), asked);
    }
};

QTEST_APPLESS_MAIN(TestLimits)
#include "tst_limits.moc"
