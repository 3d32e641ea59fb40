#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <QtCore/QObject>

#include "core/exchange/hyperliquid/info_gateway.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::hyperliquid
{

/// What the venue keeps of the past, page after page, oldest first, each row once. Page ends overlap by the last time,
/// because rows may share a millisecond. Engine thread; answers from the event loop. Source: reference/hyperliquid.md
/// sections 2.2, 2.6.
class ClientHistory final : public QObject
{
    Q_OBJECT
public:
    ClientHistory(InfoGateway &rest, const Clock &clock, QObject *parent)
        : QObject(parent), m_rest(rest), m_clock(clock)
    {
    }

    void setAddress(std::string address) { m_address = std::move(address); }
    /// The newest 5000 of a length exist.
    void candles(const Symbol &symbol, Duration length, ports::TimeRange range, ports::Done<std::vector<Candle>> done);
    /// The venue keeps the most recent prints only.
    void trades(const Symbol &symbol, ports::TimeRange range, ports::Done<std::vector<Trade>> done);
    void fundingRates(const Symbol &symbol, ports::TimeRange range, ports::Done<std::vector<FundingRate>> done);
    void fills(const Symbol &symbol, ports::TimeRange range, ports::Done<std::vector<Fill>> done);
    /// Of all coins; `completeFrom` is later than the range where the venue does not keep that many.
    void allFills(ports::TimeRange range, std::function<void(Result<std::vector<Fill>>, UtcTime completeFrom)> done);
    void past(ports::TimeRange range, ports::Done<ports::AccountPast> done);
    void fundingPayments(ports::TimeRange range, ports::Done<std::vector<FundingPayment>> done);
    void transfers(ports::TimeRange range, ports::Done<std::vector<Transfer>> done);

private:
    template <class Row> struct Walk;
    template <class Row> void step(const std::shared_ptr<Walk<Row>> &walk);
    template <class Row> void refuse(ports::Done<std::vector<Row>> done, Error why);

    InfoGateway &m_rest;
    const Clock &m_clock;
    std::string m_address;
};

} // namespace core::exchange::hyperliquid
