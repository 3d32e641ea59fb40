#include "core/exchange/binance/codec.h"

#include "core/exchange/wire/general_reader.h"

namespace core::exchange::binance
{

namespace
{
enum Bit : unsigned { LastUpdateId, EventTime, VenueTime, Bids, Asks };
} // namespace

Result<DepthSnapshot> parseDepthSnapshot(std::string_view body)
{
    wire::GeneralReader reader;
    DepthSnapshot snapshot;
    std::uint32_t seen = 0;
    if (!reader.load(body, "depth"))
        return fail(reader.error());
    const bool read = reader.rootMembers([&](std::string_view name) {
        if (name == "lastUpdateId")
            return reader.once(seen, LastUpdateId) && reader.integer(snapshot.lastUpdateId);
        if (name == "E")
            return reader.once(seen, EventTime) && reader.time(snapshot.eventTime);
        if (name == "T")
            return reader.once(seen, VenueTime) && reader.time(snapshot.venueTime);
        if (name == "bids")
            return reader.once(seen, Bids) && reader.levels(snapshot.bids);
        if (name == "asks")
            return reader.once(seen, Asks) && reader.levels(snapshot.asks);
        return reader.ignored();
    });
    if (!read || !reader.finish())
        return fail(reader.error());
    for (const auto &[bit, name] :
         {std::pair{LastUpdateId, "lastUpdateId"}, std::pair{Bids, "bids"}, std::pair{Asks, "asks"}}) {
        if ((seen & (1U << bit)) == 0)
            return fail(ErrorCode::ParseFailed, std::string("depth.") + name + ": is missing");
    }
    return snapshot;
}

} // namespace core::exchange::binance
