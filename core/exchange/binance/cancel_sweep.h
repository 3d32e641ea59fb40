#pragma once

#include <memory>
#include <optional>
#include <set>

#include <QtCore/QObject>

#include "core/exchange/binance/order_channel.h"

namespace core::exchange::binance
{

/// "Cancel everything": both kinds of orders, of one contract or of all; believed only when the lists of open
/// orders say so. A cancel that was not answered is repeated, it can do no harm. Engine thread; `done` comes
/// from the event loop, not after `stop`. Source: reference/binance-usdm.md section 6.4.
class CancelSweep final : public QObject
{
    Q_OBJECT
public:
    CancelSweep(const ClientOptions &options, RestGateway &rest, OrderChannel &orders, QObject *parent);
    ~CancelSweep() override;

    void cancelAll(const std::optional<InstrumentKey> &only, ports::Done<void> done);
    void stop() { ++m_generation; }

private:
    struct Sweep;
    using SweepPtr = std::shared_ptr<Sweep>;

    void list(const SweepPtr &sweep);
    void onListed(const SweepPtr &sweep);
    void sendCancels(const SweepPtr &sweep);
    void onCancelsSent(const SweepPtr &sweep);
    void again(const SweepPtr &sweep, const Error &why);
    void ask(const SweepPtr &sweep, RestCall call, std::function<Result<void>(const RestAnswer &)> read,
             void (CancelSweep::*next)(const SweepPtr &));

    const ClientOptions &m_options;
    RestGateway &m_rest;
    OrderChannel &m_orders;
    std::uint64_t m_generation{0};
};

} // namespace core::exchange::binance
