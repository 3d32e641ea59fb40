// Only the risk gate mints an approval.
#include "core/domain/order.h"
#include "core/risk/approved.h"

core::Quantity quantityOf(const core::risk::Approved<core::OrderRequest> &order);
core::Quantity quantityOf(const core::risk::Approved<core::OrderRequest> &order)
{
#ifdef ETRMS_FORBIDDEN
    const core::risk::Approved<core::OrderRequest> mine(core::OrderRequest(order.request()));
    return mine.request().quantity;
#else
    return order.request().quantity;
#endif
}
