#include "app/cli/commands.h"

#include <cmath>
#include <cstdio>

#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include <fmt/format.h>

#include "app/common/arguments.h"
#include "app/common/data_dirs.h"
#include "app/common/exit_status.h"
#include "core/risk/sizing.h"
#include "core/storage/repositories.h"

using namespace Qt::StringLiterals;

namespace app::cli
{

namespace
{
using namespace core;

const QString kProgram = u"etrms-cli size"_s;
constexpr qint64 kLimitsBytesMax = 65'536;

Error wrong(std::string detail) { return {ErrorCode::InvalidArgument, std::move(detail)}; }

/// The value of --`name` as an exact decimal at or above zero.
template <class Value> Result<Value> decimalOption(const QCommandLineParser &parser, const QString &name)
{
    const auto value = parseFixed<Value>(parser.value(name).toStdString());
    if (!value || value->isNegative())
        return fail(wrong(fmt::format("--{}: must be a decimal number, not below 0", name.toStdString())));
    return *value;
}

/// "0.5 %" as a share.
Result<Ratio> percentOption(const QCommandLineParser &parser, const QString &name)
{
    QString text = parser.value(name).trimmed();
    const auto value = text.endsWith(u'%') ? parseFixed<Ratio>(text.chopped(1).trimmed().toStdString())
                                           : Result<Ratio>(fail(ErrorCode::ParseFailed, ""));
    const auto share = value.and_then([](Ratio percent) { return mulDiv(percent.raw(), 1, 100, Rounding::HalfEven); });
    if (!share || *share < 0)
        return fail(wrong(fmt::format("--{}: must be a percentage like \"0.5 %\", not below 0", name.toStdString())));
    return Ratio::fromRaw(*share);
}

/// Runs `read` where the option is given; the first error stays.
class Options
{
public:
    explicit Options(const QCommandLineParser &parser) : m_parser(parser) {}
    template <class Value> void decimal(const QString &name, Value &into) { take(name, into, decimalOption<Value>); }
    void percent(const QString &name, Ratio &into) { take(name, into, percentOption); }
    void percent(const QString &name, std::optional<double> &into)
    {
        Ratio share;
        percent(name, share);
        if (m_parser.isSet(name))
            into = share.toDouble();
    }
    [[nodiscard]] const std::optional<Error> &error() const { return m_error; }

private:
    template <class Value, class Read> void take(const QString &name, Value &into, const Read &read)
    {
        if (m_parser.value(name).isEmpty() || m_error) // neither given nor with a default
            return;
        const auto value = read(m_parser, name);
        if (value)
            into = *value;
        else
            m_error = value.error();
    }
    const QCommandLineParser &m_parser;
    std::optional<Error> m_error;
};

void addOptions(QCommandLineParser &parser)
{
    parser.setApplicationDescription(
        u"Sizes a trade: the smallest of all constraints, with each constraint's number and the one that binds."_s);
    parser.addOptions({
        {u"symbol"_s, u"The contract, as the venue writes it."_s, u"NAME"_s},
        {u"venue"_s, u"binance (default) or hyperliquid."_s, u"VENUE"_s, u"binance"_s},
        {u"entry"_s, u"Price of the entry."_s, u"PRICE"_s},
        {u"stop"_s, u"Price of the stop; below the entry for a long, above for a short."_s, u"PRICE"_s},
        {u"equity"_s, u"Equity of the account; else the newest one in the database."_s, u"MONEY"_s},
        {u"limits"_s, u"Limits file (TOML); else the Standard preset."_s, u"FILE"_s},
        {u"risk"_s, u"Share of equity to risk, instead of the limits'."_s, u"PERCENT"_s},
        {u"fee-in"_s, u"Fee of the entry (0.05 %)."_s, u"PERCENT"_s, u"0.05 %"_s},
        {u"fee-out"_s, u"Fee of the stop (0.05 %)."_s, u"PERCENT"_s, u"0.05 %"_s},
        {u"open"_s, u"Notional of everything open or resting."_s, u"MONEY"_s},
        {u"drawdown"_s, u"From the account's peak."_s, u"PERCENT"_s},
        {u"sigma-day"_s, u"Daily volatility of the contract."_s, u"PERCENT"_s},
        {u"sigma-year"_s, u"Yearly volatility of the contract."_s, u"PERCENT"_s},
        {u"depth"_s, u"Quantity that the book gives within the slippage bound."_s, u"QUANTITY"_s},
        {u"hour-volume"_s, u"Quote volume of the last hour."_s, u"MONEY"_s},
        {u"wins"_s, u"Own trades of this kind that won."_s, u"COUNT"_s},
        {u"losses"_s, u"… and that lost."_s, u"COUNT"_s},
        {u"payoff"_s, u"Net win per unit lost of these trades."_s, u"NUMBER"_s},
        {u"step"_s, u"Lot step, instead of the database's."_s, u"QUANTITY"_s},
        {u"min-quantity"_s, u"Smallest order, instead of the database's."_s, u"QUANTITY"_s},
        {u"min-notional"_s, u"Smallest notional, instead of the database's."_s, u"MONEY"_s},
        {u"db"_s, u"The database file."_s, u"FILE"_s},
        {u"data-dir"_s, u"The data directory with the database."_s, u"DIR"_s},
        {u"json"_s, u"Print one JSON line."_s},
    });
}

Result<risk::Limits> limitsOf(const QCommandLineParser &parser)
{
    if (!parser.isSet(u"limits"_s))
        return risk::defaultLimits();
    QFile file(parser.value(u"limits"_s));
    if (!file.open(QIODevice::ReadOnly) || file.size() > kLimitsBytesMax)
        return fail(wrong("--limits: " + (file.isOpen() ? std::string("the file is too large for limits")
                                                        : file.errorString().toStdString())));
    return risk::parseLimits(file.readAll().toStdString());
}

/// What the database knows of the contract and the account, where it is needed; options stand above it.
Result<void> readDatabase(const QCommandLineParser &parser, const InstrumentKey &key, Instrument &rules, Money &equity)
{
    const bool wantsRules = !parser.isSet(u"step"_s);
    const bool wantsEquity = !parser.isSet(u"equity"_s);
    if (!wantsRules && !wantsEquity)
        return {};
    const auto file = databaseFor(kProgram, parser.value(u"db"_s), parser.value(u"data-dir"_s));
    if (!file)
        return fail(file.error().code, fmt::format("{}: without a database --equity and --step are needed", file.error().detail));
    const auto database = storage::Database::open(*file, storage::Access::ReadOnly, UtcTime{});
    if (!database)
        return fail(database.error());
    if (wantsRules) {
        const auto found = storage::instrument(*database, key);
        if (!found)
            return fail(found.error());
        if (!*found)
            return fail(ErrorCode::NotFound, fmt::format("--symbol: the database knows no {} of {}; --step names its lot step",
                                                         key.symbol.view(), name(key.venue)));
        rules = **found;
    }
    if (!wantsEquity)
        return {};
    std::optional<AccountSnapshot> newest;
    for (const storage::Mode mode : {storage::Mode::Live, storage::Mode::Testnet, storage::Mode::Paper, storage::Mode::Demo}) {
        const auto accounts = storage::latestAccounts(*database, mode);
        if (!accounts)
            return fail(accounts.error());
        for (const AccountSnapshot &account : *accounts) {
            if (!newest || account.receivedAt > newest->receivedAt)
                newest = account;
        }
        if (newest)
            break;
    }
    if (!newest)
        return fail(ErrorCode::NotFound, "--equity: the database has no account yet");
    equity = newest->equity;
    return {};
}

QJsonObject toJson(const risk::SizingInput &input, const risk::SizeAnswer &answer)
{
    QJsonObject caps;
    QJsonObject notes;
    for (const risk::SizeCap &cap : answer.caps) {
        const QString key = QString::fromStdString(cap.name);
        caps[key] = cap.quantity && std::isfinite(*cap.quantity) ? QJsonValue(*cap.quantity) : QJsonValue();
        notes[key] = QString::fromStdString(cap.text);
    }
    return {{u"symbol"_s, QString::fromStdString(input.instrument->key.symbol.string())},
            {u"venue"_s, QString::fromLatin1(name(input.instrument->key.venue).data())},
            {u"side"_s, QString::fromLatin1(name(input.direction).data())},
            {u"entry"_s, QString::fromStdString(input.entry.text())},
            {u"stop"_s, QString::fromStdString(input.stop.text())},
            {u"equity"_s, QString::fromStdString(input.equity.text())},
            {u"qty"_s, QString::fromStdString(answer.quantity.text())},
            {u"binding"_s, QString::fromStdString(answer.binding)},
            {u"reject_reason"_s, answer.reason.empty() ? QJsonValue() : QJsonValue(QString::fromStdString(answer.reason))},
            {u"complete"_s, answer.complete},
            {u"loss_per_unit"_s, answer.lossPerUnit},
            {u"risk_money"_s, answer.riskMoney},
            {u"multiplier"_s, answer.multiplier},
            {u"money_at_risk_final"_s, answer.moneyAtRisk},
            {u"notional"_s, answer.notional.toDouble()},
            {u"effective_leverage"_s, answer.leverage},
            {u"caps_qty"_s, caps},
            {u"notes"_s, notes}};
}

void print(const risk::SizingInput &input, const risk::SizeAnswer &answer)
{
    fmt::print("{} {} {}: {}\n", name(input.instrument->key.venue), input.instrument->key.symbol.view(), name(input.direction),
               answer.reason.empty()
                   ? fmt::format("{} (notional {}, {:.2f} x equity, {:.2f} at risk)", answer.quantity.text(),
                                 answer.notional.text(), answer.leverage, answer.moneyAtRisk)
                   : fmt::format("no size: {}", answer.reason));
    for (const risk::SizeCap &cap : answer.caps)
        fmt::print("{} {:<17} {:>16}  {}\n", cap.name == answer.binding ? '>' : ' ', cap.name,
                   cap.quantity ? fmt::format("{:.8g}", *cap.quantity) : "–", cap.text);
    if (!answer.complete)
        fmt::print("Not every constraint could be evaluated.\n");
}

Result<risk::SizingInput> inputOf(const QCommandLineParser &parser, const risk::Limits &limits, Instrument &rules)
{
    risk::SizingInput input{.entry = {},
                            .stop = {},
                            .equity = {},
                            .feeIn = {},
                            .feeOut = {},
                            .instrument = &rules,
                            .limits = limits.sizing,
                            .grossOthers = {}};
    if (auto read = readDatabase(parser, rules.key, rules, input.equity); !read)
        return fail(read.error());
    Options options(parser);
    options.decimal(u"entry"_s, input.entry);
    options.decimal(u"stop"_s, input.stop);
    options.decimal(u"equity"_s, input.equity);
    options.decimal(u"open"_s, input.grossOthers);
    options.decimal(u"step"_s, rules.stepSize);
    options.decimal(u"min-quantity"_s, rules.quantityMin);
    options.decimal(u"min-notional"_s, rules.notionalMin);
    options.percent(u"fee-in"_s, input.feeIn);
    options.percent(u"fee-out"_s, input.feeOut);
    options.percent(u"risk"_s, input.limits.riskPerTrade);
    options.percent(u"drawdown"_s, input.drawdown);
    options.percent(u"sigma-day"_s, input.sigmaDay);
    options.percent(u"sigma-year"_s, input.sigmaYear);
    if (parser.isSet(u"depth"_s))
        options.decimal(u"depth"_s, input.depth.emplace());
    if (parser.isSet(u"hour-volume"_s))
        options.decimal(u"hour-volume"_s, input.hourVolume.emplace());
    if (options.error())
        return fail(*options.error());
    if (parser.isSet(u"wins"_s) || parser.isSet(u"losses"_s) || parser.isSet(u"payoff"_s)) {
        const auto wins = integerOption(parser, u"wins"_s, 0, 1'000'000);
        const auto losses = integerOption(parser, u"losses"_s, 0, 1'000'000);
        const auto payoff = decimalOption<Ratio>(parser, u"payoff"_s);
        if (!wins || !losses || !payoff)
            return fail(!wins ? wins.error() : !losses ? losses.error() : payoff.error());
        input.evidence = risk::KellyEvidence{static_cast<int>(*wins), static_cast<int>(*losses), payoff->toDouble()};
    }
    input.direction = input.stop < input.entry ? Direction::Long : Direction::Short;
    return input;
}
} // namespace

int runSize(const QStringList &arguments)
{
    QCommandLineParser parser;
    addOptions(parser);
    if (const auto status = parseArguments(parser, kProgram, arguments))
        return *status;
    if (!parser.positionalArguments().isEmpty()) {
        printError(kProgram, u"unexpected argument "_s + parser.positionalArguments().first());
        return Usage;
    }
    for (const auto &needed : {u"symbol"_s, u"entry"_s, u"stop"_s}) {
        if (!parser.isSet(needed)) {
            printError(kProgram, u"--%1 is missing"_s.arg(needed));
            return Usage;
        }
    }
    const QString venue = parser.value(u"venue"_s);
    const auto symbol = symbolOption(parser, u"symbol"_s);
    if (!symbol || (venue != "binance"_L1 && venue != "hyperliquid"_L1)) {
        printError(kProgram, symbol ? wrong("--venue: must be binance or hyperliquid") : symbol.error());
        return Usage;
    }
    const auto limits = limitsOf(parser);
    if (!limits) {
        printError(kProgram, limits.error());
        return Failed;
    }
    Instrument rules;
    rules.key = {venue == "binance"_L1 ? Venue::Binance : Venue::Hyperliquid, *symbol};
    const auto input = inputOf(parser, *limits, rules);
    const auto answer = input.and_then([](const risk::SizingInput &in) { return risk::size(in); });
    if (!answer) {
        printError(kProgram, answer.error());
        return answer.error().code == ErrorCode::InvalidArgument ? Usage : Failed;
    }
    if (parser.isSet(u"json"_s))
        std::puts(QJsonDocument(toJson(*input, *answer)).toJson(QJsonDocument::Compact).constData());
    else
        print(*input, *answer);
    return Done;
}

} // namespace app::cli
