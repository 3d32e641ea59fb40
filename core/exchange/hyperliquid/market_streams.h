#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/exchange/hyperliquid/client_socket.h"
#include "core/exchange/hyperliquid/codec.h"
#include "core/exchange/hyperliquid/instruments.h"
#include "core/exchange/hyperliquid/order_channel_wire.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::hyperliquid
{

/// The market side: per coin l2Book, bbo, trades and activeAssetCtx, spread over several connections; a book per coin
/// out of whole snapshots with the newer best prices laid over it; a freshness per stream. l2Book is slow by
/// design: whether a price may be used is told by the age of bbo and mark. Engine thread. Source:
/// reference/hyperliquid.md section 6.
class MarketStreams final : public QObject
{
    Q_OBJECT
public:
    MarketStreams(const ClientOptions &options, const Clock &clock, QObject *parent);
    ~MarketStreams() override;

    void start(ports::ExchangeListener &listener);
    void stop();
    /// A known coin with another tick starts its book anew.
    void add(const Instrument &instrument);
    void remove(const Symbol &symbol);
    /// False: the venue has no candles of this length.
    [[nodiscard]] bool watchCandles(const Symbol &symbol, Duration length, bool on);

    [[nodiscard]] Surroundings surroundings(const Symbol &symbol) const;

private:
    struct Market;
    struct Line; ///< one connection

    [[nodiscard]] Line &lineWithRoom();
    void onLost(Line &line, const Error &why);
    void onOpened(Line &line);
    void onFrame(Line &line, std::string_view frame, UtcTime receivedAt);
    void onUndecodable(Line &line, std::string_view frame, const Error &why);
    void onBook(const BookSnapshot &snapshot);
    void onBbo(const Bbo &bbo);
    void onTrades(const TradeBatch &batch);
    void onContext(const ContextUpdate &update);
    void onCandles(const CandleBatch &batch);
    void onCandle(const Candle &candle);
    void layOver(Market &market, const Bbo &bbo);
    void publishBook(Market &market, UtcTime venueTime, UtcTime receivedAt);
    [[nodiscard]] Freshness bookFreshness(const Market &market) const;
    void care();
    void publishStatus(ports::StreamStatus &status, Freshness freshness);
    [[nodiscard]] Market *find(const Symbol &symbol) const;

    const ClientOptions &m_options;
    const Clock &m_clock;
    ports::ExchangeListener *m_listener{nullptr};
    MarketDecoder m_decoder;
    std::vector<std::unique_ptr<Market>> m_markets;
    std::vector<std::unique_ptr<Line>> m_lines;
    QTimer m_care;
};

} // namespace core::exchange::hyperliquid
