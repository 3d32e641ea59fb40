#include "tests/recordings/recorded.h"

#include <QtCore/QtGlobal>

#include "tests/support/shared_data.h"

namespace tests
{

namespace
{
template <class Map> void set(Map &side, const std::vector<core::Level> &levels)
{
    for (const core::Level &level : levels) {
        if (level.quantity.isZero())
            side.erase(level.price);
        else
            side[level.price] = level.quantity;
    }
}
template <class Map> [[nodiscard]] std::vector<core::Level> all(const Map &side)
{
    std::vector<core::Level> out;
    out.reserve(side.size());
    for (const auto &[price, quantity] : side)
        out.push_back({price, quantity});
    return out;
}
} // namespace

void ReferenceBook::assign(const core::exchange::binance::DepthSnapshot &snapshot)
{
    m_bids.clear();
    m_asks.clear();
    set(m_bids, snapshot.bids);
    set(m_asks, snapshot.asks);
}

void ReferenceBook::apply(const core::exchange::binance::DepthUpdate &update)
{
    set(m_bids, update.bids);
    set(m_asks, update.asks);
}

std::vector<core::Level> ReferenceBook::levels(core::Side side) const
{
    return side == core::Side::Buy ? all(m_bids) : all(m_asks);
}

core::exchange::binance::DepthSnapshot ReferenceBook::snapshot(std::int64_t id) const
{
    core::exchange::binance::DepthSnapshot out;
    out.lastUpdateId = id;
    out.bids = levels(core::Side::Buy);
    out.asks = levels(core::Side::Sell);
    return out;
}

bool sameLevels(const core::market::OrderBook &book, const ReferenceBook &reference)
{
    for (const core::Side side : {core::Side::Buy, core::Side::Sell}) {
        const std::vector<core::Level> expected = reference.levels(side);
        std::vector<core::Level> found;
        book.copyLevels(side, expected.size() + 1, found);
        if (found != expected || book.levelCount(side) != expected.size())
            return false;
    }
    return true;
}

std::vector<RecordedFrame> loadRecording(const std::vector<std::filesystem::path> &paths)
{
    auto sequence = core::venue::RecordingSequence::open(paths);
    if (!sequence)
        qFatal("%s", sequence.error().detail.c_str());
    std::vector<RecordedFrame> out;
    for (;;) {
        const auto message = sequence->next();
        if (!message)
            qFatal("%s", message.error().detail.c_str());
        if (!*message)
            return out;
        out.push_back({(*message)->receivedAt, std::string((*message)->payload), (*message)->kind,
                       (*message)->symbol, (*message)->companion});
    }
}

std::filesystem::path recordingsDir()
{
    return (sharedDir() + QStringLiteral("/data/binance-usdm")).toStdString();
}

} // namespace tests
