#include "core/risk/limits_versions.h"

#include <algorithm>

#include "core/risk/toml_fields.h"

namespace core::risk
{

namespace
{
bool waits(const LimitsVersion &version) { return version.validFrom > version.askedAt; }

/// The newest instant that a version was asked for: the clock was there once.
UtcTime newestAsked(const std::vector<LimitsVersion> &versions)
{
    UtcTime newest = versions.front().askedAt;
    for (const LimitsVersion &version : versions)
        newest = std::max(newest, version.askedAt);
    return newest;
}
} // namespace

Result<LimitsNow> limitsAt(const std::vector<LimitsVersion> &versions, UtcTime now)
{
    if (versions.empty())
        return fail(ErrorCode::NotFound, "limits: no version is stored");
    const LimitsVersion *holding = nullptr;
    const LimitsVersion *pending = nullptr;
    UtcTime latest = versions.front().askedAt;
    for (const LimitsVersion &version : versions) {
        latest = std::max(latest, version.askedAt);
        if (pending != nullptr && pending->validFrom <= latest)
            holding = pending; // its wait was over when this one was asked for
        pending = nullptr;
        if (holding != nullptr && waits(version))
            pending = &version;
        else
            holding = &version;
    }
    if (pending != nullptr && pending->validFrom <= std::max(now, latest))
        return LimitsNow{*pending, std::nullopt};
    return LimitsNow{*holding, pending != nullptr ? std::optional(*pending) : std::nullopt};
}

Result<LimitsPlan> planLimits(const std::vector<LimitsVersion> &versions, const LimitsRequest &request, UtcTime now)
{
    if (const auto errors = validate(request.wanted); !errors.empty())
        return fail(ErrorCode::InvalidArgument, joined(errors));
    LimitsPlan plan;
    LimitsVersion next{1, now, now, request.by, request.reason, request.wanted};
    if (versions.empty()) {
        plan.versions.push_back(next);
        return plan;
    }
    const UtcTime askedAt = std::max(now, newestAsked(versions));
    const auto current = limitsAt(versions, askedAt);
    if (!current)
        return fail(current.error());
    const Limits &holding = current->holding.limits;
    if (isGroup(holding) != isGroup(request.wanted)) {
        return fail(ErrorCode::InvalidArgument, isGroup(holding)
                                                    ? "breaker: these are the limits over all accounts; every scope must be all-accounts"
                                                    : "breaker: all-accounts belongs to the limits over all accounts");
    }
    plan.changes = changes(holding, request.wanted);
    next.version = versions.back().version + 1;
    next.askedAt = next.validFrom = askedAt;
    const bool looser = std::any_of(plan.changes.begin(), plan.changes.end(),
                                    [](const LimitChange &change) { return change.loosens; });
    next.limits = looser ? tightened(holding, request.wanted) : request.wanted;
    const bool tighter = !changes(holding, next.limits).empty();
    if (tighter || (!looser && current->pending)) {
        plan.versions.push_back(next);
        ++next.version;
    }
    if (looser) {
        next.limits = request.wanted;
        next.validFrom = askedAt + holding.loosenAfter;
        plan.looserFrom = next.validFrom;
        plan.versions.push_back(next);
    }
    return plan;
}

} // namespace core::risk
