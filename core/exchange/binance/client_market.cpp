#include "core/exchange/binance/client_impl.h"

#include <algorithm>

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

/// A list that is younger than this is not asked for again.
constexpr Duration kListFresh = 60s;

} // namespace

std::vector<Instrument> BinanceClient::Impl::wholeList() const
{
    std::vector<Instrument> all;
    all.reserve(listed.size());
    for (const auto &[symbol, instrument] : listed) {
        all.push_back(instrument);
        if (const auto known = instruments.find(symbol); known != instruments.end())
            all.back().marginTiers = known->second.marginTiers;
    }
    return all;
}

void BinanceClient::Impl::answerList(const Result<void> &state)
{
    for (const auto &done : std::exchange(waitingForList, {})) {
        if (state)
            answer(done, Result<std::vector<Instrument>>(wholeList()));
        else
            answer(done, Result<std::vector<Instrument>>(fail(state.error())));
    }
}

void BinanceClient::instruments(ports::Done<std::vector<Instrument>> done)
{
    if (!m_impl->listener)
        return;
    if (!m_impl->listed.empty() && m_impl->clock.monotonic() - m_impl->listedAt < kListFresh) {
        m_impl->answer(std::move(done), Result<std::vector<Instrument>>(m_impl->wholeList()));
        return;
    }
    m_impl->waitingForList.push_back(std::move(done));
    m_impl->loadInstruments();
}

void BinanceClient::Impl::addSymbol(const Symbol &symbol)
{
    const auto found = listed.find(symbol);
    if (found == listed.end()) {
        reportUnknown(symbol);
        return;
    }
    take(found->second);
    if (const auto known = instruments.find(symbol); listener && known != instruments.end())
        market.add(known->second);
    if (listener && rest.hasCredentials())
        loadMarginTiers(symbol);
}

void BinanceClient::addSymbols(const std::vector<Symbol> &symbols)
{
    std::vector<Symbol> added;
    for (const Symbol &symbol : symbols) {
        auto &known = m_impl->symbols;
        if (std::find(known.begin(), known.end(), symbol) != known.end())
            continue;
        known.push_back(symbol);
        added.push_back(symbol);
    }
    if (added.empty() || !m_impl->running)
        return; // with the first list
    // The listener is told from the event loop only.
    QTimer::singleShot(0, this, [this, added] {
        bool unknown = false;
        for (const Symbol &symbol : added) {
            if (!m_impl->listener)
                return;
            const auto &wanted = m_impl->symbols;
            if (std::find(wanted.begin(), wanted.end(), symbol) == wanted.end())
                continue;
            unknown = unknown || !m_impl->listed.contains(symbol);
            m_impl->addSymbol(symbol);
        }
        if (unknown) // perhaps listed since
            m_impl->loadInstruments();
    });
}

void BinanceClient::removeSymbols(const std::vector<Symbol> &symbols)
{
    for (const Symbol &symbol : symbols) {
        std::erase(m_impl->symbols, symbol);
        m_impl->instruments.erase(symbol);
        m_impl->market.remove(symbol);
    }
}

void BinanceClient::watchCandles(const InstrumentKey &instrument, Duration length, bool on)
{
    QTimer::singleShot(0, this, [this, instrument, length, on] {
        if (m_impl->listener)
            m_impl->market.watchCandles(instrument, length, on);
    });
}

void BinanceClient::candles(const InstrumentKey &instrument, Duration length, ports::TimeRange range,
                            ports::Done<std::vector<Candle>> done)
{
    if (m_impl->listener)
        m_impl->marketHistory.candles(instrument, length, range, std::move(done));
}

void BinanceClient::trades(const InstrumentKey &instrument, ports::TimeRange range,
                           ports::Done<std::vector<Trade>> done)
{
    if (m_impl->listener)
        m_impl->marketHistory.trades(instrument, range, std::move(done));
}

void BinanceClient::fundingRates(const InstrumentKey &instrument, ports::TimeRange range,
                                 ports::Done<std::vector<FundingRate>> done)
{
    if (m_impl->listener)
        m_impl->marketHistory.fundingRates(instrument, range, std::move(done));
}

} // namespace core::exchange::binance
