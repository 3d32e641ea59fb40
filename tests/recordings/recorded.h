#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/exchange/binance/codec.h"
#include "core/market/order_book.h"
#include "core/venue/recording.h"

/// Recordings in memory and a deliberately plain book to hold against the real one.
namespace tests
{

/// Two ordered maps, nothing else.
class ReferenceBook
{
public:
    void assign(const core::exchange::binance::DepthSnapshot &snapshot);
    void apply(const core::exchange::binance::DepthUpdate &update);
    /// Best first.
    [[nodiscard]] std::vector<core::Level> levels(core::Side side) const;
    [[nodiscard]] core::exchange::binance::DepthSnapshot snapshot(std::int64_t id) const;

private:
    std::map<core::Price, core::Quantity, std::greater<>> m_bids;
    std::map<core::Price, core::Quantity> m_asks;
};

/// True when both sides of `book` hold exactly the levels of `reference`, in order.
[[nodiscard]] bool sameLevels(const core::market::OrderBook &book, const ReferenceBook &reference);

struct RecordedFrame {
    core::UtcTime receivedAt;
    std::string payload;
    core::venue::RecordedMessage::Kind kind{};
    core::Symbol symbol;
    bool companion{false};
};

/// All messages of the files, one file after the other. Aborts on an error: these recordings have none.
[[nodiscard]] std::vector<RecordedFrame> loadRecording(const std::vector<std::filesystem::path> &paths);

/// Folder of the Binance recordings beside the repository.
[[nodiscard]] std::filesystem::path recordingsDir();

} // namespace tests
