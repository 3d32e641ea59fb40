#pragma once

#include <bit>

#include "core/domain/order.h"
#include "core/risk/approved.h"

namespace tests
{

/// A passport for tests of the wire alone, where no gate stands. Nothing outside tests may do this.
[[nodiscard]] inline core::risk::Approved<core::OrderRequest> approved(const core::OrderRequest &request)
{
    static_assert(sizeof(core::risk::Approved<core::OrderRequest>) == sizeof(core::OrderRequest));
    return std::bit_cast<core::risk::Approved<core::OrderRequest>>(request);
}

} // namespace tests
