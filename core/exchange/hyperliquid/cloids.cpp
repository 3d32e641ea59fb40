#include "core/exchange/hyperliquid/cloids.h"

#include <algorithm>
#include <charconv>

namespace core::exchange::hyperliquid
{
namespace
{
/// Part of the hash: another program that hashes the same texts gets other ids.
constexpr std::string_view kDomain = "etrms client order id 1:";
constexpr std::string_view kNumberPrefix = "oid-";
} // namespace

Cloid Cloids::cloidOf(const ClientOrderId &id)
{
    // An order that is known by its cloid alone keeps it.
    if (const auto own = Cloid::parse(id.view()))
        return *own;
    std::string text(kDomain);
    text += id.view();
    const Digest digest = keccak256(text);
    std::array<std::uint8_t, Cloid::kBytes> bytes{};
    std::copy_n(digest.begin(), bytes.size(), bytes.begin());
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
