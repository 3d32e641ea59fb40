#pragma once

#include "core/risk/limits.h"
#include "tests/oracles/oracle_file.h"

namespace oracle
{

inline core::Ratio percent(double value) { return fixed<core::Ratio>(QJsonValue(value / 100.0)); }

inline core::Direction directionOf(const QJsonValue &side)
{
    return side.toString() == "long"_L1 ? core::Direction::Long : core::Direction::Short;
}

/// The oracle's words for our actions; absent values as methods.md 7.2 gives them.
inline core::risk::Tier tierOf(const QJsonObject &object)
{
    using core::risk::TierAction;
    core::risk::Tier tier;
    tier.id = object[u"id"].toString().toStdString();
    tier.trigger = percent(object[u"trigger"].toDouble());
    const QString action = object[u"action"].toString();
    tier.action = action == "alert"_L1            ? TierAction::Alert
                  : action == "close_fraction"_L1 ? TierAction::Reduce
                                                  : TierAction::Close;
    const double usual = tier.action == TierAction::Alert ? 0.7 : 0.8;
    tier.rearm = percent(object[u"rearm"].toDouble(usual * object[u"trigger"].toDouble()));
    tier.fraction = fixed<core::Ratio>(QJsonValue(object[u"fraction"].toDouble(0)));
    tier.firesMax = object[u"max_fires"].toInt(1'000'000);
    return tier;
}

} // namespace oracle
