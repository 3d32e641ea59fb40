// A request that has not passed the gate cannot be sent.
#include <optional>

#include "core/ports/exchange_client.h"
#include "core/risk/approved.h"

void send(core::ports::ExchangeClient &client, const core::risk::Approved<core::OrderRequest> &order);
void send(core::ports::ExchangeClient &client, const core::risk::Approved<core::OrderRequest> &order)
{
#ifdef ETRMS_FORBIDDEN
    client.submit(order.request());
#else
    client.submit(order);
#endif
}
