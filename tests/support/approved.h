#pragma once

#include <bit>

#include "core/domain/order.h"
#include "core/risk/approved.h"

namespace tests
{

/// A passport for tests of the wire alone, where no gate stands. Nothing outside tests may do this.
template <class Request> [[nodiscard]] core::risk::Approved<Request> approved(const Request &request)
{
    static_assert(sizeof(core::risk::Approved<Request>) == sizeof(Request));
    return std::bit_cast<core::risk::Approved<Request>>(request);
}

} // namespace tests
