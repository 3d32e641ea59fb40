#include "core/venue/binance_socket_api.h"
#include "tests/core/venue/venue_fixture.h"
#include "tests/fuzz/requests.h"

// Requests to the loopback Binance, one a line, signed so that what lies behind is reached: R "POST /fapi/v1/order
// symbol=…", U the same unsigned, S the WebSocket API, T the next second with a trade.

namespace
{
void askRest(tests::VenueFixture &venue, std::string_view line, bool isSigned)
{
    const std::string method(fuzz::takePart(line, ' '));
    const std::string path(fuzz::takePart(line, ' '));
    const auto response = venue.raw(method, path, isSigned ? venue.signedQuery(std::string(line)) : std::string(line));
    if (response.status != 403)
        fuzz::checkJson(response.body);
}

void passSecond(tests::VenueFixture &venue)
{
    venue.clock.advance(std::chrono::seconds{1});
    venue.print("59990", "0.5", core::Side::Sell);
    venue.setMark("59990");
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    tests::VenueFixture venue;
    fuzz::require(venue.ok);
    core::venue::BinanceSocketApi sockets(venue.api);
    core::venue::BinanceSocketApi::Session session{0};
    fuzz::eachRequest(fuzz::text(data, size), [&](char kind, std::string_view line) {
        if (kind == 'R' || kind == 'U')
            askRest(venue, line, kind == 'R');
        else if (kind == 'S')
            fuzz::checkJson(sockets.answer(session, line));
        else if (kind == 'T')
            passSecond(venue);
    });
    return 0;
}
