#include "core/exchange/binance/cancel_sweep.h"

#include <algorithm>

#include <QtCore/QTimer>

#include "core/exchange/binance/signer.h"

namespace core::exchange::binance
{
namespace
{

constexpr int kRoundsMax = 6;
constexpr int kWeightOfAll = 40; ///< of a list of open orders without a symbol

} // namespace

struct CancelSweep::Sweep {
    std::optional<InstrumentKey> only;
    ports::Done<void> done;
    OrderChannel::OpenOrders found;
    std::set<Symbol> targets;
    std::optional<RestFailure> failure;
    int outstanding{0};
    int rounds{0};
    std::uint64_t born{0};
};

CancelSweep::CancelSweep(const ClientOptions &options, RestGateway &rest, OrderChannel &orders, QObject *parent)
    : QObject(parent), m_options(options), m_rest(rest), m_orders(orders)
{
}

CancelSweep::~CancelSweep() = default;

void CancelSweep::cancelAll(const std::optional<InstrumentKey> &only, ports::Done<void> done)
{
    const auto sweep = std::make_shared<Sweep>();
    sweep->only = only;
    sweep->done = std::move(done);
    sweep->born = m_generation;
    if (only) {
        sweep->targets.insert(only->symbol);
        sendCancels(sweep);
    } else {
        list(sweep);
    }
}

void CancelSweep::ask(const SweepPtr &sweep, RestCall call, std::function<Result<void>(const RestAnswer &)> read,
                      void (CancelSweep::*next)(const SweepPtr &))
{
    ++sweep->outstanding;
    call.security = Security::Signed;
    call.lane = net::Lane::Protective;
    call.timeout = m_options.timings.orderTimeout;
    m_rest.call(std::move(call), [this, sweep, read = std::move(read), next](const RestResult &result) {
        if (sweep->born != m_generation)
            return;
        if (!result) {
            if (!sweep->failure || result.error().disposition == Disposition::BadCredentials)
                sweep->failure = result.error();
        } else if (const auto understood = read(*result); !understood && !sweep->failure) {
            sweep->failure = RestFailure{understood.error(), Disposition::Unknown, std::nullopt};
        }
        if (--sweep->outstanding == 0)
            (this->*next)(sweep);
    });
}

void CancelSweep::list(const SweepPtr &sweep)
{
    sweep->failure.reset();
    sweep->found = {};
    sweep->found.only = sweep->only;
    std::string query;
    if (sweep->only)
        appendParameter(query, "symbol", sweep->only->symbol.view());
    const net::RequestCost cost{.weight = sweep->only ? 1 : kWeightOfAll, .orders = 0};
    ++sweep->outstanding; // until both are asked
    ask(sweep, RestCall{.path = "/fapi/v1/openOrders", .query = query, .cost = cost},
        [sweep](const RestAnswer &answer) -> Result<void> {
            auto orders = parseOrders(answer.body, answer.receivedAt);
            if (!orders)
                return fail(orders.error());
            sweep->found.plain = std::move(*orders);
            return {};
        },
        &CancelSweep::onListed);
    ask(sweep, RestCall{.path = "/fapi/v1/openAlgoOrders", .query = query, .cost = cost},
        [sweep](const RestAnswer &answer) -> Result<void> {
            auto algos = parseAlgos(answer.body, answer.receivedAt);
            if (!algos)
                return fail(algos.error());
            sweep->found.conditional = std::move(*algos);
            return {};
        },
        &CancelSweep::onListed);
    --sweep->outstanding;
}

void CancelSweep::onListed(const SweepPtr &sweep)
{
    if (sweep->failure) {
        again(sweep, sweep->failure->error);
        return;
    }
    sweep->targets.clear();
    for (const OrderUpdate &order : sweep->found.plain)
        sweep->targets.insert(order.instrument.symbol);
    for (const AlgoEvent &algo : sweep->found.conditional)
        sweep->targets.insert(algo.instrument.symbol);
    if (sweep->targets.empty()) {
        // What we thought was open has ended; how, is asked for where no event has said it.
        m_orders.askForMissing(sweep->found);
        if (sweep->done)
            sweep->done({});
        return;
    }
    if (sweep->rounds == 0) {
        sendCancels(sweep);
        return;
    }
    const std::size_t left = sweep->found.plain.size() + sweep->found.conditional.size();
    again(sweep, Error{ErrorCode::TimedOut, "cancel all: " + std::to_string(left) + " orders are still open"});
}

void CancelSweep::again(const SweepPtr &sweep, const Error &why)
{
    const bool hopeless = sweep->failure && sweep->failure->disposition == Disposition::BadCredentials;
    if (hopeless || ++sweep->rounds >= kRoundsMax) {
        if (sweep->done)
            sweep->done(fail(why));
        return;
    }
    if (sweep->failure && sweep->failure->disposition == Disposition::ClockOff)
        m_rest.synchroniseClock([](bool) {});
    const auto &waits = m_options.timings.orderRetries;
    const Duration wait = waits[std::min(static_cast<std::size_t>(sweep->rounds - 1), waits.size() - 1)];
    const Duration least = sweep->failure ? sweep->failure->retryAfter.value_or(Duration::zero()) : Duration::zero();
    QTimer::singleShot(std::chrono::ceil<std::chrono::milliseconds>(std::max(wait, least)), this, [this, sweep] {
        if (sweep->born != m_generation)
            return;
        if (sweep->targets.empty())
            list(sweep);
        else
            sendCancels(sweep);
    });
}

void CancelSweep::sendCancels(const SweepPtr &sweep)
{
    sweep->failure.reset();
    sweep->rounds = std::max(sweep->rounds, 1);
    const auto ignore = [](const RestAnswer &) -> Result<void> { return {}; };
    ++sweep->outstanding;
    for (const Symbol &symbol : sweep->targets) {
        std::string query;
        appendParameter(query, "symbol", symbol.view());
        for (const std::string_view path : {"/fapi/v1/allOpenOrders", "/fapi/v1/algoOpenOrders"})
            ask(sweep,
                RestCall{.method = net::HttpMethod::Delete,
                         .path = std::string(path),
                         .query = query,
                         .cost = {.weight = 1, .orders = 0}},
                ignore, &CancelSweep::onCancelsSent);
    }
    --sweep->outstanding;
}

/// Accepted is not finished, and a failure may have worked: the lists say.
void CancelSweep::onCancelsSent(const SweepPtr &sweep)
{
    if (sweep->failure && sweep->failure->disposition == Disposition::BadCredentials)
        again(sweep, sweep->failure->error);
    else
        list(sweep);
}

} // namespace core::exchange::binance
