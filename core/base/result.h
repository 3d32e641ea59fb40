#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace core
{

/// What went wrong, for machines. The screen turns a code into a sentence; `Error::detail` is for the log.
enum class ErrorCode {
    ParseFailed,     ///< bytes do not follow their format
    OutOfRange,      ///< a number does not fit
    InvalidArgument, ///< a value breaks a stated rule
    NotFound,        ///< the named thing does not exist
    Unauthorized,    ///< key, signature or permission refused
    Unavailable,     ///< the other side cannot be reached or says "not now"
    TimedOut,        ///< no answer in time: the outcome is unknown, not "no"
    RateLimited,     ///< the other side asks for fewer requests
    Rejected,        ///< the other side understood and refused
    IoFailed,        ///< file, disk or socket
    Corrupt,         ///< stored data fails its own check
    NewerVersion,    ///< stored by a newer program
    InUse,           ///< port, lease or file held by somebody else
    Unsupported,     ///< known, and not offered here
    OutOfSync,       ///< a sequence has a hole
};

/// `detail` is English, names the field and the rule, and never holds a key, a signature or a full balance.
struct Error {
    ErrorCode code{ErrorCode::InvalidArgument};
    std::string detail;

    /// "context: detail", for the way up.
    [[nodiscard]] Error in(std::string_view context) const
    {
        return {code, std::string(context) + ": " + detail};
    }
    friend bool operator==(const Error &, const Error &) = default;
};

/// Every function that returns one is [[nodiscard]] (tl::expected itself is not).
template <class T> using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string detail)
{
    return tl::unexpected<Error>(Error{code, std::move(detail)});
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}

/// Stable lower-case name ("parse-failed") for logs, JSON and the journal.
[[nodiscard]] std::string_view name(ErrorCode code);

} // namespace core
