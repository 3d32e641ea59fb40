#include "core/net/origin.h"

#include <charconv>

#include <QtNetwork/QHostAddress>

namespace core::net
{
namespace
{

struct Scheme {
    std::string_view prefix;
    bool secure;
    std::uint16_t port;
};
constexpr Scheme kSchemes[] = {
    {"https://", true, 443}, {"wss://", true, 443}, {"http://", false, 80}, {"ws://", false, 80}};

tl::unexpected<Error> bad(std::string_view address, std::string_view why)
{
    // Only the part in front of a path or query: those may hold what must not be logged.
    const std::size_t schemeEnd = address.find("://");
    const std::size_t end =
        address.find_first_of("/?#", schemeEnd == std::string_view::npos ? 0 : schemeEnd + 3);
    return fail(ErrorCode::InvalidArgument,
                "address \"" + std::string(address.substr(0, end)) + "\": " + std::string(why));
}

} // namespace

std::string Origin::text() const
{
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool isLoopback(std::string_view host)
{
    if (host == "localhost")
        return true;
    const QHostAddress address(QString::fromUtf8(host.data(), static_cast<qsizetype>(host.size())));
    return !address.isNull() && address.isLoopback();
}

Result<Origin> parseOrigin(std::string_view address)
{
    const Scheme *scheme = nullptr;
    for (const Scheme &candidate : kSchemes) {
        if (address.starts_with(candidate.prefix))
            scheme = &candidate;
    }
    if (!scheme)
        return bad(address, "must start with https://, wss://, http:// or ws://");
    std::string_view rest = address.substr(scheme->prefix.size());
    rest = rest.substr(0, rest.find_first_of("/?#"));
    if (rest.find('@') != std::string_view::npos)
        return fail(ErrorCode::InvalidArgument, "address: user names and passwords do not belong into one");

    Origin origin{.secure = scheme->secure, .host = {}, .port = scheme->port};
    std::string_view portText;
    if (rest.starts_with('[')) {
        const std::size_t close = rest.find(']');
        if (close == std::string_view::npos)
            return bad(address, "the bracket of the IPv6 address is not closed");
        origin.host = rest.substr(1, close - 1);
        const std::string_view tail = rest.substr(close + 1);
        if (!tail.empty() && tail.front() != ':')
            return bad(address, "garbage behind the IPv6 address");
        portText = tail;
    } else {
        const std::size_t colon = rest.find(':');
        origin.host = rest.substr(0, colon);
        portText = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon);
    }
    if (origin.host.empty())
        return bad(address, "the host is missing");
    if (!portText.empty()) {
        portText.remove_prefix(1);
        const char *end = portText.data() + portText.size();
        const auto [stop, error] = std::from_chars(portText.data(), end, origin.port);
        if (error != std::errc{} || stop != end || origin.port == 0)
            return bad(address, "the port must be a number from 1 to 65535");
    }
    if (!origin.secure && !isLoopback(origin.host))
        return bad(address, "unencrypted connections are accepted for loopback addresses only");
    return origin;
}

} // namespace core::net
