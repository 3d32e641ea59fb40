#include "ui/models/limits_words.h"

#include <algorithm>
#include <charconv>

#include <QtCore/QCoreApplication>

#include "ui/format/words.h"

using namespace Qt::StringLiterals;

namespace ui::models
{

namespace
{

using core::risk::BreakerKind;
using core::risk::Scope;

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ui::models::LimitWords)

public:
    static QString groupOf(const core::risk::Breaker &breaker)
    {
        switch (breaker.kind) {
        case BreakerKind::LiquidationDistance:
        case BreakerKind::LiquidationSigma:
        case BreakerKind::LiquidationMinutes:
            return tr("Liquidation");
        default:
            break;
        }
        switch (breaker.scope) {
        case Scope::Position:
            return tr("Per position");
        case Scope::Symbol:
            return tr("Per symbol");
        case Scope::Account:
            return tr("Account limits");
        case Scope::AllAccounts:
            return tr("All accounts together");
        }
        return {};
    }
    /// "2. Level": steps are counted from one.
    static QString step(std::size_t tier, const QString &name) { return tr("Step %1: %2").arg(tier + 1).arg(name); }
};

struct Value {
    std::string_view path;
    const char *group;
    const char *name;
    const char *meaning;
};
struct Part {
    std::string_view key;
    const char *name;
    const char *meaning;
};

// The ranges are the walls of core/risk/limits_fields.h; its check has the last word.
constexpr Value kValues[]{
    {"mark_stale_after", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Automation"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Mark is stale after"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Nothing acts on a mark that is older. 0.5 s to 30 s.")},
    {"account_stale_after", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Automation"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Account is stale after"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Nothing acts on account data that is older. 5 s to 300 s.")},
    {"close_slippage_first", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Automation"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "First closing price"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "The first closing order may be this far from the mark. Up to 10 %.")},
    {"close_slippage_second", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Automation"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Second closing price"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "The next closing order may be this far from the mark; after it comes a market order. Up to 10 %.")},
    {"day_starts_at", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Automation"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Day starts at"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "After 00:00 UTC; weeks start on Monday, months on the 1st, at the same time.")},
    {"loosen_after", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Automation"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Looser values wait"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "A looser limit holds only after this long; a tighter one holds at once. 1 h to 720 h.")},
    {"cooling_off_base", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Automation"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Cooling-off"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "First lockout of a breaker that locks. 1 min to 24 h.")},
    {"cooling_off_cap", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Automation"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Longest cooling-off"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "A repeated lockout doubles up to this. 1 min to 168 h.")},
    {"behaviour.leverage_ladder", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Behaviour"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Leverage ladder"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Lowers the leverage cap after a row of losses: off, advisory or enforced.")},
    {"behaviour.ladder_losses", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Behaviour"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Losses to a rung"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "So many losses in a row are one rung. 1 to 20.")},
    {"behaviour.ladder_factor", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Behaviour"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Rung factor"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Each rung multiplies the leverage cap by this. 10 % to 90 %.")},
    {"behaviour.revenge", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Behaviour"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Revenge trade"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "A larger trade soon after a loss: off, advisory or enforced.")},
    {"behaviour.revenge_window", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Behaviour"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Revenge window"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Soon after a loss means within this time. 1 min to 4 h.")},
    {"behaviour.revenge_risk", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Behaviour"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Revenge size"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Larger means above this multiple of the median risk. 1 x to 10 x.")},
    {"behaviour.escalation", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Behaviour"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Escalating risk"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Trades that grow while losing: off, advisory or enforced.")},
    {"behaviour.escalation_risk", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Behaviour"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Escalation size"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Growing means above this multiple of the median risk. 1 x to 10 x.")},
    {"behaviour.overtrading", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Behaviour"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Overtrading"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Far more trades than usual for you: off, advisory or enforced.")},
    {"behaviour.overholding", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Behaviour"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Holding losers"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Positions held far longer than your winners: off, advisory or enforced.")},
    {"behaviour.tilt", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Behaviour"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Tilt score"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Joins the findings above into 0 to 100: off, advisory or enforced.")},
    {"behaviour.tilt_warn", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Behaviour"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Tilt warning"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "From this score on an order needs a typed reason. 1 to 100.")},
    {"behaviour.tilt_lock", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Behaviour"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Tilt lock"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "From this score on new risk is locked. 1 to 100.")},
    {"sizing.risk_per_trade", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Sizing"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Risk per trade"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Share of equity that one trade may lose at its stop. Up to 5 %.")},
    {"sizing.kelly_fraction", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Sizing"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Kelly fraction"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Share of the Kelly size that is used. Up to 50 %.")},
    {"sizing.position_max", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Sizing"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Largest position"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Notional of one position as a share of equity.")},
    {"sizing.leverage_max", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Sizing"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Largest leverage"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Gross notional of the account as a multiple of equity. 0.1 x to 125 x.")},
    {"sizing.correlated_max", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Sizing"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Correlated exposure"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Exposure with correlations as a share of equity.")},
    {"sizing.volatility_target", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Sizing"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Volatility target"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Yearly volatility that one position may add. Up to 200 %.")},
    {"sizing.slippage_allowance", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Sizing"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Slippage allowance"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Added to the loss at the stop. Up to 5 %.")},
    {"sizing.liquidity_slippage", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Sizing"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Slippage of an entry"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "The book must take the entry within this. Up to 5 %.")},
    {"sizing.liquidity_hour_share", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Sizing"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Share of an hour"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "An entry may be this share of one hour's volume. Up to 20 %.")},
    {"backstop.enabled", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Backstops"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Resting stops"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Keeps a stop at the venue for every position: true or false.")},
    {"backstop.slippage_allowance", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Backstops"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Stop slippage"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Added to each stop's loss. Up to 10 %.")},
    {"backstop.repin_step", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Backstops"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Move a stop by"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "A stop is moved only when its price changes by more. Up to 2 %.")},
    {"backstop.repin_every", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Backstops"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Move a stop every"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "At most once in this time per position. 0.5 s to 60 s.")},
    {"backstop.cover_within", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Backstops"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Cover within"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "A position without a stop for so long is closed. 1 s to 60 s.")},
    {"backstop.liquidation_buffer", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Backstops"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Before liquidation"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "A stop stands at least this far before the liquidation price. Up to 10 %.")},
    {"backstop.dead_man", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Backstops"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Dead-man timer"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "The venue cancels entry orders when this program is gone for so long: 10 s to 1 h, or off.")},
    {"gate.order_notional_max", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Order gate"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Largest order"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "Notional of one order as a share of equity.")},
    {"gate.price_band", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Order gate"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Price band"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "An order that adds risk must be within this of the mark. Up to 50 %.")},
    {"gate.orders_per_second", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Order gate"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Orders per second"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "That add risk. 1 to 50.")},
    {"gate.orders_per_minute", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Order gate"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Orders per minute"),
     QT_TRANSLATE_NOOP("ui::models::LimitWords", "That add risk. 1 to 1200.")},
};
constexpr Part kParts[]{
    {"enabled", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Watched"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "true or false. A limit that is not watched never acts.")},
    {"trigger", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Level"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "")},
    {"rearm", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Arms again at"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "The step can act again once the reading is back here.")},
    {"action", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Action"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "alert, block-new-risk, reduce, close or flatten.")},
    {"fraction", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Reduce by"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Share of each position that is closed.")},
    {"fires_max", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Times"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "How often the step acts per position or period.")},
    {"escalate_after", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Escalates after"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "An action without effect by then becomes the next one up.")},
    {"cooling_off", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Cooling-off"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Locks new risk for at least this long, or none.")},
    {"atr_multiple", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Distance in ATR"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Way of the trailing stop behind the best mark.")},
    {"distance", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Distance"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Way of the trailing stop behind the best mark.")},
    {"activation", QT_TRANSLATE_NOOP("ui::models::LimitWords", "Watches from"), QT_TRANSLATE_NOOP("ui::models::LimitWords", "Profit from which the limit watches.")},
};

QString shown(const char *text)
{
    return QCoreApplication::translate("ui::models::LimitWords", text);
}

/// The number in "name[3]" at `from`; moves `from` behind the bracket.
std::optional<std::size_t> indexAt(std::string_view path, std::size_t &from)
{
    std::size_t value = 0;
    const auto open = path.find('[', from);
    const auto close = path.find(']', from);
    if (open == std::string_view::npos || close == std::string_view::npos)
        return std::nullopt;
    const auto read = std::from_chars(path.data() + open + 1, path.data() + close, value);
    if (read.ec != std::errc{} || read.ptr != path.data() + close)
        return std::nullopt;
    from = close + 1;
    return value;
}

LimitWords ofBreaker(const core::risk::Limits &limits, std::string_view path)
{
    LimitWords words;
    std::size_t at = 0;
    const auto index = indexAt(path, at);
    if (!index || *index >= limits.breakers.size()) {
        words.name = format::text(path);
        return words;
    }
    const auto &breaker = limits.breakers[*index];
    words.group = Text::groupOf(breaker);
    words.breaker = format::Words::breakerTitle(breaker.kind);
    const std::string_view key = path.substr(path.rfind('.') + 1);
    const auto part = std::find_if(std::begin(kParts), std::end(kParts), [&](const Part &p) { return p.key == key; });
    words.hidden = part == std::end(kParts); // kind, scope, id: what the limit is, not how it is set
    if (words.hidden)
        return words;
    words.name = shown(part->name);
    words.meaning = shown(part->meaning);
    const std::size_t inner = path.find(".tier[");
    if (inner == std::string_view::npos)
        return words;
    std::size_t from = inner + 1;
    const auto tier = indexAt(path, from);
    if (!tier || *tier >= breaker.tiers.size())
        return words;
    words.name = Text::step(*tier, words.name);
    if (key == "trigger")
        words.meaning = QString::fromStdString(core::risk::sentence(breaker, breaker.tiers[*tier]));
    return words;
}

} // namespace

QStringList limitGroups()
{
    QStringList names;
    core::risk::Breaker breaker;
    breaker.kind = BreakerKind::DayLoss;
    for (const Scope scope : {Scope::AllAccounts, Scope::Account, Scope::Symbol, Scope::Position}) {
        breaker.scope = scope;
        names << Text::groupOf(breaker);
    }
    breaker.kind = BreakerKind::LiquidationDistance;
    names << Text::groupOf(breaker);
    for (const Value &value : kValues) {
        if (!names.contains(shown(value.group)))
            names << shown(value.group);
    }
    return names;
}

LimitWords limitWords(const core::risk::Limits &limits, const std::string &path)
{
    if (path.starts_with("breaker["))
        return ofBreaker(limits, path);
    LimitWords words;
    words.hidden = path == "schema";
    const auto value = std::find_if(std::begin(kValues), std::end(kValues), [&](const Value &v) { return v.path == path; });
    if (value == std::end(kValues)) {
        words.group = words.name = QString::fromStdString(path);
        return words;
    }
    words.group = shown(value->group);
    words.name = shown(value->name);
    words.meaning = shown(value->meaning);
    return words;
}

} // namespace ui::models
