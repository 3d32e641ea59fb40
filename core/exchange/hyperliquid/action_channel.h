#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/exchange/hyperliquid/info_gateway.h"
#include "core/exchange/hyperliquid/nonce.h"
#include "core/exchange/hyperliquid/rest_codec_reply.h"
#include "core/exchange/hyperliquid/signed_ahead.h"

namespace core::exchange::hyperliquid
{

/// What became of one signed action.
struct ActionOutcome {
    enum class Fate {
        Answered,  ///< `reply` says, also when it is a refusal
        NotSent,   ///< certainly not executed
        Ambiguous, ///< it may have been: resolve by cloid
    };
    Fate fate{Fate::Ambiguous};
    ExchangeReply reply{};
    Error error{};          ///< unless Answered
    UtcTime expiresAt{};    ///< venue's clock: later it is not executed any more
    UtcTime receivedAt{};
};

/// Signs and sends actions, one nonce each, never the same one twice. Sends a refused action again only when the
/// refusal proves that it was not executed (nonce too low, expired, address budget) and only for exits. When the
/// address budget is used up, exits leave through one door. A key that the venue does not know stops everything.
/// Engine thread; answers come from the event loop, not after `stop`. Source: reference/hyperliquid.md 4.5, 7, 8.
class ActionChannel final : public QObject
{
    Q_OBJECT
public:
    using Callback = std::function<void(const ActionOutcome &)>;

    ActionChannel(const ClientOptions &options, const Clock &clock, InfoGateway &rest, QObject *parent);
    ~ActionChannel() override;

    /// False with the reason when the key in the options is none; true without a key.
    [[nodiscard]] Result<void> readKey();
    void stop();
    /// `vault` for sub-accounts and vaults.
    void setVault(std::optional<Address> vault);
    [[nodiscard]] bool hasKey() const { return m_signer.has_value(); }
    [[nodiscard]] std::string signerAddress() const;
    /// `items`: orders, cancels or changes in it.
    void send(ActionValue action, Lane lane, std::size_t items, Callback done);
    /// Signs these, one order each, when the event loop has nothing else to do; replaces the earlier list.
    void keepReady(std::vector<WireOrder> orders);
    [[nodiscard]] std::uint64_t sentReady() const { return m_sentReady; }
    /// True when `order` was signed ahead and is on its way; false: nothing was done, use `send`. Also then the others that
    /// were signed for its contract are void.
    [[nodiscard]] bool sendReady(const WireOrder &order, Lane lane, const Callback &done);

    [[nodiscard]] AddressBudget &addressBudget() { return m_address; }
    [[nodiscard]] const std::optional<Error> &keyRefused() const { return m_keyRefused; }

signals:
    /// Once: nothing signed is sent any more.
    void keyWasRefused(core::Error why);
    /// The nonce of ours was somebody else's, or the account's state is in doubt.
    void stateInDoubt(core::Error why);
    void addressBudgetUsedUp();

private:
    struct Job {
        ActionValue action;
        Lane lane{Lane::Entry};
        std::size_t items{1};
        Callback done;
        Duration since{0};
        UtcTime expiresAt{};
        bool repeated{false};
        std::optional<SignedAhead::Signed> ready{};
    };
    using JobPtr = std::shared_ptr<Job>;

    void prepare();
    [[nodiscard]] Network network() const;
    void dispatch(const JobPtr &job);
    void pump();
    [[nodiscard]] std::optional<std::string> write(Job &job);
    void onAnswer(const JobPtr &job, const InfoResult &result);
    /// True when the refusal has been dealt with by sending again later.
    [[nodiscard]] bool sendAgain(const JobPtr &job, const Refusal &refusal);
    void onKeyRefused(const Refusal &refusal);
    void answer(const JobPtr &job, ActionOutcome outcome);
    void answerLater(const JobPtr &job, Error why);

    const ClientOptions &m_options;
    const Clock &m_clock;
    InfoGateway &m_rest;
    std::optional<ActionSigner> m_signer;
    std::optional<Address> m_vault;
    NonceSource m_nonces;
    SignedAhead m_ahead;
    std::uint64_t m_sentReady{0}; ///< orders that left as they lay ready
    std::uint64_t m_sent{0};
    QTimer m_idle;
    AddressBudget m_address;
    std::array<std::deque<JobPtr>, kLanes> m_waiting; ///< for the door of the address budget
    QTimer m_door;
    std::optional<Error> m_keyRefused;
    bool m_keyWorked{false};
    bool m_stopped{false};
};

} // namespace core::exchange::hyperliquid
