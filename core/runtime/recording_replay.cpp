#include "core/runtime/recording_replay.h"

#include <fmt/format.h>

namespace core::runtime
{

using exchange::binance::BookSync;
using exchange::binance::DepthUpdate;

namespace
{
/// A recording's frames carry whole seconds between them at most; this only tells a book that went quiet.
constexpr Duration kStaleAfter = std::chrono::seconds{2};
} // namespace

std::uint64_t RecordingReplay::total(std::uint64_t BookSync::Counters::*counter) const
{
    std::uint64_t sum = 0;
    for (const auto &[symbol, found] : symbols)
        sum += found.book.*counter;
    return sum;
}

RecordingPlayer::RecordingPlayer(std::map<Symbol, RecordedSteps> steps, ReplayObserver observer)
    : m_observer(std::move(observer))
{
    for (const auto &[symbol, recorded] : steps) {
        if (recorded.tick.isPositive())
            m_books.try_emplace(symbol, InstrumentKey{Venue::Binance, symbol}, recorded.tick);
        m_report.symbols[symbol];
    }
}

BookSync *RecordingPlayer::bookOf(const Symbol &symbol)
{
    const auto found = m_books.find(symbol);
    return found == m_books.end() ? nullptr : &found->second;
}

void RecordingPlayer::defect(const Error &error)
{
    if (m_report.defects++ == 0)
        m_report.firstDefect = error.detail;
}

void RecordingPlayer::play(const venue::RecordedMessage &message)
{
    if (!message.companion)
        ++m_report.messages;
    if (!m_first)
        m_first = message.receivedAt;
    m_last = message.receivedAt;
    switch (message.kind) {
    case venue::RecordedMessage::Kind::ExchangeInfo: return; // of its own time: the steps come from the numbers
    case venue::RecordedMessage::Kind::DepthSnapshot: snapshot(message); return;
    case venue::RecordedMessage::Kind::Stream: break;
    }
    const auto event = m_decoder.decode(message.payload, message.receivedAt);
    if (!event) {
        defect(event.error());
        // Which book it would have changed is not known for sure: the broken chain of ids will tell.
        return;
    }
    ++m_report.usable;
    if (const auto *update = std::get_if<const DepthUpdate *>(&*event)) {
        depth(**update);
    } else if (const auto *print = std::get_if<Trade>(&*event)) {
        trade(*print);
    } else if (const auto *quote = std::get_if<BestQuote>(&*event)) {
        m_newestSymbol = quote->instrument.symbol;
    } else if (const auto *mark = std::get_if<MarkPrice>(&*event)) {
        if (m_observer.mark && m_report.symbols.contains(mark->instrument.symbol))
            m_observer.mark(*mark);
    }
}

void RecordingPlayer::snapshot(const venue::RecordedMessage &message)
{
    const auto snapshot = exchange::binance::parseDepthSnapshot(message.payload);
    if (!snapshot) {
        defect(snapshot.error());
        return;
    }
    const std::optional<Symbol> symbol = message.symbol.empty() ? m_newestSymbol : message.symbol;
    if (!symbol) {
        defect({ErrorCode::InvalidArgument, "a depth snapshot stands before any message that names its symbol"});
        return;
    }
    if (BookSync *book = bookOf(*symbol)) {
        const auto step = book->onSnapshot(*snapshot);
        if (step.fault)
            defect(*step.fault);
    }
}

void RecordingPlayer::depth(const DepthUpdate &update)
{
    m_newestSymbol = update.symbol;
    BookSync *book = bookOf(update.symbol);
    if (!book)
        return;
    const auto step = book->onUpdate(update);
    if (step.fault && book->isSynchronised())
        defect(*step.fault);
    if (m_observer.depth)
        m_observer.depth({Venue::Binance, update.symbol}, *book, update.receivedAt);
}

void RecordingPlayer::trade(const Trade &trade)
{
    m_newestSymbol = trade.instrument.symbol;
    const auto known = m_report.symbols.find(trade.instrument.symbol);
    if (known == m_report.symbols.end())
        return;
    ++known->second.trades;
    known->second.volume.add(trade.quantity);
    known->second.quoteVolume.add(trade.price, trade.quantity);
    ++m_report.trades;
    m_report.volume.add(trade.quantity);
    m_report.quoteVolume.add(trade.price, trade.quantity);
    if (m_observer.trade)
        m_observer.trade(trade);
}

RecordingReplay RecordingPlayer::finish()
{
    for (const auto &[symbol, book] : m_books) {
        SymbolReplay &found = m_report.symbols[symbol];
        found.book = book.counters();
        found.bookState = book.freshness(m_last, kStaleAfter);
        if (book.isSynchronised()) {
            found.bestBid = book.book().best(Side::Buy);
            found.bestAsk = book.book().best(Side::Sell);
        }
    }
    if (m_first)
        m_report.recorded = m_last - *m_first;
    return std::move(m_report);
}

Result<RecordingReplay> replayRecordings(const std::vector<std::string> &paths, const std::optional<Symbol> &only,
                                         const Clock &clock, ReplayObserver observer)
{
    auto steps = scanSteps(paths);
    if (!steps)
        return fail(steps.error());
    if (only)
        std::erase_if(*steps, [&](const auto &entry) { return entry.first != *only; });
    auto recording = venue::RecordingSequence::open({paths.begin(), paths.end()});
    if (!recording)
        return fail(recording.error());
    RecordingPlayer player(std::move(*steps), std::move(observer));
    const Duration begin = clock.monotonic();
    for (;;) {
        const auto message = recording->next();
        if (!message) {
            player.defect(message.error());
            continue;
        }
        if (!message->has_value())
            break;
        player.play(**message);
    }
    RecordingReplay report = player.finish();
    report.took = clock.monotonic() - begin;
    if (const auto defects = recording->defects(); defects.outOfOrder > 0) {
        report.defects += defects.outOfOrder;
        if (report.firstDefect.empty() && defects.first)
            report.firstDefect = defects.first->detail;
    }
    if (report.usable == 0)
        return fail(ErrorCode::ParseFailed,
                    report.firstDefect.empty() ? fmt::format("{}: holds no message", paths.front()) : report.firstDefect);
    return report;
}

} // namespace core::runtime
