#include <optional>
#include <string>

#include "core/net/http_reply.h"
#include "core/venue/http_request.h"
#include "tests/fuzz/check.h"

// Bytes of a line: answers that we read, requests that the loopback exchange reads. However the bytes are cut into
// pieces, what is understood is the same.

using fuzz::accepted;
using fuzz::require;

namespace
{

struct Answer {
    bool failed{false};
    bool complete{false};
    std::string text;
    friend bool operator==(const Answer &, const Answer &) = default;
};

Answer answerOf(std::string_view bytes, std::size_t piece)
{
    core::net::HttpReplyReader reader({.headerBytes = 2'048, .bodyBytes = 16'384});
    Answer answer;
    while (!bytes.empty() && !answer.complete) {
        const auto done = reader.feed(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        if (!accepted(done)) {
            answer.failed = true;
            return answer;
        }
        answer.complete = *done;
    }
    answer.complete = answer.complete || reader.finishAtEnd();
    if (!answer.complete)
        return answer;
    const core::net::HttpReply reply = reader.take();
    require(reply.body.size() <= 16'384);
    answer.text = std::to_string(reply.status) + "\n" + reply.body;
    for (const auto &[name, value] : reply.headers)
        answer.text += "\n" + name + ":" + value;
    return answer;
}

/// All requests of a line, and whether it ended in a refusal.
std::string requestsOf(std::string_view bytes, std::size_t piece)
{
    std::string buffer;
    std::string seen;
    while (!bytes.empty()) {
        buffer.append(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        while (true) {
            const auto request = core::venue::takeHttpRequest(buffer);
            if (!accepted(request))
                return seen + "refused";
            if (!*request)
                break;
            require((*request)->path.starts_with('/'));
            seen += (*request)->method + ' ' + (*request)->path + '?' + (*request)->query + '\n' + (*request)->body;
            for (const auto &[name, value] : (*request)->headers)
                seen += "\n" + name + ":" + value;
        }
    }
    return seen;
}

constexpr std::string_view kHeads[] = {"", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                                       "HTTP/1.1 200 OK\r\nContent-Length: "};
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view bytes = fuzz::text(data, size);
    const std::size_t piece = 1 + (size == 0 ? 0 : data[size - 1] % 7U);
    for (const std::string_view head : kHeads) {
        const std::string whole = std::string(head).append(bytes);
        require(answerOf(whole, whole.size()) == answerOf(whole, piece));
    }
    require(requestsOf(bytes, bytes.size()) == requestsOf(bytes, piece));
    return 0;
}
