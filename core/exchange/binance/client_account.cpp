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

void BinanceClient::setLeverage(const InstrumentKey &, int, ports::Done<void> done)
{
    m_impl->answer<void>(std::move(done), fail(ErrorCode::Unsupported, "not yet"));
}

void BinanceClient::setMarginMode(const InstrumentKey &, MarginMode, ports::Done<void> done)
{
    m_impl->answer<void>(std::move(done), fail(ErrorCode::Unsupported, "not yet"));
}

void BinanceClient::setDeadMan(const InstrumentKey &, std::optional<Duration>, ports::Done<void> done)
{
    m_impl->answer<void>(std::move(done), fail(ErrorCode::Unsupported, "not yet"));
}

void BinanceClient::keyRights(ports::Done<ports::KeyRights> done)
{
    m_impl->answer<ports::KeyRights>(std::move(done), fail(ErrorCode::Unsupported, "not yet"));
}

void BinanceClient::fills(const InstrumentKey &, ports::TimeRange, ports::Done<std::vector<Fill>> done)
{
    m_impl->answer<std::vector<Fill>>(std::move(done), fail(ErrorCode::Unsupported, "not yet"));
}

void BinanceClient::fundingPayments(ports::TimeRange, ports::Done<std::vector<FundingPayment>> done)
{
    m_impl->answer<std::vector<FundingPayment>>(std::move(done), fail(ErrorCode::Unsupported, "not yet"));
}

void BinanceClient::transfers(ports::TimeRange, ports::Done<std::vector<Transfer>> done)
{
    m_impl->answer<std::vector<Transfer>>(std::move(done), fail(ErrorCode::Unsupported, "not yet"));
}

} // namespace core::exchange::binance
