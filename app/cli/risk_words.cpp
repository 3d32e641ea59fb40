#include "app/cli/risk_words.h"

#include <fmt/format.h>

using namespace Qt::StringLiterals;

namespace app::cli
{

namespace
{
namespace risk = core::risk;

[[nodiscard]] QString qt(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

[[nodiscard]] QJsonObject tierJson(const risk::Breaker &breaker, const risk::Tier &tier)
{
    return {{u"id"_s, qt(tier.id)},
            {u"trigger"_s, qt(risk::levelText(breaker.kind, tier.trigger))},
            {u"rearm"_s, qt(risk::levelText(breaker.kind, tier.rearm))},
            {u"action"_s, qt(name(tier.action))},
            {u"sentence"_s, qt(risk::sentence(breaker, tier))}};
}

[[nodiscard]] bool isBreakerField(const std::string &path)
{
    return path.starts_with("breaker[") || path == "schema";
}
} // namespace

std::string ownerText(const core::storage::LimitsOwner &owner)
{
    return owner.account ? fmt::format("account {} ({})", owner.account->view(), name(owner.mode))
                         : fmt::format("all accounts ({})", name(owner.mode));
}

QJsonObject ownerJson(const core::storage::LimitsOwner &owner)
{
    return {{u"mode"_s, qt(name(owner.mode))},
            {u"account"_s, owner.account ? QJsonValue(qt(owner.account->view())) : QJsonValue()}};
}

std::string limitsText(const risk::Limits &limits)
{
    std::string out;
    auto to = std::back_inserter(out);
    for (std::size_t i = 0; i < limits.breakers.size(); ++i) {
        const risk::Breaker &breaker = limits.breakers[i];
        fmt::format_to(to, "breaker[{}] {}, {}{}\n", i, name(breaker.kind), name(breaker.scope),
                       breaker.enabled ? "" : " (switched off)");
        for (std::size_t k = 0; k < breaker.tiers.size(); ++k)
            fmt::format_to(to, "  tier[{}] {}\n", k, risk::sentence(breaker, breaker.tiers[k]));
    }
    out += '\n';
    for (const auto &[path, value] : risk::fieldValues(limits)) {
        if (!isBreakerField(path))
            fmt::format_to(to, "{} = {}\n", path, value);
    }
    return out;
}

QJsonObject limitsJson(const risk::Limits &limits)
{
    QJsonArray breakers;
    for (const risk::Breaker &breaker : limits.breakers) {
        QJsonArray tiers;
        for (const risk::Tier &tier : breaker.tiers)
            tiers.append(tierJson(breaker, tier));
        breakers.append(QJsonObject{{u"kind"_s, qt(name(breaker.kind))},
                                    {u"scope"_s, qt(name(breaker.scope))},
                                    {u"enabled"_s, breaker.enabled},
                                    {u"tiers"_s, tiers}});
    }
    QJsonObject values;
    for (const auto &[path, value] : risk::fieldValues(limits))
        values.insert(qt(path), qt(value));
    return {{u"breakers"_s, breakers}, {u"values"_s, values}};
}

std::string changesText(const std::vector<risk::LimitChange> &changes, std::optional<core::UtcTime> looserFrom)
{
    std::string out;
    for (const risk::LimitChange &change : changes) {
        const std::string when = !change.loosens ? "at once"
                                 : looserFrom    ? "looser, from " + core::isoMilliseconds(*looserFrom)
                                                 : "looser";
        fmt::format_to(std::back_inserter(out), "  {}: {} -> {} ({})\n", change.field, change.from, change.to, when);
    }
    return out;
}

QJsonArray changesJson(const std::vector<risk::LimitChange> &changes, std::optional<core::UtcTime> looserFrom)
{
    QJsonArray array;
    for (const risk::LimitChange &change : changes) {
        QJsonObject object{{u"field"_s, qt(change.field)},
                           {u"from"_s, qt(change.from)},
                           {u"to"_s, qt(change.to)},
                           {u"loosens"_s, change.loosens}};
        if (change.loosens && looserFrom)
            object.insert(u"holds_from"_s, qt(core::isoMilliseconds(*looserFrom)));
        array.append(object);
    }
    return array;
}

} // namespace app::cli
