#include "core/exchange/hyperliquid/codec_general.h"

#include <algorithm>
#include <array>

#include "core/exchange/hyperliquid/codec_rows.h"

namespace core::exchange::hyperliquid
{

namespace
{
constexpr std::array<std::string_view, 16> kUserChannels{"orderUpdates",
                                                         "user",
                                                         "userFills",
                                                         "userFundings",
                                                         "userNonFundingLedgerUpdates",
                                                         "userHistoricalOrders",
                                                         "clearinghouseState",
                                                         "allDexsClearinghouseState",
                                                         "openOrders",
                                                         "spotState",
                                                         "activeAssetData",
                                                         "webData3",
                                                         "notification",
                                                         "twapStates",
                                                         "userTwapHistory",
                                                         "userTwapSliceFills"};

[[nodiscard]] bool readBestSide(Reader &reader, std::optional<Level> &side)
{
    bool empty = false;
    if (!reader.isNull(empty))
        return false;
    if (empty)
        return reader.ignored();
    Level &level = side.emplace();
    return reader.object(must("px", [&] { return reader.price(level.price); }),
                         must("sz", [&] { return reader.size(level.quantity); }));
}

[[nodiscard]] bool readBbo(Reader &reader, Bbo &out)
{
    return reader.object(must("coin", [&] { return reader.coin(out.instrument); }),
                         must("time", [&] { return reader.moment(out.venueTime); }), must("bbo", [&] {
                             std::size_t sides = 0;
                             const bool read = reader.indexed([&](std::size_t index) {
                                 sides = index + 1;
                                 if (index > 1)
                                     return reader.refuse(ErrorCode::ParseFailed, "a bbo has two sides");
                                 return readBestSide(reader, index == 0 ? out.bid : out.ask);
                             });
                             return read && (sides == 2 ||
                                             reader.refuse(ErrorCode::ParseFailed, "a bbo has two sides"));
                         }));
}

/// One candle, or an array of them as the venue's documents say.
[[nodiscard]] bool readCandles(Reader &reader, std::vector<Candle> &out)
{
    out.clear();
    UtcTime lastMoment;
    Reader::Kind kind{};
    if (!reader.kind(kind))
        return false;
    if (kind == Reader::Kind::Array)
        return reader.rows(out, [&](Candle &candle) { return readCandle(reader, candle, lastMoment); });
    return readCandle(reader, out.emplace_back(), lastMoment);
}

[[nodiscard]] bool readActiveContext(Reader &reader, ContextUpdate &out)
{
    return reader.object(must("coin", [&] { return reader.coin(out.mark.instrument); }),
                         must("ctx", [&] { return readContext(reader, out.context); }));
}

/// An element [name, contexts] of allDexsAssetCtxs.
[[nodiscard]] bool readDexPair(Reader &reader, ContextTable::Dex &out)
{
    std::size_t parts = 0;
    const bool read = reader.indexed([&](std::size_t index) {
        parts = index + 1;
        if (index > 1)
            return reader.refuse(ErrorCode::ParseFailed, "expects a dex and its contexts");
        return index == 0 ? reader.words(out.name) : readContexts(reader, out.contexts);
    });
    return read && (parts == 2 || reader.refuse(ErrorCode::ParseFailed, "expects a dex and its contexts"));
}

[[nodiscard]] bool readAllDexes(Reader &reader, std::vector<ContextTable::Dex> &dexes)
{
    std::size_t count = 0;
    const bool read = reader.object(must("ctxs", [&] {
        return reader.elements([&] {
            if (count == dexes.size())
                dexes.emplace_back();
            return readDexPair(reader, dexes[count++]);
        });
    }));
    dexes.resize(count);
    return read;
}

[[nodiscard]] bool readOneDex(Reader &reader, std::vector<ContextTable::Dex> &dexes)
{
    dexes.resize(1);
    dexes.front().name.clear();
    return reader.object(may("dex", [&] { return reader.words(dexes.front().name); }),
                         must("ctxs", [&] { return readContexts(reader, dexes.front().contexts); }));
}

[[nodiscard]] bool readSubscription(Reader &reader, SubscriptionReply &out)
{
    const auto subscription = [&] {
        return reader.object(must("type", [&] { return reader.words(out.type); }),
                             may("coin", [&] { return reader.words(out.coin); }),
                             may("user", [&] { return reader.words(out.user); }),
                             may("interval", [&] { return reader.words(out.interval); }),
                             may("dex", [&] { return reader.words(out.dex); }));
    };
    std::string method;
    const bool read = reader.object(must("method", [&] { return reader.words(method); }),
                                    must("subscription", subscription));
    out.subscribed = method != "unsubscribe";
    return read;
}

/// Info answers wrap their data once more.
[[nodiscard]] Result<PostAnswer> unwrapped(PostAnswer answer)
{
    Reader inner;
    bool read = true;
    std::string data;
    if (answer.kind == PostAnswer::Kind::Info) {
        read = inner.load(answer.payload, "post.payload") &&
               inner.object(Reader::At::Root, may("type", [&] { return inner.words(answer.infoType); }),
                            must("data", [&] { return inner.rawJson(data); })) &&
               inner.finish();
    } else if (answer.kind == PostAnswer::Kind::Error) {
        const std::string listed = '[' + answer.payload + ']'; // the reader's root is an object or an array
        read = inner.load(listed, "post.payload") && inner.rootElements([&] { return inner.words(data); }) &&
               inner.finish();
    } else {
        return answer;
    }
    if (!read)
        return fail(inner.error());
    answer.payload = std::move(data);
    return answer;
}

[[nodiscard]] bool readPost(Reader &reader, PostAnswer &out)
{
    std::string type;
    const bool read =
        reader.object(must("id", [&] { return reader.whole(out.id); }), must("response", [&] {
                          return reader.object(must("type", [&] { return reader.words(type); }),
                                               must("payload", [&] { return reader.rawJson(out.payload); }));
                      }));
    out.kind = type == "info"     ? PostAnswer::Kind::Info
               : type == "action" ? PostAnswer::Kind::Action
               : type == "error"  ? PostAnswer::Kind::Error
                                  : PostAnswer::Kind::Unknown;
    return read;
}
} // namespace

bool isNoObject(std::string_view frame)
{
    const auto first = frame.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos || frame[first] != '{';
}

bool isUserChannel(std::string_view channel)
{
    return std::find(kUserChannels.begin(), kUserChannels.end(), channel) != kUserChannels.end();
}

bool GeneralDecoder::readChannel(std::string &channel)
{
    return m_reader.object(Reader::At::Root, must("channel", [&] { return m_reader.words(channel); }),
                           may("data", [&] { return m_reader.ignored(); })) &&
           m_reader.finish();
}

template <class Read> bool GeneralDecoder::readData(std::string_view channel, Read &&read)
{
    m_reader.rewind("frame");
    return m_reader.object(Reader::At::Root, must("channel", [&] { return m_reader.ignored(); }),
                           must("data", [&] {
                               m_reader.rename(channel);
                               return read();
                           }));
}

Result<MarketEvent> GeneralDecoder::decode(std::string_view frame, UtcTime receivedAt, MarketScratch &scratch)
{
    if (isNoObject(frame))
        return MarketEvent{Ignored{"text"}};
    std::string channel;
    if (!m_reader.load(frame, "frame") || !readChannel(channel))
        return fail(m_reader.error());
    if (isUserChannel(channel))
        return MarketEvent{UserFrame{}};
    return decodeMarket(channel, receivedAt, scratch);
}

Result<MarketEvent> GeneralDecoder::decodeMarket(const std::string &channel, UtcTime receivedAt,
                                                 MarketScratch &scratch)
{
    const auto settled = [&](bool read, MarketEvent event) {
        return m_reader.result(read, std::move(event));
    };
    if (channel == "l2Book") {
        scratch.book.receivedAt = receivedAt;
        return settled(readData(channel, [&] { return readBook(m_reader, Reader::At::Here, scratch.book); }),
                       &scratch.book);
    }
    if (channel == "bbo") {
        Bbo bbo;
        bbo.receivedAt = receivedAt;
        const bool read = readData(channel, [&] { return readBbo(m_reader, bbo); });
        return settled(read, bbo);
    }
    if (channel == "trades") {
        scratch.trades.trades.clear();
        const bool read = readData(channel, [&] {
            return m_reader.rows(scratch.trades.trades, [&](Trade &trade) {
                const bool good = readTrade(m_reader, trade);
                trade.receivedAt = receivedAt;
                return good;
            });
        });
        return settled(read, &scratch.trades);
    }
    if (channel == "activeAssetCtx") {
        ContextUpdate update;
        const bool read = readData(channel, [&] { return readActiveContext(m_reader, update); });
        update.mark = toMarkPrice(update.mark.instrument, update.context, receivedAt);
        return settled(read, update);
    }
    if (channel == "candle")
        return settled(readData(channel, [&] { return readCandles(m_reader, scratch.candles.candles); }),
                       &scratch.candles);
    if (channel == "allMids") {
        scratch.mids.receivedAt = receivedAt;
        const bool read = readData(channel, [&] {
            return m_reader.object(
                must("mids", [&] { return readMids(m_reader, Reader::At::Here, scratch.mids.rows); }));
        });
        return settled(read, &scratch.mids);
    }
    if (channel == "allDexsAssetCtxs" || channel == "assetCtxs") {
        scratch.table.receivedAt = receivedAt;
        const bool read = readData(channel, [&] {
            return channel == "assetCtxs" ? readOneDex(m_reader, scratch.table.dexes)
                                          : readAllDexes(m_reader, scratch.table.dexes);
        });
        return settled(read, &scratch.table);
    }
    return decodeControl(channel);
}

Result<MarketEvent> GeneralDecoder::decodeControl(const std::string &channel)
{
    if (channel == "pong")
        return MarketEvent{Pong{}};
    if (channel == "subscriptionResponse") {
        SubscriptionReply reply;
        const bool read = readData(channel, [&] { return readSubscription(m_reader, reply); });
        return m_reader.result(read, MarketEvent{std::move(reply)});
    }
    if (channel == "error") {
        ErrorNotice notice;
        const bool read = readData(channel, [&] { return m_reader.words(notice.text); });
        return m_reader.result(read, MarketEvent{std::move(notice)});
    }
    if (channel == "post") {
        PostAnswer answer;
        if (!readData(channel, [&] { return readPost(m_reader, answer); }))
            return fail(m_reader.error());
        return unwrapped(std::move(answer)).map([](PostAnswer &&inner) {
            return MarketEvent{std::move(inner)};
        });
    }
    return MarketEvent{Ignored{channel}};
}

} // namespace core::exchange::hyperliquid
