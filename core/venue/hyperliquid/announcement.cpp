#include "core/venue/hyperliquid/announcement.h"

#include "core/venue/json_text.h"

namespace core::venue::hyperliquid
{

std::string announcementText(const HyperliquidEndpoints &endpoints, const std::vector<TestAccount> &accounts)
{
    JsonText out;
    out.object().text("restUrl", endpoints.restUrl).text("webSocketUrl", endpoints.webSocketUrl);
    out.key("accounts").array();
    for (const TestAccount &account : accounts)
        out.object()
            .text("accountAddress", account.accountAddress)
            .text("masterAddress", account.masterAddress)
            .text("masterKey", account.masterKey)
            .text("agentAddress", account.agentAddress)
            .text("agentKey", account.agentKey)
            .endObject();
    out.endArray().endObject();
    return out.take();
}

} // namespace core::venue::hyperliquid
