#include "core/exchange/hyperliquid/cloids.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace core::exchange::hyperliquid
{
namespace
{
/// Part of the hash: another program that hashes the same texts gets other ids.
constexpr std::string_view kDomain = "etrms client order id 1:";
constexpr std::string_view kNumberPrefix = "oid-";
constexpr std::string_view kStopPrefix = "ebs-"; ///< and 28 digits: id of a resting stop, core/orders/backstop.h
constexpr std::array<std::uint8_t, 2> kStopMark{0xEB, 0x5D};

/// The bytes of a stop's id behind the mark: after a restart the venue's list names it, without anybody remembering.
std::optional<Cloid> stopCloid(std::string_view id)
{
    std::array<std::uint8_t, Cloid::kBytes> bytes{};
    std::copy(kStopMark.begin(), kStopMark.end(), bytes.begin());
    if (!id.starts_with(kStopPrefix) || id.find_first_of("ABCDEFx", kStopPrefix.size()) != std::string_view::npos ||
        !readHex(id.substr(kStopPrefix.size()), std::span(bytes).subspan(kStopMark.size())))
        return std::nullopt;
    return Cloid::fromBytes(bytes);
}

std::optional<ClientOrderId> stopIdOf(const Cloid &cloid)
{
    const auto &bytes = cloid.bytes();
    if (!std::equal(kStopMark.begin(), kStopMark.end(), bytes.begin()))
        return std::nullopt;
    return ClientOrderId::from(std::string(kStopPrefix) + hexDigits(std::span(bytes).subspan(kStopMark.size())));
}
} // namespace

Cloid Cloids::cloidOf(const ClientOrderId &id)
{
    // An order that is known by its cloid alone keeps it.
    if (const auto own = Cloid::parse(id.view()))
        return *own;
    if (const auto stop = stopCloid(id.view()))
        return *stop;
    std::string text(kDomain);
    text += id.view();
    const Digest digest = keccak256(text);
    std::array<std::uint8_t, Cloid::kBytes> bytes{};
    std::copy_n(digest.begin(), bytes.size(), bytes.begin());
    if (std::equal(kStopMark.begin(), kStopMark.end(), bytes.begin()))
        bytes[0] ^= 0xFFU; // no other order looks like a stop
    return Cloid::fromBytes(bytes);
}

Cloid Cloids::add(const ClientOrderId &id, const Cloid &cloid)
{
    if (Cloid::parse(id.view()) || !m_names.emplace(cloid, id).second)
        return cloid;
    m_order.push_back(cloid);
    if (m_order.size() > kKept) {
        m_names.erase(m_order.front());
        m_order.pop_front();
    }
    return cloid;
}

ClientOrderId Cloids::nameOf(std::string_view cloidText, VenueOrderId order) const
{
    if (cloidText.empty())
        return ClientOrderId::from(std::string(kNumberPrefix) + std::to_string(order.value))
            .value_or(ClientOrderId{});
    if (const auto cloid = Cloid::parse(cloidText)) {
        if (const auto known = m_names.find(*cloid); known != m_names.end())
            return known->second;
        if (const auto stop = stopIdOf(*cloid))
            return *stop;
        return ClientOrderId::from(cloid->text()).value_or(ClientOrderId{});
    }
    return ClientOrderId::from(cloidText).value_or(ClientOrderId{});
}

std::optional<VenueOrderId> Cloids::orderNumberOf(const ClientOrderId &id)
{
    const std::string_view text = id.view();
    if (!text.starts_with(kNumberPrefix))
        return std::nullopt;
    VenueOrderId order;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + kNumberPrefix.size(), end, order.value);
    if (error != std::errc{} || stop != end || order.value <= 0)
        return std::nullopt;
    return order;
}

} // namespace core::exchange::hyperliquid
