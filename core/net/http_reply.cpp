#include "core/net/http_reply.h"

#include <algorithm>
#include <charconv>

namespace core::net
{
namespace
{

std::string lowered(std::string_view text)
{
    std::string result(text);
    for (char &c : result) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

template <class Number> bool readAll(std::string_view text, Number &value, int base)
{
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    return !text.empty() && error == std::errc{} && stop == end;
}

} // namespace

std::optional<std::string_view> HttpReply::header(std::string_view lowerCaseName) const
{
    for (const auto &[name, value] : headers) {
        if (name == lowerCaseName)
            return value;
    }
    return std::nullopt;
}

Result<bool> HttpReplyReader::feed(std::string_view bytes)
{
    m_started = m_started || !bytes.empty();
    bool blocked = false;
    while (m_stage != Stage::Done && !blocked) {
        if (auto stepped = step(bytes, blocked); !stepped)
            return fail(stepped.error());
    }
    m_excess = m_excess || (m_stage == Stage::Done && !bytes.empty());
    return m_stage == Stage::Done;
}

bool HttpReplyReader::finishAtEnd()
{
    if (m_stage == Stage::UntilEnd) {
        m_stage = Stage::Done;
        m_keepAlive = false;
    }
    return m_stage == Stage::Done;
}

/// One line into m_line without its CRLF; false when more bytes are needed.
Result<bool> HttpReplyReader::readLine(std::string_view &bytes)
{
    const std::size_t newline = bytes.find('\n');
    const std::string_view part = bytes.substr(0, newline);
    m_headBytes += part.size() + 1;
    if (m_headBytes > m_limits.headerBytes)
        return fail(ErrorCode::OutOfRange, "http head: longer than the limit");
    m_line += part;
    if (newline == std::string_view::npos) {
        bytes = {};
        return false;
    }
    bytes.remove_prefix(newline + 1);
    if (m_line.ends_with('\r'))
        m_line.pop_back();
    return true;
}

Result<void> HttpReplyReader::step(std::string_view &bytes, bool &blocked)
{
    switch (m_stage) {
    case Stage::Head:
    case Stage::ChunkSize:
    case Stage::ChunkEnd:
    case Stage::Trailer: {
        auto complete = readLine(bytes);
        if (!complete)
            return fail(complete.error());
        blocked = !*complete;
        if (blocked)
            return {};
        const std::string line = std::exchange(m_line, {});
        if (m_stage == Stage::Head)
            return parseHead(line);
        if (m_stage == Stage::ChunkEnd) {
            if (!line.empty())
                return fail(ErrorCode::ParseFailed, "http chunk: does not end where it said");
            m_stage = Stage::ChunkSize;
        } else if (m_stage == Stage::Trailer) {
            m_stage = line.empty() ? Stage::Done : Stage::Trailer;
        } else {
            if (!readAll(trimmed(std::string_view(line).substr(0, line.find(';'))), m_remaining, 16))
                return fail(ErrorCode::ParseFailed, "http chunk: bad size");
            m_headBytes = 0;
            m_stage = m_remaining == 0 ? Stage::Trailer : Stage::ChunkData;
        }
        return {};
    }
    case Stage::Length:
    case Stage::ChunkData: {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), m_remaining));
        if (auto added = addBody(bytes.substr(0, count)); !added)
            return added;
        bytes.remove_prefix(count);
        m_remaining -= count;
        if (m_remaining == 0)
            m_stage = m_stage == Stage::Length ? Stage::Done : Stage::ChunkEnd;
        else
            blocked = true;
        return {};
    }
    case Stage::UntilEnd: {
        auto added = addBody(bytes);
        bytes = {};
        blocked = true;
        return added;
    }
    case Stage::Done:
        break;
    }
    return {};
}

Result<void> HttpReplyReader::addBody(std::string_view bytes)
{
    if (bytes.size() > m_limits.bodyBytes - std::min(m_limits.bodyBytes, m_reply.body.size()))
        return fail(ErrorCode::OutOfRange, "http body: longer than the limit");
    m_reply.body += bytes;
    return {};
}

/// One line of the head: the status line first, then fields, then the empty line.
Result<void> HttpReplyReader::parseHead(std::string_view line)
{
    if (m_reply.status == 0) {
        if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ' ||
            (line.size() > 12 && line[12] != ' ') || !readAll(line.substr(9, 3), m_reply.status, 10) ||
            m_reply.status < 100)
            return fail(ErrorCode::ParseFailed, "http status line: not understood");
        m_keepAlive = line[7] != '0';
        return {};
    }
    if (line.empty())
        return chooseBody();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0)
        return fail(ErrorCode::ParseFailed, "http header: no name");
    m_reply.headers.emplace_back(lowered(line.substr(0, colon)),
                                 std::string(trimmed(line.substr(colon + 1))));
    return {};
}

Result<void> HttpReplyReader::chooseBody()
{
    if (m_reply.status < 200) {
        m_reply = {};
        return {};
    }
    const auto connection = m_reply.header("connection");
    if (connection)
        m_keepAlive = lowered(*connection).find("close") == std::string::npos &&
                      (m_keepAlive || lowered(*connection).find("keep-alive") != std::string::npos);
    const auto encoding = m_reply.header("transfer-encoding");
    const auto length = m_reply.header("content-length");
    if (m_reply.header("content-encoding").value_or("identity") != "identity")
        return fail(ErrorCode::Unsupported, "http body: compressed although not asked for");
    if (m_reply.status == 204 || m_reply.status == 304) {
        m_stage = Stage::Done;
    } else if (encoding) {
        if (lowered(*encoding) != "chunked")
            return fail(ErrorCode::Unsupported, "http body: unknown transfer encoding");
        m_stage = Stage::ChunkSize;
    } else if (length) {
        if (!readAll(*length, m_remaining, 10))
            return fail(ErrorCode::ParseFailed, "http header: bad Content-Length");
        if (m_remaining > m_limits.bodyBytes)
            return fail(ErrorCode::OutOfRange, "http body: longer than the limit");
        m_stage = m_remaining == 0 ? Stage::Done : Stage::Length;
    } else {
        m_stage = Stage::UntilEnd;
    }
    return {};
}

} // namespace core::net
