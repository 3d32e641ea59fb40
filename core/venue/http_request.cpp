#include "core/venue/http_request.h"

#include <algorithm>
#include <charconv>

namespace core::venue
{

namespace
{
constexpr std::size_t kHeadMax = 64U * 1024U;
constexpr std::size_t kBodyMax = 1024U * 1024U;

[[nodiscard]] std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

[[nodiscard]] std::string lowerCase(std::string_view text)
{
    std::string out(text);
    for (char &c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

/// The head without its final blank line; false when it is no HTTP/1.x request.
[[nodiscard]] bool parseHead(std::string_view head, HttpRequest &request)
{
    const std::size_t lineEnd = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, lineEnd);
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first || !line.substr(last + 1).starts_with("HTTP/1."))
        return false;
    const std::string_view target = line.substr(first + 1, last - first - 1);
    const std::size_t mark = std::min(target.find('?'), target.size());
    request.method = line.substr(0, first);
    request.path = target.substr(0, mark);
    request.query = mark < target.size() ? target.substr(mark + 1) : std::string_view{};
    head.remove_prefix(std::min(lineEnd + 2, head.size()));
    while (!head.empty()) {
        const std::size_t end = std::min(head.find("\r\n"), head.size());
        const std::string_view field = head.substr(0, end);
        head.remove_prefix(std::min(end + 2, head.size()));
        const std::size_t colon = field.find(':');
        if (colon == std::string_view::npos)
            return false;
        request.headers.emplace_back(lowerCase(field.substr(0, colon)), trimmed(field.substr(colon + 1)));
    }
    return !request.path.empty() && request.path.front() == '/';
}

/// Absent: 0. Nothing when it is no number, or too much.
[[nodiscard]] std::optional<std::size_t> bodyLength(const HttpRequest &request)
{
    const std::string text = request.header("content-length");
    std::size_t length = 0;
    if (text.empty())
        return length;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc() || end != text.data() + text.size() || length > kBodyMax)
        return std::nullopt;
    return length;
}

[[nodiscard]] tl::unexpected<Error> malformed(std::string rule)
{
    return fail(ErrorCode::ParseFailed, "request: " + std::move(rule));
}
} // namespace

std::string HttpRequest::header(std::string_view lowerCaseName) const
{
    for (const auto &[name, value] : headers)
        if (name == lowerCaseName)
            return value;
    return {};
}

bool HttpRequest::closes() const
{
    return lowerCase(header("connection")) == "close";
}

Result<std::optional<HttpRequest>> takeHttpRequest(std::string &buffer)
{
    const std::size_t headEnd = buffer.find("\r\n\r\n");
    if (std::min(headEnd, buffer.size()) > kHeadMax)
        return malformed("the head is too long");
    if (headEnd == std::string::npos)
        return std::optional<HttpRequest>{};
    HttpRequest request;
    if (!parseHead(std::string_view(buffer).substr(0, headEnd), request))
        return malformed("the head is not that of HTTP/1.x");
    if (!request.header("transfer-encoding").empty())
        return malformed("only bodies with a Content-Length are read");
    const auto length = bodyLength(request);
    if (!length)
        return malformed("Content-Length is no number of bytes up to 1 MiB");
    if (buffer.size() < headEnd + 4 + *length)
        return std::optional<HttpRequest>{};
    request.body = buffer.substr(headEnd + 4, *length);
    buffer.erase(0, headEnd + 4 + *length);
    return std::optional(std::move(request));
}

} // namespace core::venue
