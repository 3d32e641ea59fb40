#include "core/exchange/binance/client_impl.h"

namespace core::exchange::binance
{

void BinanceClient::queryPositions()
{
    if (m_impl->listener)
        m_impl->account.queryPositions();
}

void BinanceClient::queryFills(const InstrumentKey &instrument)
{
    if (m_impl->listener)
        m_impl->account.queryFills(instrument);
}

void BinanceClient::setLeverage(const InstrumentKey &instrument, int leverage, ports::Done<void> done)
{
    if (m_impl->listener)
        m_impl->settings.setLeverage(instrument, leverage, std::move(done));
}

void BinanceClient::setMarginMode(const InstrumentKey &instrument, MarginMode mode, ports::Done<void> done)
{
    if (m_impl->listener)
        m_impl->settings.setMarginMode(instrument, mode, std::move(done));
}

void BinanceClient::setDeadMan(const InstrumentKey &instrument, std::optional<Duration> after,
                               ports::Done<void> done)
{
    if (m_impl->listener)
        m_impl->settings.setDeadMan(instrument, after, std::move(done));
}

void BinanceClient::keyRights(ports::Done<ports::KeyRights> done)
{
    if (m_impl->listener)
        m_impl->settings.keyRights(std::move(done));
}

void BinanceClient::feeRates(const InstrumentKey &instrument, ports::Done<FeeRates> done)
{
    if (m_impl->listener)
        m_impl->settings.feeRates(instrument.symbol, std::move(done));
}

void BinanceClient::fills(const InstrumentKey &instrument, ports::TimeRange range,
                          ports::Done<std::vector<Fill>> done)
{
    if (!m_impl->listener || !done)
        return;
    m_impl->history.fills(instrument, range, [this, done = std::move(done)](Result<std::vector<Fill>> fills) {
        if (!m_impl->listener)
            return;
        // The answer does not name our orders; those of this session are known.
        if (fills) {
            for (Fill &fill : *fills)
                fill.clientOrderId =
                    m_impl->orders.clientIdOf(fill.instrument, fill.venueOrderId).value_or(ClientOrderId{});
        }
        done(std::move(fills));
    });
}

void BinanceClient::fundingPayments(ports::TimeRange range, ports::Done<std::vector<FundingPayment>> done)
{
    if (!m_impl->listener || !done)
        return;
    m_impl->history.income("FUNDING_FEE", range, net::Lane::History,
                           [this, done = std::move(done)](const Result<std::vector<IncomeRow>> &rows) {
                               if (m_impl->listener)
                                   done(rows.map(fundingOf));
                           });
}

void BinanceClient::transfers(ports::TimeRange range, ports::Done<std::vector<Transfer>> done)
{
    if (!m_impl->listener || !done)
        return;
    m_impl->history.income({}, range, net::Lane::History,
                           [this, done = std::move(done)](const Result<std::vector<IncomeRow>> &rows) {
                               if (m_impl->listener)
                                   done(rows.map(transfersOf));
                           });
}

void BinanceClient::accountPast(ports::TimeRange range, const std::vector<InstrumentKey> &held,
                                ports::Done<ports::AccountPast> done)
{
    if (!m_impl->listener || !done)
        return;
    m_impl->history.past(range, held, [this, done = std::move(done)](Result<ports::AccountPast> past) {
        if (m_impl->listener)
            done(std::move(past));
    });
}

} // namespace core::exchange::binance
