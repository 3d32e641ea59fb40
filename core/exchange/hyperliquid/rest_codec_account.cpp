#include "core/exchange/hyperliquid/codec_reader.h"
#include "core/exchange/hyperliquid/rest_codec.h"

namespace core::exchange::hyperliquid
{

namespace
{
using At = Reader::At;

[[nodiscard]] bool readRate(Reader &reader, Ratio &out)
{
    return reader.roundedValue(out);
}

/// [[ms, "value"], …].
[[nodiscard]] bool readSeries(Reader &reader, std::vector<std::pair<UtcTime, Money>> &out)
{
    return reader.rows(out, [&](std::pair<UtcTime, Money> &point) {
        std::size_t parts = 0;
        const bool read = reader.indexed([&](std::size_t index) {
            parts = index + 1;
            return index == 0   ? reader.moment(point.first)
                   : index == 1 ? reader.roundedValue(point.second)
                                : reader.ignored();
        });
        return read && (parts >= 2 || reader.refuse(ErrorCode::ParseFailed, "expects a time and a value"));
    });
}

[[nodiscard]] bool readSpan(Reader &reader, PortfolioSpan &out)
{
    std::size_t parts = 0;
    const bool read = reader.indexed([&](std::size_t index) {
        parts = index + 1;
        if (index == 0)
            return reader.words(out.span);
        if (index > 1)
            return reader.ignored();
        return reader.object(may("accountValueHistory", [&] { return readSeries(reader, out.accountValue); }),
                             may("pnlHistory", [&] { return readSeries(reader, out.pnl); }));
    });
    return read && (parts >= 2 || reader.refuse(ErrorCode::ParseFailed, "expects a span and its series"));
}

[[nodiscard]] UserRole::Kind roleKind(std::string_view word)
{
    using Kind = UserRole::Kind;
    return word == "missing"      ? Kind::Missing
           : word == "user"       ? Kind::User
           : word == "vault"      ? Kind::Vault
           : word == "agent"      ? Kind::Agent
           : word == "subAccount" ? Kind::SubAccount
                                  : Kind::Unknown;
}

} // namespace

Result<AccountMode> parseUserAbstraction(std::string_view body)
{
    const std::string listed = '[' + std::string(body) + ']'; // the reader's root is an object or an array
    std::size_t words = 0;
    return parsed<AccountMode>("userAbstraction", listed, [&](Reader &reader, AccountMode &out) {
        std::string_view word;
        const bool read = reader.rootElements([&] {
            ++words;
            return reader.text(word);
        });
        out = accountMode(word);
        return read && (words == 1 || reader.refuse(ErrorCode::ParseFailed, "expects one word"));
    });
}

Result<UserFees> parseUserFees(std::string_view body)
{
    return parsed<UserFees>("userFees", body, [](Reader &reader, UserFees &out) {
        return reader.object(
            At::Root, must("userCrossRate", [&] { return readRate(reader, out.taker); }),
            must("userAddRate", [&] { return readRate(reader, out.maker); }),
            may("userSpotCrossRate", [&] { return readRate(reader, out.spotTaker.emplace()); }),
            may("userSpotAddRate", [&] { return readRate(reader, out.spotMaker.emplace()); }),
            may("activeReferralDiscount", [&] { return readRate(reader, out.referralDiscount.emplace()); }),
            may("activeStakingDiscount", [&] {
                return reader.object(
                    may("discount", [&] { return readRate(reader, out.stakingDiscount.emplace()); }));
            }));
    });
}

Result<UserRateLimit> parseUserRateLimit(std::string_view body)
{
    return parsed<UserRateLimit>("userRateLimit", body, [](Reader &reader, UserRateLimit &out) {
        std::optional<double> volume;
        const bool read = reader.object(At::Root, must("cumVlm", [&] { return reader.analysis(volume); }),
                                        must("nRequestsUsed", [&] { return reader.whole(out.used); }),
                                        must("nRequestsCap", [&] { return reader.whole(out.cap); }),
                                        may("nRequestsSurplus", [&] { return reader.whole(out.surplus); }));
        out.volume = volume.value_or(0);
        return read;
    });
}

Result<std::vector<Agent>> parseExtraAgents(std::string_view body)
{
    return parsed<std::vector<Agent>>("extraAgents", body, [](Reader &reader, std::vector<Agent> &out) {
        return reader.rootRows(out, [&](Agent &row) {
            return reader.object(may("name", [&] { return reader.words(row.name); }),
                                 must("address", [&] { return reader.words(row.address); }),
                                 may("validUntil", [&] { return reader.moment(row.validUntil); }));
        });
    });
}

Result<UserRole> parseUserRole(std::string_view body)
{
    return parsed<UserRole>("userRole", body, [](Reader &reader, UserRole &out) {
        const auto data = [&] {
            return reader.object(may("user", [&] { return reader.words(out.master); }),
                                 may("master", [&] { return reader.words(out.master); }));
        };
        const auto role = [&] {
            std::string_view word;
            const bool read = reader.text(word);
            out.kind = roleKind(word);
            return read;
        };
        return reader.object(At::Root, must("role", role), may("data", data));
    });
}

Result<ExchangeStatus> parseExchangeStatus(std::string_view body)
{
    return parsed<ExchangeStatus>("exchangeStatus", body, [](Reader &reader, ExchangeStatus &out) {
        return reader.object(At::Root, must("time", [&] { return reader.moment(out.time); }),
                             may("specialStatuses", [&] {
                                 out.special = true;
                                 return reader.rawJson(out.specialText);
                             }));
    });
}

Result<std::vector<PortfolioSpan>> parsePortfolio(std::string_view body)
{
    return parsed<std::vector<PortfolioSpan>>(
        "portfolio", body, [](Reader &reader, std::vector<PortfolioSpan> &out) {
            return reader.rootRows(out, [&](PortfolioSpan &row) { return readSpan(reader, row); });
        });
}

} // namespace core::exchange::hyperliquid
