#include "core/exchange/hyperliquid/signed_ahead.h"

#include <algorithm>

namespace core::exchange::hyperliquid
{

void SignedAhead::want(std::vector<WireOrder> orders)
{
    orders.resize(std::min(orders.size(), kKeptMost));
    m_wanted = std::move(orders);
    std::erase_if(m_signed, [this](const Signed &ready) {
        return ready.isVoid || std::find(m_wanted.begin(), m_wanted.end(), ready.order) == m_wanted.end();
    });
}

bool SignedAhead::signNext(const SigningTerms &terms, NonceSource &nonces, UtcTime now, std::uint64_t sent)
{
    const auto isYoung = [&](const Signed &ready) { return isGood(ready, now, sent) && now - ready.signedAt <= kRenewAfter; };
    while (!m_wanted.empty()) {
        const auto next = std::find_if(m_wanted.begin(), m_wanted.end(), [&](const WireOrder &order) {
            return std::none_of(m_signed.begin(), m_signed.end(),
                                [&](const Signed &ready) { return ready.order == order && isYoung(ready); });
        });
        if (next == m_wanted.end())
            return false;
        auto action = orderAction(std::span(&*next, 1));
        if (!action) {
            m_wanted.erase(next); // said when it is sent
            continue;
        }
        Signed ready{.order = *next,
                     .action = std::move(*action),
                     .envelope = {.nonce = nonces.next(toMilliseconds(now)), .vault = terms.vault, .expiresAfter = {}},
                     .body = {},
                     .signedAt = now,
                     .expiresAt = now + kReadyFor + terms.expiresAfter,
                     .sentBefore = sent};
        ready.envelope.expiresAfter = static_cast<std::uint64_t>(toMilliseconds(ready.expiresAt));
        const L1Signature signature = terms.signer.signL1(ready.action, ready.envelope, terms.network);
        ready.body = requestJson(ready.action, ready.envelope, signature.signature);
        std::erase_if(m_signed, [&](const Signed &old) { return old.isVoid || old.order == ready.order; });
        m_signed.push_back(std::move(ready));
        return true;
    }
    return false;
}

bool SignedAhead::isGood(const Signed &ready, UtcTime now, std::uint64_t sent)
{
    return !ready.isVoid && now - ready.signedAt <= kReadyFor && ready.signedAt - now <= kClockBackMost && sent - ready.sentBefore < kSentMost;
}

std::optional<SignedAhead::Signed> SignedAhead::take(const WireOrder &order, UtcTime now, std::uint64_t sent)
{
    std::optional<Signed> taken;
    for (Signed &ready : m_signed) {
        if (ready.order.asset != order.asset)
            continue;
        if (!taken && ready.order == order && isGood(ready, now, sent))
            taken = std::move(ready);
        ready.isVoid = true;
    }
    const auto asset = order.asset;
    std::erase_if(m_wanted, [asset](const WireOrder &other) { return other.asset == asset; });
    return taken;
}

std::size_t SignedAhead::size() const
{
    return static_cast<std::size_t>(
        std::count_if(m_signed.begin(), m_signed.end(), [](const Signed &ready) { return !ready.isVoid; }));
}

void SignedAhead::clear()
{
    m_wanted.clear();
    m_signed.clear();
}

} // namespace core::exchange::hyperliquid
