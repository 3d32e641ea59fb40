#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>

#include "core/domain/ids.h"
#include "core/exchange/hyperliquid/action_ids.h"

namespace core::exchange::hyperliquid
{

/// Our order ids and the venue's, both ways. The cloid is a hash of our id, so it is the same after a restart and
/// never that of another order; that of a resting stop ("ebs-…") holds its id, so the venue's list names it to a later
/// run. What has no id of ours is named by what the venue has: the cloid's text, or "oid-<number>" for orders that
/// were placed elsewhere without one; a name that can be used for a cancel or a query. Bounded: the oldest names are
/// forgotten. Pure; one thread.
class Cloids
{
public:
    static constexpr std::size_t kKept = 100'000;

    /// Remembers the id, so that the venue's news come under it.
    Cloid add(const ClientOrderId &id) { return add(id, cloidOf(id)); }
    /// The same where the hash is at hand. REQUIRES: `cloid` is that of `id`.
    Cloid add(const ClientOrderId &id, const Cloid &cloid);
    /// Ours where it is known, else what the venue calls it.
    [[nodiscard]] ClientOrderId nameOf(std::string_view cloidText, VenueOrderId order) const;

    [[nodiscard]] static Cloid cloidOf(const ClientOrderId &id);
    /// The number of a name of the form "oid-<number>".
    [[nodiscard]] static std::optional<VenueOrderId> orderNumberOf(const ClientOrderId &id);

private:
    std::map<Cloid, ClientOrderId> m_names;
    std::deque<Cloid> m_order;
};

} // namespace core::exchange::hyperliquid
