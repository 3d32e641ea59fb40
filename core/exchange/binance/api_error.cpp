#include "core/exchange/binance/api_error.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

namespace core::exchange::binance
{
namespace
{
using namespace Qt::StringLiterals;

constexpr std::size_t kSecretLength = 24;
constexpr std::size_t kMessageMax = 200;

bool isAlphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isAny(int code, std::initializer_list<int> codes)
{
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

std::optional<Disposition> byCode(int code)
{
    switch (code) {
    case -1021:
    case -5028:
        return Disposition::ClockOff;
    case -4116:
        return Disposition::DuplicateId;
    case -2013:
        return Disposition::NoSuchOrder;
    case -2011:
    case -4117: // the stop is triggering: too late to cancel it as one
        return Disposition::NotOpen;
    case -5043:
        return Disposition::ChangePending;
    case -4120:
        return Disposition::Misrouted;
    case -4083: // a batch failed as a whole: nobody says which elements
        return Disposition::Unknown;
    case -1015:
        return Disposition::OrdersLimited;
    case -1125:
        return Disposition::ListenKeyGone;
    default:
        break;
    }
    if (isAny(code, {-1000, -1006, -1007}))
        return Disposition::Unknown;
    if (isAny(code, {-1001, -1008, -1016, -1109, 239999}))
        return Disposition::Retry;
    if (isAny(code, {-1002, -1011, -1022, -1099, -2014, -2015, -2017}))
        return Disposition::BadCredentials;
    if (isAny(code, {-4046, -4059, -4171, -5027}))
        return Disposition::AlreadySo;
    return std::nullopt;
}

/// "…IP banned until 1573…": milliseconds, after any of the wordings.
std::optional<UtcTime> banTime(std::string_view message)
{
    constexpr std::string_view kMarker = "until ";
    const std::size_t at = message.find(kMarker);
    if (at == std::string_view::npos)
        return std::nullopt;
    std::int64_t milliseconds = 0;
    const char *end = message.data() + message.size();
    const auto [stop, error] = std::from_chars(message.data() + at + kMarker.size(), end, milliseconds);
    // Beyond the year 2200 it is no time: the caller's default pause is safer than for ever.
    if (error != std::errc{} || milliseconds <= 0 || milliseconds > 7'258'118'400'000)
        return std::nullopt;
    return utcFromMilliseconds(milliseconds);
}

} // namespace

Disposition disposition(int status, std::optional<int> code, std::string_view message)
{
    if (status == 418 || (code == -1003 && message.find("banned until") != std::string_view::npos))
        return Disposition::Banned;
    if (status == 429 || code == -1003)
        return code == -1015 ? Disposition::OrdersLimited : Disposition::Limited;
    if (code) {
        if (const auto known = byCode(*code))
            return *known;
    }
    if (status == 403)
        return Disposition::Forbidden;
    if (status == 401)
        return Disposition::BadCredentials;
    if (status >= 500) {
        const bool failed =
            message.starts_with("Service Unavailable") || message.starts_with("Internal error");
        return failed ? Disposition::Retry : Disposition::Unknown;
    }
    // 408 is the edge giving up on its backend. A 4xx without the documented body comes from something in
    // between.
    if (status >= 400 && status != 408 && code)
        return Disposition::Refused;
    return Disposition::Unknown;
}

std::string redacted(std::string_view text)
{
    std::string result;
    std::size_t i = 0;
    while (i < text.size() && result.size() < kMessageMax) {
        const std::size_t begin = i;
        while (i < text.size() && isAlphanumeric(text[i]))
            ++i;
        if (i - begin >= kSecretLength) {
            result += "[removed]";
        } else if (i > begin) {
            result += text.substr(begin, i - begin);
        } else {
            const char c = text[i++];
            result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return result;
}

std::optional<ApiError> parseApiError(int status, std::string_view body)
{
    ApiError error;
    error.status = status;
    const bool success = status >= 200 && status < 300;
    // A success is parsed by its own reader; only a short object can be an error in disguise.
    if (success && body.size() > 1024)
        return std::nullopt;
    const QJsonDocument document =
        QJsonDocument::fromJson(QByteArray::fromRawData(body.data(), static_cast<qsizetype>(body.size())));
    const QJsonValue code = document.object().value("code"_L1);
    if (code.isDouble() && code.toInteger() != 0) {
        error.code = static_cast<int>(std::clamp<qint64>(code.toInteger(), -1'000'000, 1'000'000));
    } else if (code.isString()) {
        bool isNumber = false;
        const int number = code.toString().toInt(&isNumber);
        if (isNumber)
            error.code = number;
    }
    if (success && error.code.value_or(0) >= 0 && error.code != 239999)
        return std::nullopt;
    const std::string message = document.object().value("msg"_L1).toString().toStdString();
    error.disposition = disposition(status, error.code, message);
    if (error.disposition == Disposition::Banned)
        error.bannedUntil = banTime(message);
    error.message = redacted(message);
    return error;
}

Error ApiError::error() const
{
    std::string detail = "HTTP " + std::to_string(status);
    if (code)
        detail += ", code " + std::to_string(*code);
    if (!message.empty())
        detail += ": " + message;
    switch (disposition) {
    case Disposition::Unknown:
        return {ErrorCode::TimedOut, std::move(detail)};
    case Disposition::Retry:
        return {ErrorCode::Unavailable, std::move(detail)};
    case Disposition::Limited:
    case Disposition::OrdersLimited:
    case Disposition::Banned:
    case Disposition::Forbidden:
        return {ErrorCode::RateLimited, std::move(detail)};
    case Disposition::BadCredentials:
        return {ErrorCode::Unauthorized, std::move(detail)};
    case Disposition::NoSuchOrder:
    case Disposition::ListenKeyGone:
        return {ErrorCode::NotFound, std::move(detail)};
    case Disposition::Refused:
    case Disposition::ClockOff:
    case Disposition::DuplicateId:
    case Disposition::NotOpen:
    case Disposition::AlreadySo:
    case Disposition::ChangePending:
        break;
    case Disposition::Misrouted:
        return {ErrorCode::Unsupported, "defect: a conditional order went to the endpoint of plain ones: " + detail};
    }
    return {ErrorCode::Rejected, std::move(detail)};
}

} // namespace core::exchange::binance
