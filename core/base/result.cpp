#include "core/base/result.h"

namespace core
{

std::string_view name(ErrorCode code)
{
    switch (code) {
    case ErrorCode::ParseFailed: return "parse-failed";
    case ErrorCode::OutOfRange: return "out-of-range";
    case ErrorCode::InvalidArgument: return "invalid-argument";
    case ErrorCode::NotFound: return "not-found";
    case ErrorCode::Unauthorized: return "unauthorized";
    case ErrorCode::Unavailable: return "unavailable";
    case ErrorCode::TimedOut: return "timed-out";
    case ErrorCode::RateLimited: return "rate-limited";
    case ErrorCode::Rejected: return "rejected";
    case ErrorCode::IoFailed: return "io-failed";
    case ErrorCode::Corrupt: return "corrupt";
    case ErrorCode::NewerVersion: return "newer-version";
    case ErrorCode::InUse: return "in-use";
    case ErrorCode::Unsupported: return "unsupported";
    case ErrorCode::OutOfSync: return "out-of-sync";
    }
    return "unknown";
}

} // namespace core
