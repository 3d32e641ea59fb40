#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace core::net
{

/// A complete answer. Header names are lower case.
struct HttpReply {
    int status{0};
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    Duration roundTrip{0}; ///< from the request's first byte to the answer's last, monotonic
    [[nodiscard]] std::optional<std::string_view> header(std::string_view lowerCaseName) const;
};

/// Reads one HTTP/1.1 answer from a byte stream: by Content-Length, chunked, or until the connection ends.
/// Interim (1xx) answers are skipped. ParseFailed on malformed bytes, OutOfRange beyond the limits; after an
/// error it stays unusable. Pure; one thread. Source: RFC 9112.
class HttpReplyReader
{
public:
    struct Limits {
        std::size_t headerBytes{std::size_t{64} * 1024};
        std::size_t bodyBytes{std::size_t{64} * 1024 * 1024};
    };

    HttpReplyReader() = default;
    explicit HttpReplyReader(Limits limits) : m_limits(limits) {}

    /// Takes bytes; true when the answer is complete (then `excess` says whether bytes were left over).
    [[nodiscard]] Result<bool> feed(std::string_view bytes);
    /// The connection ended; true when that completes the answer, false when it was cut.
    [[nodiscard]] bool finishAtEnd();

    [[nodiscard]] bool started() const { return m_started; }
    [[nodiscard]] bool excess() const { return m_excess; }
    /// The connection may carry another request after this answer.
    [[nodiscard]] bool keepAlive() const { return m_keepAlive; }
    [[nodiscard]] HttpReply take() { return std::move(m_reply); }

private:
    enum class Stage { Head, Length, ChunkSize, ChunkData, ChunkEnd, Trailer, UntilEnd, Done };

    [[nodiscard]] Result<void> parseHead(std::string_view head);
    [[nodiscard]] Result<void> chooseBody();
    [[nodiscard]] Result<bool> readLine(std::string_view &bytes);
    [[nodiscard]] Result<void> step(std::string_view &bytes, bool &blocked);
    [[nodiscard]] Result<void> addBody(std::string_view bytes);

    Limits m_limits;
    HttpReply m_reply;
    std::string m_line;
    Stage m_stage{Stage::Head};
    std::uint64_t m_remaining{0};
    std::size_t m_headBytes{0};
    bool m_started{false};
    bool m_excess{false};
    bool m_keepAlive{true};
};

} // namespace core::net
