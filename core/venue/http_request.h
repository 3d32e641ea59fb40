#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace core::venue
{

/// One request, bytes as received: nothing is decoded, so a signature can be verified over what was sent.
struct HttpRequest {
    std::string method;
    std::string path;
    std::string query;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
    [[nodiscard]] std::string header(std::string_view lowerCaseName) const;
    /// The connection ends with the answer.
    [[nodiscard]] bool closes() const;
};

/// Takes the first request off the bytes of a connection; absent while it is not complete. ParseFailed for what is no
/// HTTP/1.x request with a head of at most 64 KiB and a counted body of at most 1 MiB. Pure. Source: RFC 9112.
[[nodiscard]] Result<std::optional<HttpRequest>> takeHttpRequest(std::string &buffer);

} // namespace core::venue
