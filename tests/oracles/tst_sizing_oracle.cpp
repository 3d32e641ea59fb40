#include "core/risk/kelly.h"
#include "core/risk/portfolio.h"
#include "core/risk/sizing.h"
#include "tests/oracles/oracle_file.h"

using namespace core;
using namespace core::risk;
using namespace Qt::StringLiterals;

namespace
{
void compare(const oracle::Case &c, QLatin1StringView field, std::optional<double> got)
{
    if (!c.expected.contains(field))
        return;
    const double expected = c.expected[field].toDouble();
    QVERIFY2(got && c.tolerance.holds(*got, expected),
             qPrintable(u"%1 %2: got %3, expected %4"_s.arg(c.name, field)
                            .arg(got.value_or(std::nan("")), 0, 'g', 17)
                            .arg(expected, 0, 'g', 17)));
}
double number(const oracle::Case &c, QLatin1StringView name) { return c.input[name].toDouble(); }

std::vector<double> numbers(const QJsonValue &array)
{
    std::vector<double> result;
    for (const QJsonValue &value : array.toArray())
        result.push_back(value.toDouble());
    return result;
}
Matrix matrix(const QJsonValue &rows)
{
    Matrix result;
    result.size = static_cast<std::size_t>(rows.toArray().size());
    for (const QJsonValue &row : rows.toArray()) {
        const std::vector<double> values = numbers(row);
        result.values.insert(result.values.end(), values.begin(), values.end());
    }
    return result;
}

void checkSize(const oracle::Case &c)
{
    Instrument rules;
    rules.stepSize = oracle::fixed<Quantity>(c.input[u"step"]);
    rules.quantityMin = oracle::fixed<Quantity>(c.input[u"min_qty"]);
    rules.notionalMin = oracle::fixed<Money>(c.input[u"min_notional"]);
    const auto share = [&](QLatin1StringView name, double unit) {
        return oracle::fixed<Ratio>(QJsonValue(number(c, name) * unit));
    };
    SizingInput input{.direction = c.input[u"side"].toString() == "long"_L1 ? Direction::Long : Direction::Short,
                      .entry = oracle::fixed<Price>(c.input[u"entry"]),
                      .stop = oracle::fixed<Price>(c.input[u"stop"]),
                      .equity = oracle::fixed<Money>(c.input[u"equity"]),
                      .feeIn = share("fee_in"_L1, 1),
                      .feeOut = share("fee_out"_L1, 1),
                      .instrument = &rules,
                      .limits = {},
                      .grossOthers = {}};
    input.limits.riskPerTrade = share("risk_pct"_L1, 0.01);
    input.limits.slippageAllowance = share("stop_slippage_bps"_L1, 1e-4);
    input.limits.positionMax = share("max_position_pct"_L1, 0.01);
    input.limits.leverageMax = share("max_leverage"_L1, 1);
    double multipliers = 1;
    const QJsonObject given = c.input[u"multipliers"].toObject();
    for (const QJsonValue &value : given)
        multipliers *= value.toDouble();
    input.state = multipliers;
    const QJsonObject others = c.input[u"other_caps_qty"].toObject();
    for (auto it = others.begin(); it != others.end(); ++it)
        input.others.push_back({it.key().toStdString(), it->toDouble(), {}});

    const auto answer = size(input);
    QVERIFY2(answer, qPrintable(c.name));
    compare(c, "loss_per_unit"_L1, answer->lossPerUnit);
    compare(c, "risk_money"_L1, answer->riskMoney);
    compare(c, "money_at_risk_final"_L1, answer->moneyAtRisk);
    compare(c, "notional"_L1, answer->notional.toDouble());
    compare(c, "effective_leverage"_L1, answer->leverage);
    if (c.expected.contains("qty"_L1))
        QVERIFY2(answer->quantity == oracle::fixed<Quantity>(c.expected[u"qty"]), qPrintable(c.name));
    if (c.expected.contains("binding"_L1))
        QCOMPARE(QString::fromStdString(answer->binding), c.expected[u"binding"].toString());
    if (c.expected.contains("reject_reason"_L1))
        QCOMPARE(QString::fromStdString(answer->reason), c.expected[u"reject_reason"].toString());
    const QJsonObject caps = c.expected[u"caps_qty"].toObject();
    for (auto it = caps.begin(); it != caps.end(); ++it) {
        const auto cap = std::find_if(answer->caps.begin(), answer->caps.end(),
                                      [&](const SizeCap &one) { return one.name == it.key().toStdString() && one.quantity; });
        QVERIFY2(cap != answer->caps.end() && c.tolerance.holds(*cap->quantity, it->toDouble()),
                 qPrintable(c.name + u' ' + it.key()));
    }
}
} // namespace

class TestSizingOracle : public QObject
{
    Q_OBJECT

private slots:
    void sizes()
    {
        REQUIRE_SHARED();
        int run = 0;
        for (const oracle::Case &c : oracle::cases(u"sizing.json"_s)) {
            if (c.kind == "size"_L1)
                checkSize(c);
            else if (c.kind == "drawdown_multiplier"_L1)
                compare(c, "multiplier"_L1,
                        drawdownMultiplier(number(c, "drawdown"_L1), number(c, "dd_max"_L1), number(c, "floor"_L1)));
            else
                continue;
            ++run;
        }
        QVERIFY(run > 0);
    }

    void kelly()
    {
        REQUIRE_SHARED();
        int run = 0;
        for (const oracle::Case &c : oracle::cases(u"kelly.json"_s)) {
            ++run;
            if (c.kind == "binary"_L1) {
                const double p = number(c, "p"_L1);
                const double b = number(c, "b"_L1);
                const auto share = kellyShare(p, b);
                compare(c, "f_star"_L1, share);
                QVERIFY(share);
                compare(c, "half_kelly"_L1, *share / 2);
                compare(c, "growth_full"_L1, logGrowth(p, b, *share));
                compare(c, "growth_half"_L1, logGrowth(p, b, *share / 2));
            } else if (c.kind == "continuous"_L1) {
                compare(c, "f_star"_L1, continuousKelly(number(c, "mu"_L1), number(c, "r"_L1), number(c, "sigma"_L1)));
            } else if (c.kind == "empirical"_L1) {
                compare(c, "f_star"_L1, empiricalKelly(numbers(c.input[u"R"])));
            } else if (c.kind == "bayes"_L1) {
                const int wins = c.input[u"wins"].toInt();
                const auto share = doubtfulKelly({wins, c.input[u"n"].toInt() - wins, number(c, "b"_L1)},
                                                 number(c, "prior_strength"_L1), number(c, "quantile"_L1));
                compare(c, "f_q25"_L1, share);
                QVERIFY(share);
                compare(c, "f_used_half_kelly_q25"_L1, *share * number(c, "kelly_fraction"_L1));
            } else if (c.kind == "unit_trap"_L1) {
                const auto share = kellyShare(number(c, "p"_L1), number(c, "b"_L1));
                compare(c, "f_star"_L1, share);
                QVERIFY(share);
                const double money = number(c, "equity"_L1) * *share / 2;
                compare(c, "risk_money"_L1, money);
                compare(c, "qty_base"_L1, money / (number(c, "entry"_L1) - number(c, "stop"_L1)));
            } else {
                --run;
            }
        }
        QVERIFY(run > 0);
    }

    void portfolio()
    {
        REQUIRE_SHARED();
        int run = 0;
        for (const oracle::Case &c : oracle::cases(u"covariance.json"_s)) {
            if (c.kind != "covariance"_L1)
                continue;
            ++run;
            const std::vector<double> notionals = numbers(c.input[u"notional"]);
            const Matrix covariance = matrix(c.expected[u"lw_cov"]);
            const auto index = static_cast<std::size_t>(c.input[u"asset_index"].toInt());
            const double cap = number(c, "cap_vol"_L1);
            compare(c, "portfolio_vol_lw"_L1, weighted(notionals, covariance));
            compare(c, "corr_weighted_exposure"_L1, weighted(notionals, matrix(c.expected[u"lw_on_standardised_corr"])));
            compare(c, "max_add_long_asset_i"_L1, largestAddition(notionals, covariance, index, 1, cap));
            compare(c, "max_add_short_asset_i"_L1, -largestAddition(notionals, covariance, index, -1, cap));
        }
        QVERIFY(run > 0);
    }

    void leverageKeepsTheDistance()
    {
        REQUIRE_SHARED();
        int run = 0;
        for (const oracle::Case &c : oracle::cases(u"margin_liquidation.json"_s)) {
            if (c.kind != "max_leverage"_L1)
                continue;
            ++run;
            const double distance = number(c, "min_liq_distance"_L1);
            const double rate = number(c, "mmr"_L1);
            compare(c, "max_leverage_long"_L1, leverageForDistance(Direction::Long, distance, rate));
            compare(c, "max_leverage_short"_L1, leverageForDistance(Direction::Short, distance, rate));
        }
        QVERIFY(run > 0);
    }
};

QTEST_APPLESS_MAIN(TestSizingOracle)
#include "tst_sizing_oracle.moc"
