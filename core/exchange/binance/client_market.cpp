#include "core/exchange/binance/client_impl.h"

namespace core::exchange::binance
{

void BinanceClient::instruments(ports::Done<std::vector<Instrument>> done)
{
    m_impl->answer<std::vector<Instrument>>(std::move(done), fail(ErrorCode::Unsupported, "not yet"));
}

void BinanceClient::addSymbols(const std::vector<Symbol> &) {}

void BinanceClient::removeSymbols(const std::vector<Symbol> &) {}

void BinanceClient::watchCandles(const InstrumentKey &, Duration, bool) {}

void BinanceClient::candles(const InstrumentKey &, Duration, ports::TimeRange,
                            ports::Done<std::vector<Candle>> done)
{
    m_impl->answer<std::vector<Candle>>(std::move(done), fail(ErrorCode::Unsupported, "not yet"));
}

void BinanceClient::trades(const InstrumentKey &, ports::TimeRange, ports::Done<std::vector<Trade>> done)
{
    m_impl->answer<std::vector<Trade>>(std::move(done), fail(ErrorCode::Unsupported, "not yet"));
}

void BinanceClient::fundingRates(const InstrumentKey &, ports::TimeRange,
                                 ports::Done<std::vector<FundingRate>> done)
{
    m_impl->answer<std::vector<FundingRate>>(std::move(done), fail(ErrorCode::Unsupported, "not yet"));
}

} // namespace core::exchange::binance
