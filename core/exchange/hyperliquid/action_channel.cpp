#include "core/exchange/hyperliquid/action_channel.h"

#include <algorithm>

namespace core::exchange::hyperliquid
{
namespace
{
using namespace std::chrono_literals;

/// An exit that could not leave for so long is told to its sender, who looks at the position again.
constexpr Duration kExitWaitsMost = 60s;
constexpr std::size_t kItemsPerWeight = 40;

bool isExit(Lane lane)
{
    return lane == Lane::Flatten || lane == Lane::Cancel || lane == Lane::Protective;
}

} // namespace

ActionChannel::ActionChannel(const ClientOptions &options, const Clock &clock, InfoGateway &rest,
                             QObject *parent)
    : QObject(parent), m_options(options), m_clock(clock), m_rest(rest), m_nonces(options.lastNonce),
      m_address(options.timings.exitsEvery)
{
    m_door.setSingleShot(true);
    connect(&m_door, &QTimer::timeout, this, &ActionChannel::pump);
    m_idle.setSingleShot(true);
    connect(&m_idle, &QTimer::timeout, this, &ActionChannel::prepare);
}

ActionChannel::~ActionChannel() = default;

Result<void> ActionChannel::readKey()
{
    if (!m_options.agentKey || m_options.agentKey->empty())
        return {};
    auto signer = ActionSigner::fromHex(m_options.agentKey->expose());
    if (!signer)
        return fail(signer.error());
    m_signer = std::move(*signer);
    return {};
}

std::string ActionChannel::signerAddress() const
{
    return m_signer ? m_signer->address().text() : std::string();
}

void ActionChannel::stop()
{
    m_stopped = true;
    m_door.stop();
    m_idle.stop();
    m_ahead.clear();
    for (auto &queue : m_waiting)
        queue.clear();
}

void ActionChannel::setVault(std::optional<Address> vault)
{
    m_vault = vault;
    m_ahead.clear();
}

Network ActionChannel::network() const
{
    return m_options.endpoints.source == SigningSource::Mainnet ? Network::Mainnet : Network::Testnet;
}

void ActionChannel::keepReady(std::vector<WireOrder> orders)
{
    if (m_stopped || !m_signer || m_keyRefused)
        return;
    m_ahead.want(std::move(orders));
    m_idle.start(0);
}

/// One signature, then the sockets have their turn.
void ActionChannel::prepare()
{
    const SigningTerms terms{.signer = *m_signer,
                             .network = network(),
                             .vault = m_vault,
                             .expiresAfter = m_options.timings.expiresAfter};
    if (m_ahead.signNext(terms, m_nonces, m_rest.venueNow(), m_sent))
        m_idle.start(0);
}

bool ActionChannel::sendReady(const WireOrder &order, Lane lane, const Callback &done)
{
    if (m_stopped || !m_signer || m_keyRefused)
        return false;
    auto ready = m_ahead.take(order, m_rest.venueNow(), m_sent);
    if (!ready)
        return false;
    auto job = std::make_shared<Job>();
    job->action = std::move(ready->action);
    job->lane = lane;
    job->done = done;
    job->since = m_clock.monotonic();
    job->ready = std::move(ready);
    dispatch(job);
    return true;
}

void ActionChannel::answer(const JobPtr &job, ActionOutcome outcome)
{
    if (m_stopped)
        return;
    outcome.expiresAt = job->expiresAt;
    outcome.receivedAt = m_clock.now();
    job->done(outcome);
}

void ActionChannel::answerLater(const JobPtr &job, Error why)
{
    QMetaObject::invokeMethod(
        this,
        [this, job, why = std::move(why)] {
            answer(job, {.fate = ActionOutcome::Fate::NotSent, .error = why});
        },
        Qt::QueuedConnection);
}

void ActionChannel::send(ActionValue action, Lane lane, std::size_t items, Callback done)
{
    auto job = std::make_shared<Job>();
    job->action = std::move(action);
    job->lane = lane;
    job->items = items;
    job->done = std::move(done);
    job->since = m_clock.monotonic();
    if (!m_signer)
        return answerLater(job, Error{ErrorCode::Unauthorized, "no agent key was given: the account is only watched"});
    if (m_keyRefused)
        return answerLater(job, m_keyRefused->in("signed traffic is stopped"));
    dispatch(job);
}

/// Through the door when the address budget is used up, else straight on.
void ActionChannel::dispatch(const JobPtr &job)
{
    auto &queue = m_waiting[static_cast<std::size_t>(job->lane)];
    if (const auto wait = m_address.take(job->lane, m_clock.monotonic())) {
        if (*wait == Duration::max())
            return answerLater(job, Error{ErrorCode::RateLimited,
                                          "the account's address has no requests left: exits only"});
        queue.push_back(job);
        if (!m_door.isActive())
            m_door.start(std::chrono::ceil<std::chrono::milliseconds>(std::max<Duration>(*wait, 1ms)));
        return;
    }
    const int weight = 1 + static_cast<int>(job->items / kItemsPerWeight);
    m_rest.exchange(
        job->lane, weight, [this, job] { return write(*job); },
        [this, job](const InfoResult &result) {
            if (!m_stopped)
                onAnswer(job, result);
        });
}

void ActionChannel::pump()
{
    for (auto &queue : m_waiting) {
        if (queue.empty())
            continue;
        const JobPtr job = queue.front();
        queue.pop_front();
        dispatch(job); // back to its end when the door is still shut
        break;
    }
    const bool more = std::any_of(m_waiting.begin(), m_waiting.end(), [](const auto &q) { return !q.empty(); });
    if (more && !m_door.isActive())
        m_door.start(std::chrono::ceil<std::chrono::milliseconds>(
            m_address.exitsOnly() ? m_options.timings.exitsEvery : Duration{1ms}));
}

/// Nonce, expiry and signature at the moment of sending.
std::optional<std::string> ActionChannel::write(Job &job)
{
    if (m_stopped || !m_signer)
        return std::nullopt;
    const UtcTime now = m_rest.venueNow();
    const auto ready = std::exchange(job.ready, std::nullopt); // once, whatever becomes of it
    const bool isReady = ready && SignedAhead::isGood(*ready, now, m_sent) && ready->envelope.vault == m_vault;
    ++m_sent;
    m_address.onSent(static_cast<int>(job.items));
    if (isReady) {
        ++m_sentReady;
        job.expiresAt = ready->expiresAt;
        return ready->body;
    }
    job.expiresAt = now + m_options.timings.expiresAfter;
    ActionEnvelope envelope;
    envelope.nonce = m_nonces.next(toMilliseconds(now));
    envelope.vault = m_vault;
    envelope.expiresAfter = static_cast<std::uint64_t>(toMilliseconds(job.expiresAt));
    const L1Signature signature = m_signer->signL1(job.action, envelope, network());
    return requestJson(job.action, envelope, signature.signature);
}

void ActionChannel::onAnswer(const JobPtr &job, const InfoResult &result)
{
    using Fate = ActionOutcome::Fate;
    if (!result) {
        const bool safe = result.error().what == InfoFailure::What::NotSent ||
                          result.error().what == InfoFailure::What::Wrong;
        answer(job, {.fate = safe ? Fate::NotSent : Fate::Ambiguous, .error = result.error().error});
        return;
    }
    ExchangeReply reply = parseExchangeReply(result->body);
    if (!reply.refusal) {
        m_keyWorked = true;
        answer(job, {.fate = Fate::Answered, .reply = std::move(reply)});
        return;
    }
    const Refusal refusal = *reply.refusal;
    if (refusal.reaction == Reaction::NonceTooLow || refusal.reaction == Reaction::NonceReused ||
        refusal.reaction == Reaction::Expired || refusal.reaction == Reaction::Signature)
        m_ahead.clear(); // made by the same clock and key
    if (sendAgain(job, refusal))
        return;
    switch (refusal.reaction) {
    case Reaction::Ambiguous:
        answer(job, {.fate = Fate::Ambiguous, .error = refusal.error()});
        return;
    case Reaction::NonceReused:
        answer(job, {.fate = Fate::Ambiguous, .error = refusal.error()});
        emit stateInDoubt(refusal.error());
        return;
    case Reaction::Signature:
        onKeyRefused(refusal);
        break;
    default:
        m_keyWorked = true; // somebody with an account was recognised
        break;
    }
    answer(job, {.fate = Fate::Answered, .reply = std::move(reply)});
}

bool ActionChannel::sendAgain(const JobPtr &job, const Refusal &refusal)
{
    if (refusal.reaction == Reaction::Budget) {
        m_address.onRefused(job->lane, m_clock.monotonic());
        emit addressBudgetUsedUp();
        if (!isExit(job->lane) || m_clock.monotonic() - job->since > kExitWaitsMost)
            return false;
        dispatch(job);
        return true;
    }
    const bool stale = refusal.reaction == Reaction::NonceTooLow ||
                       (refusal.reaction == Reaction::Expired && isExit(job->lane));
    if (!stale || job->repeated)
        return false;
    job->repeated = true;
    m_rest.checkClock([this, job](bool) {
        if (!m_stopped)
            dispatch(job);
    });
    return true;
}

/// A key that has worked is not wrong because one hash was: only what is said of the key's own address stops all.
void ActionChannel::onKeyRefused(const Refusal &refusal)
{
    const bool ofOurs = m_signer && refusal.text.find(m_signer->address().text()) != std::string::npos;
    if (m_keyRefused || (m_keyWorked && !ofOurs))
        return;
    m_keyRefused = refusal.error();
    emit keyWasRefused(*m_keyRefused);
}

} // namespace core::exchange::hyperliquid
