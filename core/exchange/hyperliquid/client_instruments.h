#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <QtCore/QObject>

#include "core/exchange/hyperliquid/info_gateway.h"
#include "core/exchange/hyperliquid/instruments.h"

namespace core::exchange::hyperliquid
{

/// Keeps the asset table in step with the venue: the lists of the dexes in use, read by name. Engine thread; answers
/// from the event loop. Source: reference/hyperliquid.md section 3.1.
class ClientInstruments final : public QObject
{
    Q_OBJECT
public:
    ClientInstruments(InfoGateway &rest, QObject *parent) : QObject(parent), m_rest(rest) {}

    /// Dexes beside the venue's own whose contracts are wanted.
    void want(const Symbol &symbol) { m_dexes.insert(std::string(dexOf(symbol.view()))); }
    /// Reads all lists anew; the table changes list by list. Several wishes share one reading.
    void load(std::function<void(Result<void>)> done);
    [[nodiscard]] const AssetTable &table() const { return m_table; }
    [[nodiscard]] const std::set<std::string> &dexes() const { return m_dexes; }

private:
    struct Round {
        int outstanding{0};
        std::optional<Error> failure;
    };
    void loadMetas(const std::map<std::string, std::size_t> &numbers);
    void finish(const Result<void> &result);

    InfoGateway &m_rest;
    AssetTable m_table;
    std::set<std::string> m_dexes{""};
    std::vector<std::function<void(Result<void>)>> m_waiters;
};

} // namespace core::exchange::hyperliquid
