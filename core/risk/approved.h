#pragma once

#include <utility>

namespace core::risk
{

class RiskGate;

/// Proof that a request passed the gate. Only RiskGate can mint one and only ExchangeClient::submit takes one:
/// "an order skipped the risk engine" does not compile.
template <class Request> class Approved
{
public:
    [[nodiscard]] const Request &request() const { return m_request; }
    friend bool operator==(const Approved &, const Approved &) = default;

private:
    friend class RiskGate;
    explicit Approved(Request request) : m_request(std::move(request)) {}
    Request m_request;
};

} // namespace core::risk
