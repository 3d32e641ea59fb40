#pragma once

#include <optional>
#include <string>

#include <QtCore/QObject>

#include "core/exchange/hyperliquid/action_channel.h"
#include "core/exchange/hyperliquid/instruments.h"
#include "core/exchange/hyperliquid/messages_user.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::hyperliquid
{

/// Leverage, margin mode and the dead man's timer. The venue sets leverage and mode in one action, so the other half
/// is read first; an unclear answer is settled by reading the setting again. Engine thread. Source:
/// reference/hyperliquid.md sections 5.6, 5.7.
class ClientSettings final : public QObject
{
    Q_OBJECT
public:
    ClientSettings(InfoGateway &rest, ActionChannel &actions, const AssetTable &assets, QObject *parent)
        : QObject(parent), m_rest(rest), m_actions(actions), m_assets(assets)
    {
    }

    void setAddress(std::string address) { m_address = std::move(address); }
    void setLeverage(const Symbol &symbol, int leverage, ports::Done<void> done);
    void setMarginMode(const Symbol &symbol, MarginMode mode, ports::Done<void> done);
    /// All orders of the account, stops included, are cancelled at that time; absent: never.
    void setDeadMan(std::optional<Duration> after, ports::Done<void> done);
    /// The venue has said that the account has not traded enough for it.
    [[nodiscard]] bool deadManLocked() const { return m_deadManLocked; }

private:
    void change(const Symbol &symbol, std::optional<int> leverage, std::optional<MarginMode> mode,
                ports::Done<void> done);
    void send(const ListedAsset &asset, const AssetSetting &wanted, ports::Done<void> done);
    void read(const Symbol &symbol, ports::Done<AssetSetting> done);

    InfoGateway &m_rest;
    ActionChannel &m_actions;
    const AssetTable &m_assets;
    std::string m_address;
    bool m_deadManMayRun{true}; ///< an earlier run may have set one
    bool m_deadManLocked{false};
};

} // namespace core::exchange::hyperliquid
