#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace core::venue
{

/// The lines of a plain, gzip or zstd file (told apart by its first bytes), decompressed as they are asked
/// for, in constant memory. One thread. Fails with IoFailed, Corrupt or OutOfRange in one line that starts
/// with the file's name; what stood before the damage has been delivered by then.
class LineSource
{
public:
    static constexpr std::size_t kLineBytesMax = 32U << 20U;

    [[nodiscard]] static Result<LineSource> open(const std::filesystem::path &path);
    LineSource(LineSource &&) noexcept;
    LineSource &operator=(LineSource &&) noexcept;
    ~LineSource();

    /// Without its line end; valid until the next call. nullopt after the last one, also after an error.
    [[nodiscard]] Result<std::optional<std::string_view>> next();
    /// Of the line delivered last, from 1.
    [[nodiscard]] std::uint64_t lineNumber() const { return m_lineNumber; }
    /// The file's own name, for messages.
    [[nodiscard]] const std::string &name() const { return m_name; }
    /// Bytes of the file, and how many of them were read.
    [[nodiscard]] std::uint64_t bytesTotal() const { return m_bytesTotal; }
    [[nodiscard]] std::uint64_t bytesRead() const;

private:
    class Bytes;
    explicit LineSource(std::unique_ptr<Bytes> bytes);
    [[nodiscard]] Result<bool> fill();

    std::unique_ptr<Bytes> m_bytes;
    std::string m_name;
    std::uint64_t m_bytesTotal{0};
    std::uint64_t m_lineNumber{0};
    std::string m_buffer;
    std::size_t m_begin{0};   ///< first byte not yet delivered
    std::size_t m_scanned{0}; ///< no line end before this one
    bool m_ended{false};
};

} // namespace core::venue
