// Fault plans as text: what --faults reads and the control endpoint takes.
#include <array>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include <fmt/format.h>

#include "core/venue/faults.h"
#include "core/venue/json_text.h"

using namespace Qt::StringLiterals;

namespace core::venue
{

namespace
{
/// Reads the members of one rule; the first thing that is wrong stays.
class RuleReader
{
public:
    RuleReader(QJsonObject object, std::string place) : m_object(std::move(object)), m_place(std::move(place)) {}

    [[nodiscard]] Result<FaultRule> read()
    {
        refuseUnknown();
        FaultRule rule;
        rule.kind = word(u"kind"_s, faultKind).value_or(rule.kind);
        if (!m_object.contains(u"kind"_s))
            fault(u"kind"_s, "is missing");
        rule.channel = word(u"channel"_s, faultChannel).value_or(rule.channel);
        rule.venue = word(u"venue"_s, [](std::string_view text) -> std::optional<Venue> {
            if (text == "binance")
                return Venue::Binance;
            return text == "hyperliquid" ? std::optional(Venue::Hyperliquid) : std::nullopt;
        });
        rule.stream = text(u"stream"_s).value_or(std::string());
        readNumbers(rule.numbers);
        rule.every = static_cast<std::uint64_t>(whole(u"every"_s, 0).value_or(0));
        rule.probability = ratio(u"probability"_s);
        rule.from = time(u"from_ms"_s, 0).value_or(Duration{0});
        rule.until = time(u"until_ms"_s, 0);
        rule.length = time(u"length_ms"_s, -kMost).value_or(Duration{0});
        rule.share = ratio(u"share"_s).value_or(rule.share);
        rule.rate = whole(u"rate"_s, 1).value_or(rule.rate);
        if (const QJsonValue told = m_object.value(u"told"_s); told.isBool())
            rule.told = told.toBool();
        else if (!told.isUndefined())
            fault(u"told"_s, "must be true or false");
        if (m_error)
            return fail(*m_error);
        return rule;
    }

private:
    static constexpr std::int64_t kMost = 1'000'000'000;

    void fault(const QString &key, std::string_view what)
    {
        if (!m_error)
            m_error = Error{ErrorCode::InvalidArgument, fmt::format("{}.{}: {}", m_place, key.toStdString(), what)};
    }
    void refuseUnknown()
    {
        static const QStringList kKnown{u"kind"_s,   u"venue"_s,       u"channel"_s, u"stream"_s,   u"numbers"_s,
                                        u"every"_s,  u"probability"_s, u"from_ms"_s, u"until_ms"_s, u"length_ms"_s,
                                        u"share"_s,  u"rate"_s,        u"told"_s};
        for (const QString &key : m_object.keys())
            if (!kKnown.contains(key))
                fault(key, "is unknown");
    }
    [[nodiscard]] std::optional<std::string> text(const QString &key)
    {
        const QJsonValue value = m_object.value(key);
        if (value.isUndefined())
            return std::nullopt;
        if (!value.isString())
            fault(key, "must be a text");
        return value.toString().toStdString();
    }
    template <class Parse> [[nodiscard]] auto word(const QString &key, Parse parse)
        -> decltype(parse(std::string_view{}))
    {
        const auto given = text(key);
        if (!given)
            return std::nullopt;
        const auto value = parse(std::string_view(*given));
        if (!value)
            fault(key, fmt::format("\"{}\" is unknown", *given));
        return value;
    }
    [[nodiscard]] std::optional<std::int64_t> integer(const QString &key, const QJsonValue &value, std::int64_t least)
    {
        const std::int64_t number = value.toInteger(-kMost - 1);
        if (value.isDouble() && number >= least && number <= kMost)
            return number;
        fault(key, fmt::format("must be a whole number from {} to {}", least, kMost));
        return std::nullopt;
    }
    [[nodiscard]] std::optional<std::int64_t> whole(const QString &key, std::int64_t least)
    {
        const QJsonValue value = m_object.value(key);
        return value.isUndefined() ? std::nullopt : integer(key, value, least);
    }
    [[nodiscard]] std::optional<Duration> time(const QString &key, std::int64_t least)
    {
        const auto value = whole(key, least);
        return value ? std::optional<Duration>(std::chrono::milliseconds(*value)) : std::nullopt;
    }
    [[nodiscard]] std::optional<Ratio> ratio(const QString &key)
    {
        const auto given = text(key);
        if (!given)
            return std::nullopt;
        const auto raw = parseDecimal(*given);
        if (!raw)
            fault(key, "must be a decimal text");
        return raw ? std::optional(Ratio::fromRaw(*raw)) : std::nullopt;
    }
    void readNumbers(std::vector<std::uint64_t> &numbers)
    {
        const QJsonValue value = m_object.value(u"numbers"_s);
        if (!value.isUndefined() && !value.isArray())
            fault(u"numbers"_s, "must be a list");
        for (const QJsonValue &number : value.toArray())
            if (const auto read = integer(u"numbers"_s, number, 1))
                numbers.push_back(static_cast<std::uint64_t>(*read));
    }

    QJsonObject m_object;
    std::string m_place;
    std::optional<Error> m_error;
};

void writeRule(JsonText &out, const FaultRule &rule)
{
    const auto milliseconds = [](Duration duration) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    };
    const FaultRule plain;
    out.object().text("kind", name(rule.kind));
    if (rule.venue)
        out.text("venue", *rule.venue == Venue::Binance ? "binance" : "hyperliquid");
    out.text("channel", name(rule.channel));
    if (!rule.stream.empty())
        out.text("stream", rule.stream);
    if (!rule.numbers.empty()) {
        out.key("numbers").array();
        for (const std::uint64_t number : rule.numbers)
            out.number(static_cast<std::int64_t>(number));
        out.endArray();
    }
    if (rule.every != 0)
        out.number("every", static_cast<std::int64_t>(rule.every));
    if (rule.probability)
        out.text("probability", decimalText(rule.probability->raw()));
    out.number("from_ms", milliseconds(rule.from));
    if (rule.until)
        out.number("until_ms", milliseconds(*rule.until));
    if (rule.length != plain.length)
        out.number("length_ms", milliseconds(rule.length));
    if (rule.share != plain.share)
        out.text("share", decimalText(rule.share.raw()));
    if (rule.rate != plain.rate)
        out.number("rate", rule.rate);
    if (rule.told)
        out.flag("told", true);
    out.endObject();
}
} // namespace

Result<FaultPlan> parseFaultPlan(std::string_view json)
{
    const auto bad = [](std::string detail) { return fail(ErrorCode::InvalidArgument, std::move(detail)); };
    const QJsonDocument document =
        QJsonDocument::fromJson(QByteArray(json.data(), static_cast<qsizetype>(json.size())));
    if (!document.isObject())
        return bad("faults: expects a JSON object");
    const QJsonObject object = document.object();
    for (const QString &key : object.keys())
        if (key != "seed"_L1 && key != "rules"_L1)
            return bad(key.toStdString() + ": is unknown");
    FaultPlan plan;
    if (const QJsonValue seed = object.value("seed"_L1); !seed.isUndefined()) {
        if (!seed.isDouble() || seed.toInteger(-1) < 0)
            return bad("seed: must be a whole number");
        plan.seed = static_cast<std::uint64_t>(seed.toInteger());
    }
    if (!object.value("rules"_L1).isArray())
        return bad("rules: must be a list");
    std::size_t index = 0;
    for (const QJsonValue &entry : object.value("rules"_L1).toArray()) {
        const std::string place = fmt::format("rules[{}]", index++);
        if (!entry.isObject())
            return bad(place + ": must be an object");
        auto rule = RuleReader(entry.toObject(), place).read();
        if (!rule)
            return fail(rule.error());
        plan.rules.push_back(std::move(*rule));
    }
    if (const auto valid = validate(plan); !valid)
        return fail(valid.error());
    return plan;
}

std::string faultPlanText(const FaultPlan &plan)
{
    JsonText out;
    out.object().number("seed", static_cast<std::int64_t>(plan.seed)).key("rules").array();
    for (const FaultRule &rule : plan.rules)
        writeRule(out, rule);
    return out.endArray().endObject().take();
}

} // namespace core::venue
