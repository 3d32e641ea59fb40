#include "core/exchange/binance/account_settings.h"

#include <algorithm>

#include "core/exchange/binance/signer.h"

namespace core::exchange::binance
{
namespace
{
using namespace std::chrono_literals;

constexpr auto kCareInterval = 100ms;
constexpr int kCommandTries = 4;
constexpr Duration kDeadManRetry = 1s;
/// Several chances before the venue's timer runs out.
constexpr int kDeadManChances = 4;

bool mayRepeat(Disposition disposition)
{
    return disposition == Disposition::Unknown || disposition == Disposition::Retry ||
           disposition == Disposition::Limited || disposition == Disposition::ClockOff;
}

} // namespace

AccountSettings::AccountSettings(const ClientOptions &options, const Clock &clock, RestGateway &rest,
                                 QObject *parent)
    : QObject(parent), m_options(options), m_clock(clock), m_rest(rest)
{
    m_care.setInterval(kCareInterval);
    connect(&m_care, &QTimer::timeout, this, &AccountSettings::care);
}

AccountSettings::~AccountSettings() = default;

void AccountSettings::start(ports::ExchangeListener &listener)
{
    m_listener = &listener;
}

void AccountSettings::stop()
{
    m_listener = nullptr;
    m_care.stop();
}

void AccountSettings::command(RestCall call, int triesLeft, ports::Done<void> done)
{
    const RestCall sent = call;
    m_rest.call(std::move(call), [this, sent, triesLeft, done = std::move(done)](const RestResult &result) {
        if (!m_listener)
            return;
        if (result || result.error().disposition == Disposition::AlreadySo) {
            emit changed();
            if (done)
                done({});
            return;
        }
        const RestFailure &failure = result.error();
        if (triesLeft <= 1 || !mayRepeat(failure.disposition)) {
            if (done)
                done(fail(failure.error));
            return;
        }
        const auto again = [this, sent, triesLeft, done] {
            if (m_listener)
                command(sent, triesLeft - 1, done);
        };
        if (failure.disposition == Disposition::ClockOff) {
            m_rest.synchroniseClock([again](bool) { again(); });
            return;
        }
        const auto &waits = m_options.timings.orderRetries;
        const auto step = static_cast<std::size_t>(kCommandTries - triesLeft);
        const Duration wait = std::max(waits[std::min(step, waits.size() - 1)], failure.retryAfter.value_or(Duration::zero()));
        QTimer::singleShot(std::chrono::ceil<std::chrono::milliseconds>(wait), this, again);
    });
}

void AccountSettings::setLeverage(const InstrumentKey &instrument, int leverage, ports::Done<void> done)
{
    RestCall call{.method = net::HttpMethod::Post, .path = "/fapi/v1/leverage", .security = Security::Signed};
    appendParameter(call.query, "symbol", instrument.symbol.view());
    appendParameter(call.query, "leverage", std::to_string(leverage));
    command(std::move(call), kCommandTries, std::move(done));
}

void AccountSettings::setMarginMode(const InstrumentKey &instrument, MarginMode mode, ports::Done<void> done)
{
    RestCall call{.method = net::HttpMethod::Post, .path = "/fapi/v1/marginType", .security = Security::Signed};
    appendParameter(call.query, "symbol", instrument.symbol.view());
    appendParameter(call.query, "marginType", mode == MarginMode::Isolated ? "ISOLATED" : "CROSSED");
    command(std::move(call), kCommandTries, std::move(done));
}

// ---- the dead man's switch ----

void AccountSettings::setDeadMan(const InstrumentKey &instrument, std::optional<Duration> after,
                                 ports::Done<void> done)
{
    DeadMan &switchOf = m_deadMen[instrument.symbol];
    if (switchOf.done) {
        auto overtaken = std::exchange(switchOf.done, nullptr);
        QTimer::singleShot(0, this, [this, overtaken = std::move(overtaken)] {
            if (m_listener)
                overtaken(fail(ErrorCode::OutOfSync, "dead man's switch: a newer wish came"));
        });
    }
    switchOf.after = after;
    switchOf.done = std::move(done);
    switchOf.failures = 0;
    switchOf.dueAt = m_clock.monotonic();
    m_care.start();
    if (!switchOf.inFlight)
        sendDeadMan(instrument.symbol);
}

void AccountSettings::sendDeadMan(const Symbol &symbol)
{
    DeadMan &switchOf = m_deadMen[symbol];
    switchOf.inFlight = true;
    const std::optional<Duration> after = switchOf.after;
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(after.value_or(Duration::zero())).count();
    RestCall call{.method = net::HttpMethod::Post,
                  .path = "/fapi/v1/countdownCancelAll",
                  .security = Security::Signed,
                  .lane = net::Lane::Protective,
                  .cost = {.weight = 10, .orders = 0},
                  .timeout = m_options.timings.orderTimeout};
    appendParameter(call.query, "symbol", symbol.view());
    appendParameter(call.query, "countdownTime", std::to_string(milliseconds));
    m_rest.call(std::move(call), [this, symbol, after](const RestResult &result) {
        if (m_listener)
            onDeadMan(symbol, after, result);
    });
}

void AccountSettings::onDeadMan(const Symbol &symbol, std::optional<Duration> sent, const RestResult &result)
{
    const auto found = m_deadMen.find(symbol);
    if (found == m_deadMen.end())
        return;
    DeadMan &switchOf = found->second;
    switchOf.inFlight = false;
    const Duration now = m_clock.monotonic();
    if (switchOf.after != sent) { // a newer wish waited for this answer
        sendDeadMan(symbol);
        return;
    }
    auto done = std::exchange(switchOf.done, nullptr);
    if (result) {
        switchOf.failures = 0;
        switchOf.armed = sent.has_value();
        if (sent)
            switchOf.dueAt = now + std::min(m_options.timings.deadManEvery, *sent / kDeadManChances);
        else
            m_deadMen.erase(found);
        reportDeadMan(symbol, Freshness::Fresh, {});
        if (m_listener && done)
            done({});
        return;
    }
    const RestFailure &failure = result.error();
    if (failure.disposition == Disposition::ClockOff)
        m_rest.synchroniseClock([](bool) {});
    // What is armed stays a wish, whatever is said meanwhile; the status shows it.
    const bool repeat = mayRepeat(failure.disposition) || (sent && switchOf.armed);
    ++switchOf.failures;
    switchOf.dueAt = now + std::max(std::min(kDeadManRetry, sent ? *sent / kDeadManChances : kDeadManRetry),
                                    failure.retryAfter.value_or(Duration::zero()));
    if (!repeat)
        m_deadMen.erase(found);
    else if (done && switchOf.failures < kCommandTries) {
        switchOf.done = std::move(done);
        done = nullptr;
    }
    reportDeadMan(symbol, Freshness::Lost, failure.error.detail);
    if (m_listener && done)
        done(fail(failure.error));
}

void AccountSettings::care()
{
    const Duration now = m_clock.monotonic();
    std::vector<Symbol> due;
    for (const auto &[symbol, switchOf] : m_deadMen) {
        if (!switchOf.inFlight && now >= switchOf.dueAt)
            due.push_back(symbol);
    }
    for (const Symbol &symbol : due)
        sendDeadMan(symbol);
    if (m_deadMen.empty())
        m_care.stop();
}

void AccountSettings::reportDeadMan(const Symbol &symbol, Freshness freshness, const std::string &error)
{
    ports::StreamStatus status;
    status.name = "dead man " + symbol.string();
    status.freshness = freshness;
    status.lastMessageAt = m_clock.now();
    status.lastError = error;
    if (m_listener)
        m_listener->onStreamStatus(status);
}

// ---- what the key may do ----

void AccountSettings::keyRights(ports::Done<ports::KeyRights> done)
{
    m_rest.call(RestCall{.path = "/fapi/v1/accountConfig",
                         .security = Security::Signed,
                         .cost = {.weight = 5, .orders = 0}},
                [this, done = std::move(done)](const RestResult &result) {
                    if (!m_listener || !done)
                        return;
                    const auto account = result ? parseAccountRights(result->body)
                                                : Result<AccountRights>(fail(result.error().error));
                    if (account)
                        askRestrictions(*account, done);
                    else
                        done(fail(account.error()));
                });
}

void AccountSettings::feeRates(const Symbol &symbol, ports::Done<FeeRates> done)
{
    RestCall call{.path = "/fapi/v1/commissionRate", .security = Security::Signed, .cost = {.weight = 20, .orders = 0}};
    appendParameter(call.query, "symbol", symbol.view());
    m_rest.call(std::move(call),
                [this, done = std::move(done)](const RestResult &result) {
                    if (m_listener && done)
                        done(result ? parseCommissionRate(result->body) : Result<FeeRates>(fail(result.error().error)));
                });
}

void AccountSettings::askRestrictions(const AccountRights &account, const ports::Done<ports::KeyRights> &done)
{
    ports::KeyRights rights;
    rights.reads = true; // it has just read
    rights.trades = account.trades;
    rights.remarks.emplace_back(account.hedgeMode ? "hedge mode" : "one-way mode");
    if (account.multiAssets)
        rights.remarks.emplace_back("multi-assets margin");
    if (m_options.endpoints.spotApi.empty()) {
        rights.remarks.emplace_back("here the venue does not say whether the key may withdraw");
        done(rights);
        return;
    }
    m_rest.call(RestCall{.path = "/sapi/v1/account/apiRestrictions",
                         .security = Security::Signed,
                         .cost = {.weight = 0, .orders = 0},
                         .address = m_options.endpoints.spotApi},
                [this, rights, done](const RestResult &result) mutable {
                    if (!m_listener)
                        return;
                    const auto key = result ? parseApiRestrictions(result->body)
                                            : Result<ApiRestrictions>(fail(result.error().error));
                    if (!key) {
                        rights.remarks.push_back("whether the key may withdraw could not be asked: " + key.error().detail);
                        done(rights);
                        return;
                    }
                    rights.reads = key->reads;
                    rights.trades = *rights.trades && key->tradesFutures;
                    rights.withdraws = key->withdraws;
                    rights.restrictedToAddress = key->restrictedToAddress;
                    rights.expires = key->expires;
                    if (key->transfers)
                        rights.remarks.emplace_back("the key may move money between wallets");
                    done(rights);
                });
}

} // namespace core::exchange::binance
