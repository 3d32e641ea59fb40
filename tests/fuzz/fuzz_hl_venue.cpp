#include "tests/core/venue/hyperliquid/hyperliquid_fixture.h"
#include "tests/fuzz/requests.h"

// Requests to the loopback Hyperliquid, one a line: I info, X an action (signed here, so that what lies behind is
// reached), E a whole exchange body, T the next second.

namespace
{
namespace hx = tests::hx;

void check(const tests::hv::WireAnswer &answer)
{
    if (answer.status == 200)
        fuzz::checkJson(answer.body);
}

void act(tests::HyperliquidFixture &venue, std::string_view json)
{
    const auto action = hx::parseActionJson(json, "action");
    if (!action || action->map() == nullptr)
        return;
    const auto signer = hx::ActionSigner::fromHex(venue.tests[0].agentKey);
    const hx::ActionEnvelope envelope{.nonce = venue.nextNonce()};
    const auto signature = signer->signL1(*action, envelope, hx::Network::Mainnet).signature;
    const auto body = hx::parseActionJson(hx::requestJson(*action, envelope, signature), "body");
    fuzz::require(body.has_value());
    check(venue.exchange.answer(*body));
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    tests::HyperliquidFixture venue;
    fuzz::require(venue.ok);
    fuzz::eachRequest(fuzz::text(data, size), [&](char kind, std::string_view line) {
        if (kind == 'X')
            return act(venue, line);
        if (kind == 'T')
            return venue.clock.advance(std::chrono::seconds{1});
        const auto body = hx::parseActionJson(line, "body");
        if (body && kind == 'I')
            check(venue.info.answer(*body));
        else if (body && kind == 'E')
            check(venue.exchange.answer(*body));
    });
    return 0;
}
