#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/exchange/hyperliquid/action_canonical.h"
#include "core/exchange/hyperliquid/msgpack.h"
#include "core/exchange/hyperliquid/signer_user_actions.h"

namespace hyperliquid = core::exchange::hyperliquid;

namespace
{
/// Aborts: that is how a finding is told to libFuzzer.
void require(bool condition)
{
    if (!condition)
        std::abort();
}

/// What the loopback exchange does to posted bytes: each way ends in a value or in words.
void checkPosted(const hyperliquid::ActionValue &posted)
{
    const auto canonical = hyperliquid::canonicalAction(posted);
    require(canonical.has_value() || !canonical.error().detail.empty());
    if (canonical) { // what the venue hashes stays what it is when it is read again
        const auto again = hyperliquid::canonicalAction(*canonical);
        require(again.has_value() && *again == *canonical);
    }
    const auto hashes = hyperliquid::hashUserAction(posted);
    require(hashes.has_value() || !hashes.error().detail.empty());
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view json(reinterpret_cast<const char *>(data), size);
    for (const std::string_view head :
         {"", R"({"type":"order","grouping":"na","orders":[)", R"({"type":"approveAgent","signatureChainId":"0x66eee",)"}) {
        const auto value = hyperliquid::parseActionJson(std::string(head).append(json), "action");
        require(value.has_value() || !value.error().detail.empty());
        if (!value)
            continue;
        const auto back = hyperliquid::parseActionJson(hyperliquid::jsonText(*value), "action");
        require(back.has_value() && *back == *value);
        require(hyperliquid::msgpack(*back) == hyperliquid::msgpack(*value));
        checkPosted(*value);
    }
    return 0;
}
