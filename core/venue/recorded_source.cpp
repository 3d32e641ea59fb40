#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "core/exchange/binance/codec.h"
#include "core/venue/market_feed.h"
#include "core/venue/recording.h"

namespace core::venue
{

namespace
{
using exchange::binance::DepthSnapshot;
using exchange::binance::DepthUpdate;
using exchange::binance::MarketDecoder;
using exchange::binance::MarketEvent;

constexpr Duration kLookAhead = std::chrono::seconds{5}; ///< what `survey` reads of a recording
constexpr Duration kSnapshotWait = std::chrono::seconds{60};

/// The event inside the combined envelope, bytes untouched; the whole payload when it has none.
[[nodiscard]] std::string_view dataOf(std::string_view payload)
{
    constexpr std::string_view kKey = R"("data":)";
    const std::size_t key = payload.substr(0, 300).find(kKey);
    const std::size_t last = payload.rfind('}');
    if (!payload.starts_with(R"({"stream")") || key == std::string_view::npos ||
        last == std::string_view::npos)
        return payload;
    return payload.substr(key + kKey.size(), last - key - kKey.size());
}

[[nodiscard]] std::string_view streamOf(std::string_view payload)
{
    constexpr std::string_view kKey = R"({"stream":")";
    if (!payload.starts_with(kKey))
        return {};
    payload.remove_prefix(kKey.size());
    return payload.substr(0, payload.find('"'));
}

[[nodiscard]] bool isAggregate(std::string_view data)
{
    return data.substr(0, 40).find(R"("aggTrade")") != std::string_view::npos;
}

[[nodiscard]] Result<RecordingSequence> openFiles(const RecordingOptions &options)
{
    std::vector<std::filesystem::path> paths(options.files.begin(), options.files.end());
    return RecordingSequence::open(paths);
}

/// What the first seconds of a recording hold for one symbol.
struct Survey {
    std::int64_t priceUnit{0}; ///< greatest common divisor of the prices seen
    std::int64_t quantityUnit{0};
    int priceDigits{0};
    int quantityDigits{0};
    bool depth{false};
    bool mark{false};
    bool aggregate{false};
};

[[nodiscard]] int digitsAfterPoint(std::string_view text)
{
    const std::size_t point = text.find('.');
    return point == std::string_view::npos ? 0 : static_cast<int>(text.size() - point - 1);
}

/// Digits of the first ["price","quantity"] pair of a depth event.
void surveyDigits(std::string_view data, Survey &survey)
{
    const std::size_t pair = data.find(R"([[")");
    if (pair == std::string_view::npos)
        return;
    data.remove_prefix(pair + 3);
    const std::string_view price = data.substr(0, data.find('"'));
    data.remove_prefix(std::min(price.size() + 3, data.size()));
    const std::string_view quantity = data.substr(0, data.find('"'));
    survey.priceDigits = std::max(survey.priceDigits, digitsAfterPoint(price));
    survey.quantityDigits = std::max(survey.quantityDigits, digitsAfterPoint(quantity));
}

void surveyLevels(const std::vector<Level> &levels, Survey &survey)
{
    for (const Level &level : levels) {
        survey.priceUnit = std::gcd(survey.priceUnit, level.price.raw());
        survey.quantityUnit = std::gcd(survey.quantityUnit, level.quantity.raw());
    }
}

void surveyMessage(const RecordedMessage &message, MarketDecoder &decoder, std::map<Symbol, Survey> &found)
{
    if (message.kind == RecordedMessage::Kind::DepthSnapshot) {
        const auto snapshot = exchange::binance::parseDepthSnapshot(message.payload);
        if (!snapshot || message.symbol.empty())
            return;
        Survey &survey = found[message.symbol];
        survey.depth = true;
        surveyLevels(snapshot->bids, survey);
        surveyLevels(snapshot->asks, survey);
        return;
    }
    const auto event = decoder.decode(message.payload, message.receivedAt);
    if (!event)
        return;
    const std::string_view data = dataOf(message.payload);
    if (const auto *depth = std::get_if<const DepthUpdate *>(&*event)) {
        Survey &survey = found[(*depth)->symbol];
        survey.depth = true;
        surveyLevels((*depth)->bids, survey);
        surveyLevels((*depth)->asks, survey);
        surveyDigits(data, survey);
    } else if (const auto *mark = std::get_if<MarkPrice>(&*event)) {
        found[mark->instrument.symbol].mark = true;
    } else if (const auto *trade = std::get_if<Trade>(&*event)) {
        Survey &survey = found[trade->instrument.symbol];
        survey.aggregate = survey.aggregate || isAggregate(data);
    }
}

/// Reads the first seconds; an error of a single line is no reason to stop.
[[nodiscard]] Result<std::map<Symbol, Survey>> surveyRecording(const RecordingOptions &options)
{
    auto files = openFiles(options);
    if (!files)
        return fail(files.error());
    MarketDecoder decoder;
    std::map<Symbol, Survey> found;
    std::optional<UtcTime> begin;
    std::optional<Error> lastError;
    for (;;) {
        const auto message = files->next();
        if (!message) {
            lastError = message.error();
            continue;
        }
        if (!*message || (begin && (*message)->receivedAt - *begin > kLookAhead))
            break;
        if ((*message)->kind == RecordedMessage::Kind::ExchangeInfo)
            continue;
        if (!begin)
            begin = (*message)->receivedAt;
        surveyMessage(**message, decoder, found);
    }
    std::erase_if(found, [](const auto &entry) { return !entry.second.depth; });
    if (found.empty())
        return lastError
                   ? fail(*lastError)
                   : fail(ErrorCode::NotFound, options.files.front() + ": no depth in its first seconds");
    return found;
}

class RecordedSource final : public MarketSource
{
public:
    RecordedSource(RecordingOptions options, RecordingSequence files, std::map<Symbol, Survey> survey)
        : m_options(std::move(options)), m_files(std::move(files)), m_survey(std::move(survey))
    {
    }

    [[nodiscard]] Result<void> start(UtcTime, FeedListener &listener) override { return begin(listener); }
    [[nodiscard]] std::optional<Duration> nextAt() const override
    {
        return m_next ? std::optional(m_nextAt) : std::nullopt;
    }
    [[nodiscard]] bool hasMark(const Symbol &symbol) const override { return surveyOf(symbol).mark; }
    [[nodiscard]] bool hasAggregateTrades(const Symbol &symbol) const override
    {
        return surveyOf(symbol).aggregate;
    }
    [[nodiscard]] std::vector<Symbol> symbols() const override
    {
        std::vector<Symbol> result;
        for (const auto &[symbol, survey] : m_survey)
            result.push_back(symbol);
        return result;
    }

    void step(FeedListener &listener) override
    {
        if (!m_next)
            return;
        play(*m_next, listener);
        fetch(listener);
        if (m_next || m_options.atEnd == RecordingOptions::AtEnd::Stop)
            return;
        const Duration end = m_nextAt;
        if (const auto again = restart(listener); !again)
            listener.onFeedError(again.error());
        m_offset = end + std::chrono::milliseconds{1};
        m_nextAt = m_offset;
    }

private:
    /// Diffs of a symbol until its snapshot is there.
    struct Waiting {
        bool hasBook{false};
        std::vector<DepthUpdate> diffs;
    };

    [[nodiscard]] Survey surveyOf(const Symbol &symbol) const
    {
        const auto found = m_survey.find(symbol);
        return found == m_survey.end() ? Survey{} : found->second;
    }

    [[nodiscard]] Result<void> restart(FeedListener &listener)
    {
        auto files = openFiles(m_options);
        if (!files)
            return fail(files.error());
        m_files = std::move(*files);
        m_books.clear();
        return begin(listener);
    }

    /// Reads up to the moment at which every symbol has its snapshot; what comes before it only builds the
    /// books.
    [[nodiscard]] Result<void> begin(FeedListener &listener)
    {
        for (const auto &[symbol, survey] : m_survey)
            m_books[symbol];
        std::optional<UtcTime> first;
        const auto complete = [this] {
            return std::all_of(m_books.begin(), m_books.end(),
                               [](const auto &entry) { return entry.second.hasBook; });
        };
        m_nextAt = Duration{0};
        m_origin.reset();
        while (!complete()) {
            fetch(listener);
            if (!m_next)
                break;
            play(*m_next, listener);
            first = first.value_or(m_receivedAt);
            if (m_receivedAt - *first > kSnapshotWait)
                break;
        }
        const bool any = std::any_of(m_books.begin(), m_books.end(),
                                     [](const auto &entry) { return entry.second.hasBook; });
        if (!any)
            return fail(ErrorCode::NotFound,
                        m_options.files.front() +
                            ": no depth snapshot that fits its diffs, so there is no book; a "
                            "recording that goes on from another one is given after it");
        m_origin = m_receivedAt;
        fetch(listener);
        return {};
    }

    void fetch(FeedListener &listener)
    {
        for (;;) {
            auto message = m_files.next();
            if (!message) {
                listener.onFeedError(message.error());
                continue;
            }
            m_next = *message;
            if (!m_next)
                return;
            m_receivedAt = m_next->receivedAt;
            if (m_origin)
                m_nextAt = std::max(m_nextAt, m_offset + (m_receivedAt - *m_origin)); // never back in time
            return;
        }
    }

    void keep(const DepthUpdate &update)
    {
        Waiting &waiting = m_books[update.symbol];
        if (!waiting.hasBook)
            waiting.diffs.push_back(update);
    }

    /// Snapshot plus the diffs that came before its answer, by the rule of reference/binance-usdm.md 4.4.
    void takeSnapshot(const RecordedMessage &message, FeedListener &listener)
    {
        const auto snapshot = exchange::binance::parseDepthSnapshot(message.payload);
        if (!snapshot) {
            listener.onFeedError(snapshot.error());
            return;
        }
        Waiting &waiting = m_books[message.symbol];
        if (waiting.hasBook)
            return; // a later one adds nothing to a chain without a hole
        std::map<Price, Quantity, std::greater<>> bids;
        std::map<Price, Quantity> asks;
        const auto put = [](auto &side, const std::vector<Level> &levels) {
            for (const Level &level : levels)
                if (level.quantity.isZero())
                    side.erase(level.price);
                else
                    side[level.price] = level.quantity;
        };
        put(bids, snapshot->bids);
        put(asks, snapshot->asks);
        DepthSnapshot built = *snapshot;
        bool first = true;
        for (const DepthUpdate &update : waiting.diffs) {
            if (update.lastId < snapshot->lastUpdateId)
                continue;
            if (first && update.firstId > snapshot->lastUpdateId &&
                update.previousLastId != snapshot->lastUpdateId) {
                listener.onFeedError(
                    Error{ErrorCode::OutOfSync,
                          message.symbol.string() + ": the recorded snapshot is older than the diffs"});
                return;
            }
            first = false;
            put(bids, update.bids);
            put(asks, update.asks);
            built.lastUpdateId = update.lastId;
            built.eventTime = update.eventTime;
            built.venueTime = update.venueTime;
        }
        built.bids.clear();
        built.asks.clear();
        for (const auto &[price, quantity] : bids)
            built.bids.push_back({price, quantity});
        for (const auto &[price, quantity] : asks)
            built.asks.push_back({price, quantity});
        waiting.hasBook = true;
        waiting.diffs = {};
        listener.onBookStart(built, message.symbol);
    }

    void play(const RecordedMessage &message, FeedListener &listener)
    {
        if (message.kind == RecordedMessage::Kind::ExchangeInfo)
            return;
        if (message.kind == RecordedMessage::Kind::DepthSnapshot) {
            takeSnapshot(message, listener);
            return;
        }
        const auto event = m_decoder.decode(message.payload, message.receivedAt);
        if (!event) {
            listener.onFeedError(event.error());
            return;
        }
        const std::string_view data = dataOf(message.payload);
        if (const auto *depth = std::get_if<const DepthUpdate *>(&*event)) {
            keep(**depth);
            listener.onDepth(**depth, data);
        } else if (const auto *trade = std::get_if<Trade>(&*event)) {
            if (isAggregate(data))
                listener.onAggregateTrade(*trade, data);
            else
                listener.onTrade(*trade, data);
        } else if (const auto *quote = std::get_if<BestQuote>(&*event)) {
            listener.onBookTicker(*quote, data);
        } else if (const auto *mark = std::get_if<MarkPrice>(&*event)) {
            listener.onMark(*mark, data);
        } else if (const auto *candle = std::get_if<Candle>(&*event)) {
            listener.onCandle(candle->instrument.symbol, streamOf(message.payload), data);
        }
    }

    RecordingOptions m_options;
    RecordingSequence m_files;
    std::map<Symbol, Survey> m_survey;
    MarketDecoder m_decoder;
    std::map<Symbol, Waiting> m_books;
    std::optional<RecordedMessage> m_next;
    UtcTime m_receivedAt;
    std::optional<UtcTime> m_origin; ///< receive time of offset `m_offset`
    Duration m_offset{0};
    Duration m_nextAt{0};
};
} // namespace

Result<std::vector<VenueInstrument>> instrumentsOf(const RecordingOptions &options)
{
    const auto survey = surveyRecording(options);
    if (!survey)
        return fail(survey.error());
    std::vector<VenueInstrument> result;
    for (const auto &[symbol, seen] : *survey) {
        if (seen.priceUnit <= 0 || seen.quantityUnit <= 0)
            return fail(ErrorCode::NotFound,
                        symbol.string() + ": no prices in the first seconds of the recording");
        std::string base = symbol.string();
        if (base.size() > 4 && base.ends_with("USDT"))
            base.resize(base.size() - 4);
        VenueInstrument made =
            typicalInstrument(symbol, Asset::from(base).value_or(Asset{}), Price::fromRaw(seen.priceUnit),
                              Quantity::fromRaw(seen.quantityUnit));
        made.pricePrecision = std::clamp(seen.priceDigits, made.pricePrecision, 8);
        made.quantityPrecision = std::clamp(seen.quantityDigits, made.quantityPrecision, 8);
        result.push_back(std::move(made));
    }
    return result;
}

Result<std::unique_ptr<MarketSource>> openRecording(const RecordingOptions &options)
{
    auto survey = surveyRecording(options);
    if (!survey)
        return fail(survey.error());
    auto files = openFiles(options);
    if (!files)
        return fail(files.error());
    return std::make_unique<RecordedSource>(options, std::move(*files), std::move(*survey));
}

} // namespace core::venue
