#include "core/exchange/hyperliquid/client_settings.h"

#include "core/exchange/hyperliquid/client_requests.h"
#include "core/exchange/hyperliquid/rest_codec.h"

namespace core::exchange::hyperliquid
{
namespace
{
using namespace std::chrono_literals;

constexpr Duration kDeadManLeast = 5s;

Result<void> verdict(const ActionOutcome &outcome)
{
    if (outcome.fate != ActionOutcome::Fate::Answered)
        return fail(outcome.error);
    if (outcome.reply.refusal)
        return fail(outcome.reply.refusal->error());
    return {};
}

} // namespace

void ClientSettings::read(const Symbol &symbol, ports::Done<AssetSetting> done)
{
    m_rest.info(activeAssetRequest(m_address, symbol.view(), Lane::Protective),
                [done = std::move(done)](const InfoResult &result) {
                    done(result ? parseActiveAssetData(result->body)
                                : Result<AssetSetting>(fail(result.error().error)));
                });
}

void ClientSettings::setLeverage(const Symbol &symbol, int leverage, ports::Done<void> done)
{
    change(symbol, leverage, std::nullopt, std::move(done));
}

void ClientSettings::setMarginMode(const Symbol &symbol, MarginMode mode, ports::Done<void> done)
{
    change(symbol, std::nullopt, mode, std::move(done));
}

void ClientSettings::change(const Symbol &symbol, std::optional<int> leverage, std::optional<MarginMode> mode,
                            ports::Done<void> done)
{
    read(symbol, [this, symbol, leverage, mode, done = std::move(done)](const Result<AssetSetting> &setting) {
        const ListedAsset *asset = m_assets.find(symbol);
        if (!setting)
            return done(fail(setting.error()));
        if (!asset)
            return done(fail(ErrorCode::NotFound, symbol.string() + ": not listed here"));
        AssetSetting wanted = *setting;
        wanted.leverage = leverage.value_or(wanted.leverage);
        wanted.marginMode = mode.value_or(wanted.marginMode);
        if (wanted.leverage < 1 || wanted.leverage > asset->leverageMax)
            return done(fail(ErrorCode::InvalidArgument,
                             symbol.string() + ": leverage is 1 to " + std::to_string(asset->leverageMax)));
        if (asset->instrument.isolatedOnly && wanted.marginMode == MarginMode::Cross)
            return done(fail(ErrorCode::Unsupported, symbol.string() + ": cross margin is not allowed"));
        if (wanted.leverage == setting->leverage && wanted.marginMode == setting->marginMode)
            return done({});
        send(*asset, wanted, done);
    });
}

void ClientSettings::send(const ListedAsset &asset, const AssetSetting &wanted, ports::Done<void> done)
{
    const auto action = updateLeverageAction(static_cast<std::uint32_t>(asset.id), wanted.marginMode,
                                             static_cast<std::uint32_t>(wanted.leverage));
    if (!action)
        return done(fail(action.error()));
    m_actions.send(*action, Lane::Entry, 1,
                   [this, symbol = asset.instrument.key.symbol, wanted,
                    done = std::move(done)](const ActionOutcome &outcome) {
                       if (outcome.fate != ActionOutcome::Fate::Ambiguous)
                           return done(verdict(outcome));
                       read(symbol, [wanted, done, why = outcome.error](const Result<AssetSetting> &now) {
                           const bool done2 = now && now->leverage == wanted.leverage &&
                                              now->marginMode == wanted.marginMode;
                           done(done2 ? Result<void>() : Result<void>(fail(why)));
                       });
                   });
}

void ClientSettings::setDeadMan(std::optional<Duration> after, ports::Done<void> done)
{
    const auto later = [this](ports::Done<void> answer, Result<void> result) {
        QMetaObject::invokeMethod(
            this, [answer = std::move(answer), result] { answer(result); }, Qt::QueuedConnection);
    };
    if (!after && !m_deadManMayRun)
        return later(std::move(done), {});
    if (m_deadManLocked && !after)
        return later(std::move(done), {});
    if (m_deadManLocked)
        return later(std::move(done), fail(ErrorCode::Unsupported,
                                           "the venue offers its dead man's switch only above a traded volume"));
    if (after && *after < kDeadManLeast)
        return later(std::move(done), fail(ErrorCode::InvalidArgument, "the timer is at least 5 s"));
    std::optional<std::uint64_t> at;
    if (after)
        at = static_cast<std::uint64_t>(toMilliseconds(m_rest.venueNow() + *after));
    m_actions.send(scheduleCancelAction(at), Lane::Protective, 1,
                   [this, at, done = std::move(done)](const ActionOutcome &outcome) {
                       const bool locked =
                           outcome.reply.refusal && outcome.reply.refusal->reaction == Reaction::FeatureLocked;
                       m_deadManLocked = m_deadManLocked || locked;
                       Result<void> result = verdict(outcome);
                       if (locked && !at)
                           result = {}; // an account that may set none has none running
                       if (result || outcome.fate == ActionOutcome::Fate::Ambiguous)
                           m_deadManMayRun = at.has_value() || !result;
                       done(result);
                   });
}

} // namespace core::exchange::hyperliquid
