#pragma once

#include <memory>
#include <optional>
#include <string>

#include <QtCore/QObject>

#include "core/base/result.h"
#include "core/domain/fixed8.h"
#include "core/venue/faults.h"
#include "core/venue/http_server.h"

namespace core::venue
{

/// Something that the world outside the matching does to the loopback exchange.
struct ControlCall {
    enum class Kind { Transfer, Liquidate, Deleverage, Funding, Delist, Mark };
    Kind kind{Kind::Transfer};
    std::size_t account{0};
    std::string symbol{};      ///< all but Transfer and Liquidate
    std::int64_t amount{0};    ///< 1e-8: money to add, quantity to take, funding rate
    std::optional<Price> price{}; ///< Deleverage, Delist, Mark; absent: the mark price
};

/// What a control endpoint may look at and change; one skin of the exchange.
class ControlTarget
{
public:
    virtual ~ControlTarget() = default;
    [[nodiscard]] virtual Result<void> setFaults(FaultPlan plan) = 0;
    [[nodiscard]] virtual const FaultPlan &faults() const = 0;
    /// JSON: orders, positions, balances, books, counters.
    [[nodiscard]] virtual std::string stateText() const = 0;
    [[nodiscard]] virtual Result<void> control(const ControlCall &call) = 0;
};

/// HTTP on a loopback port of its own, for tests and drills: POST and DELETE /faults, GET /faults and /state,
/// POST /transfer, /liquidate, /deleverage, /funding, /delist, /mark. Every request needs the token in
/// X-Etrms-Token; a Host that is not this address and any Origin are refused; GET changes nothing. Lives on
/// the thread of its parent; the target outlives it.
class ControlServer : public QObject
{
    Q_OBJECT
public:
    ControlServer(ControlTarget &target, QObject *parent);
    ~ControlServer() override;
    /// The address. REQUIRES: called once.
    [[nodiscard]] Result<std::string> listen();
    [[nodiscard]] const std::string &token() const { return m_token; }

private:
    [[nodiscard]] HttpReply onRequest(const HttpRequest &request);
    [[nodiscard]] bool isAllowed(const HttpRequest &request, HttpReply &refusal) const;
    [[nodiscard]] HttpReply onCall(ControlCall::Kind kind, const HttpRequest &request);

    ControlTarget &m_target;
    HttpServer m_http;
    std::string m_token;
    std::uint16_t m_port{0};
};

/// {"account":0,"symbol":"BTCUSDT","amount":"1.5","price":"60000"}: what a call needs of it. InvalidArgument
/// names the field.
[[nodiscard]] Result<ControlCall> parseControlCall(ControlCall::Kind kind, std::string_view json);

} // namespace core::venue
