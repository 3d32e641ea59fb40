#include "core/exchange/binance/book_sync.h"

#include <utility>

#include <fmt/format.h>

namespace core::exchange::binance
{

BookSync::BookSync(InstrumentKey instrument, Price tickSize) : m_instrument(instrument), m_book(tickSize) {}

BookSync::Bridge BookSync::bridge(const DepthUpdate &update, std::int64_t snapshotId)
{
    // pu == id: the snapshot fell exactly between two diffs, so the later one has U > id and still fits.
    if (update.previousLastId == snapshotId)
        return Bridge::Fits;
    if (update.lastId < snapshotId)
        return Bridge::Older;
    return update.firstId <= snapshotId ? Bridge::Fits : Bridge::Newer;
}

void BookSync::clearBuffer()
{
    m_buffer.clear();
    m_bufferedLevels = 0;
}

void BookSync::buffer(const DepthUpdate &update)
{
    if (!m_buffer.empty()) {
        const DepthUpdate &last = m_buffer.back();
        if (update.lastId <= last.lastId && update.venueTime <= last.venueTime) {
            ++m_counters.ignored; // a duplicate
            return;
        }
        // A chain with a hole cannot be applied across it: only what follows the hole can still be bridged.
        if (update.previousLastId != last.lastId)
            clearBuffer();
    }
    m_buffer.push_back(update);
    m_bufferedLevels += update.bids.size() + update.asks.size();
    while (m_buffer.size() > kBufferedUpdatesMax || update.receivedAt - m_buffer.front().receivedAt > kBufferedFor ||
           (m_bufferedLevels > kBufferedLevelsMax && m_buffer.size() > 1)) {
        m_bufferedLevels -= m_buffer.front().bids.size() + m_buffer.front().asks.size();
        m_buffer.pop_front();
    }
}

void BookSync::request(Step &step)
{
    if (m_requested)
        return;
    m_requested = true;
    step.requestSnapshot = true;
}

/// The book no longer follows the venue; it stays for drawing.
void BookSync::lose(Step &step, Error why)
{
    if (m_phase == Phase::Synchronised)
        m_lostChain = true;
    m_phase = Phase::AwaitingSnapshot;
    m_crossedSince.reset();
    step.fault = std::move(why);
    request(step);
}

void BookSync::apply(const DepthUpdate &update, Step &step)
{
    const auto applied = m_book.apply(update.bids, update.asks);
    step.bookChanged = true;
    if (!applied) {
        if (m_phase == Phase::Synchronised)
            ++m_counters.gaps;
        lose(step, applied.error().in(fmt::format("depthUpdate u={}", update.lastId)));
        return;
    }
    ++m_counters.applied;
    m_lastId = update.lastId;
    m_lastVenueTime = update.venueTime;
    m_lastReceivedAt = update.receivedAt;
    if (!m_book.isCrossed()) {
        m_crossedSince.reset();
        return;
    }
    ++m_counters.crossed;
    if (!m_crossedSince)
        m_crossedSince = update.receivedAt;
}

void BookSync::onChainedUpdate(const DepthUpdate &update, Step &step)
{
    if (update.lastId <= m_lastId) {
        // Older news, delivered twice by overlapping connections. Newer news with an older id: the venue's
        // ids went back.
        if (update.venueTime <= m_lastVenueTime) {
            ++m_counters.ignored;
            return;
        }
    } else if (update.previousLastId == m_lastId) {
        apply(update, step);
        return;
    }
    ++m_counters.gaps;
    lose(step, {ErrorCode::OutOfSync, fmt::format("depthUpdate u={} has pu={} where {} was expected",
                                                  update.lastId, update.previousLastId, m_lastId)});
    buffer(update);
}

/// `m_lastId` is the snapshot's id here.
void BookSync::onBridgingUpdate(const DepthUpdate &update, Step &step)
{
    switch (bridge(update, m_lastId)) {
    case Bridge::Older:
        ++m_counters.ignored;
        return;
    case Bridge::Newer: // what came between snapshot and diff is unknown
        lose(step,
             {ErrorCode::OutOfSync, fmt::format("the snapshot {} is older than the first depthUpdate U={}",
                                                m_lastId, update.firstId)});
        buffer(update);
        return;
    case Bridge::Fits:
        break;
    }
    apply(update, step);
    if (step.fault)
        return;
    m_phase = Phase::Synchronised;
    m_lostChain = false;
    if (std::exchange(m_everSynchronised, true))
        ++m_counters.resyncs;
}

void BookSync::drainBuffer(Step &step)
{
    while (!m_buffer.empty() && m_phase != Phase::AwaitingSnapshot) {
        const DepthUpdate update = std::move(m_buffer.front());
        m_buffer.pop_front();
        m_bufferedLevels -= update.bids.size() + update.asks.size();
        if (m_phase == Phase::AwaitingBridge)
            onBridgingUpdate(update, step);
        else
            onChainedUpdate(update, step);
    }
}

BookSync::Step BookSync::onUpdate(const DepthUpdate &update)
{
    Step step;
    ++m_counters.diffs;
    if (!(update.symbol == m_instrument.symbol)) {
        ++m_counters.ignored;
        step.fault =
            Error{ErrorCode::InvalidArgument,
                  "a depthUpdate of another symbol reached the book of " + m_instrument.symbol.string()};
        return step;
    }
    if (update.firstId > update.lastId) {
        Step lost = onDecodeError({ErrorCode::OutOfRange, fmt::format("depthUpdate.U: {} is above u {}",
                                                                      update.firstId, update.lastId)});
        return lost;
    }
    switch (m_phase) {
    case Phase::AwaitingSnapshot:
        buffer(update);
        request(step); // not before the first diff: an older snapshot could not be bridged
        break;
    case Phase::AwaitingBridge:
        onBridgingUpdate(update, step);
        break;
    case Phase::Synchronised:
        onChainedUpdate(update, step);
        break;
    }
    return step;
}

BookSync::Step BookSync::onSnapshot(const DepthSnapshot &snapshot)
{
    Step step;
    ++m_counters.snapshots;
    m_requested = false;
    if (m_phase == Phase::Synchronised)
        return step; // the chain is unbroken: a second opinion is not needed
    while (!m_buffer.empty() && bridge(m_buffer.front(), snapshot.lastUpdateId) == Bridge::Older) {
        m_bufferedLevels -= m_buffer.front().bids.size() + m_buffer.front().asks.size();
        m_buffer.pop_front();
        ++m_counters.ignored;
    }
    if (!m_buffer.empty() && bridge(m_buffer.front(), snapshot.lastUpdateId) == Bridge::Newer) {
        lose(step,
             {ErrorCode::OutOfSync, fmt::format("the snapshot {} is older than the first depthUpdate U={}",
                                                snapshot.lastUpdateId, m_buffer.front().firstId)});
        return step;
    }
    const auto assigned = m_book.assign(snapshot.bids, snapshot.asks);
    step.bookChanged = true;
    if (!assigned) {
        lose(step, assigned.error().in(fmt::format("snapshot {}", snapshot.lastUpdateId)));
        return step;
    }
    m_lastId = snapshot.lastUpdateId;
    m_phase = Phase::AwaitingBridge;
    drainBuffer(step);
    return step;
}

BookSync::Step BookSync::onDisconnected()
{
    Step step;
    if (m_phase == Phase::Synchronised)
        step.fault = Error{ErrorCode::Unavailable, "the depth stream is disconnected"};
    clearBuffer();
    m_phase = Phase::AwaitingSnapshot;
    m_requested = false; // asked again with the first diff of the new connection
    m_lostChain = false;
    m_crossedSince.reset();
    return step;
}

BookSync::Step BookSync::onDecodeError(const Error &error)
{
    Step step;
    // Before the book follows the venue nothing is lost yet: the chain of what is buffered, or the bridge,
    // will tell.
    if (m_phase != Phase::Synchronised)
        return step;
    ++m_counters.gaps;
    lose(step, error);
    return step;
}

BookSync::Step BookSync::onTimer(UtcTime now)
{
    Step step;
    if (m_phase == Phase::Synchronised && m_crossedSince && now - *m_crossedSince > kCrossedMax)
        lose(step, {ErrorCode::OutOfSync, "best bid at or above best ask for longer than 1 s"});
    return step;
}

Freshness BookSync::freshness(UtcTime now, Duration staleAfter) const
{
    if (m_phase != Phase::Synchronised)
        return m_lostChain ? Freshness::Gapped : Freshness::Connecting;
    if (m_crossedSince)
        return Freshness::Crossed;
    return now - m_lastReceivedAt > staleAfter ? Freshness::Stale : Freshness::Fresh;
}

} // namespace core::exchange::binance
