#include "core/runtime/account_client.h"

#include <chrono>

#include <QtCore/QTimer>

#include "core/exchange/binance/client.h"
#include "core/exchange/hyperliquid/client.h"

namespace core::runtime
{

namespace
{
constexpr std::chrono::seconds kAnswerWithin{15};

AccountId accountIdOf(const secrets::AccountProfile &profile)
{
    return AccountId::from(profile.label).value_or(AccountId{});
}
} // namespace

std::unique_ptr<ports::ExchangeClient>
makeAccountClient(const secrets::AccountProfile &profile, AccountKeys keys, const VenueAddresses &addresses,
                  const Clock &clock, const std::map<InstrumentKey, std::int64_t> &newestTradeIds)
{
    if (profile.venue == Venue::Hyperliquid) {
        exchange::hyperliquid::ClientOptions options;
        options.endpoints = addresses.hyperliquid;
        options.account = accountIdOf(profile);
        options.address = profile.vaultAddress.empty() ? profile.address : profile.vaultAddress;
        options.agentKey = std::move(keys.secret);
        return std::make_unique<exchange::hyperliquid::HyperliquidClient>(std::move(options), clock);
    }
    exchange::binance::ClientOptions options;
    options.endpoints = addresses.binance;
    options.account = accountIdOf(profile);
    using exchange::binance::KeyType;
    const bool ed25519 = profile.keyType == secrets::KeyType::Ed25519;
    options.credentials = exchange::binance::Credentials{std::move(keys.apiKey), std::move(keys.secret),
                                                         ed25519 ? KeyType::Ed25519 : KeyType::Hmac};
    options.hedgeMode = profile.hedgeMode;
    for (const auto &[instrument, tradeId] : newestTradeIds)
        options.lastTradeIds[instrument.symbol] = tradeId;
    return std::make_unique<exchange::binance::BinanceClient>(std::move(options), clock);
}

Result<ports::KeyRights> judgeRights(ports::KeyRights rights)
{
    if (rights.withdraws.value_or(false))
        return fail(ErrorCode::Unauthorized, "this key may withdraw money, and is not used: make one without that right "
                                             "(reading and futures trading are enough)");
    if (!rights.trades.value_or(true))
        return fail(ErrorCode::Unauthorized, "this key may not trade futures: give it that right, or breakers could not act");
    return rights;
}

KeyTest::KeyTest(const Clock &clock, QObject *parent) : QObject(parent), m_clock(clock) {}

KeyTest::~KeyTest() = default;

void KeyTest::start(const secrets::AccountProfile &profile, AccountKeys keys, const VenueAddresses &addresses, Done done)
{
    m_done = std::move(done);
    m_lastError.clear();
    const std::uint64_t round = ++m_round;
    m_client = makeAccountClient(profile, std::move(keys), addresses, m_clock);
    m_client->start(*this, {});
    m_client->keyRights([this, round](Result<ports::KeyRights> rights) {
        if (round == m_round)
            finish(rights ? judgeRights(std::move(*rights)) : std::move(rights));
    });
    QTimer::singleShot(kAnswerWithin, this, [this, round] {
        if (round != m_round)
            return;
        finish(fail(ErrorCode::TimedOut,
                    m_lastError.empty() ? "the venue did not answer" : "the venue did not answer: " + m_lastError));
    });
}

void KeyTest::onStreamStatus(const ports::StreamStatus &status)
{
    if (!status.lastError.empty())
        m_lastError = status.lastError;
}

void KeyTest::finish(Result<ports::KeyRights> answer)
{
    if (!m_done)
        return;
    ++m_round;
    // The client is at work on the stack: it goes when the event loop has come back.
    auto gone = std::make_shared<std::unique_ptr<ports::ExchangeClient>>(std::move(m_client));
    (*gone)->stop([gone, this] { QTimer::singleShot(0, this, [gone] { gone->reset(); }); });
    std::exchange(m_done, nullptr)(std::move(answer));
}

} // namespace core::runtime
