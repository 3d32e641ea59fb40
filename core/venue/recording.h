#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/ids.h"

namespace core::venue
{

/// One message as somebody received it from the venue.
struct RecordedMessage {
    enum class Kind { Stream, DepthSnapshot, ExchangeInfo };
    UtcTime receivedAt;
    std::string_view payload; ///< JSON; valid until the next call of `next`
    Kind kind{Kind::Stream};
    Symbol symbol; ///< of snapshots; for streams where the envelope names it, else empty
    bool companion{
        false}; ///< from a file beside the one that was asked for: needed, and not counted as a message
};

/// What was wrong with a recording and did not stop it.
struct RecordingDefects {
    std::uint64_t garbledLines{0}; ///< each was also returned as an Error
    std::uint64_t outOfOrder{0};   ///< delivered all the same: dropping one would tear a hole into the book
    std::optional<Error> first;    ///< names file, line and rule
};

/// Plays one recording: a file (plain, .gz, .zst; the formats of 2021, 2023 and 2024) or everything in a
/// folder, merged by receive time. Beside a `*.ws.*` file the `*.http.*` and `*.0` files of the same recorder
/// are found and merged in. An Error concerns one line, and the next call goes on behind it; where going on
/// is impossible (damaged compression, no recording at all) the next call returns nullopt. Errors are one
/// line: "FILE:LINE: rule". One thread, no Qt.
class RecordingReader
{
public:
    [[nodiscard]] static Result<RecordingReader> open(const std::filesystem::path &path);
    RecordingReader(RecordingReader &&) noexcept;
    RecordingReader &operator=(RecordingReader &&) noexcept;
    ~RecordingReader();

    /// nullopt after the last message.
    [[nodiscard]] Result<std::optional<RecordedMessage>> next();
    [[nodiscard]] const RecordingDefects &defects() const;
    /// Share of the bytes on disk that were read, 0 to 1, for a progress bar.
    [[nodiscard]] double progress() const;

private:
    struct Impl;
    explicit RecordingReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// Several recordings one after the other, as if they were one. All are opened at the start, so that a wrong
/// name in the list is told before anything plays. A receive time before the one of the previous recording
/// counts as out of order.
class RecordingSequence
{
public:
    [[nodiscard]] static Result<RecordingSequence> open(const std::vector<std::filesystem::path> &paths);

    [[nodiscard]] Result<std::optional<RecordedMessage>> next();
    [[nodiscard]] RecordingDefects defects() const;
    [[nodiscard]] double progress() const;

private:
    std::vector<RecordingReader> m_readers;
    std::size_t m_current{0};
    std::optional<UtcTime> m_last;
    bool m_switched{false};
    std::uint64_t m_outOfOrder{0};
};

} // namespace core::venue
