#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/exchange/hyperliquid/account_sync_ledger.h"
#include "core/exchange/hyperliquid/client_socket.h"
#include "core/exchange/hyperliquid/margin.h"
#include "core/exchange/hyperliquid/order_channel.h"
#include "core/net/proof_of_life.h"

namespace core::exchange::hyperliquid
{

/// The account side: who the addresses are, the account's mode, its stream, reconciliation at the start, after every
/// break, when a fill does not follow the one before it, and from time to time. Subscribe first, hold events back, ask
/// for everything, hand on answers, then the newer events, then onReconciled. Engine thread; the listener is called
/// from the event loop only. Source: reference/hyperliquid.md sections 2.3 to 2.7, 6.2.
class AccountSync final : public QObject
{
    Q_OBJECT
public:
    AccountSync(const ClientOptions &options, const Clock &clock, InfoGateway &rest, ActionChannel &actions,
                OrderChannel &orders, const AssetTable &assets, QObject *parent);
    ~AccountSync() override;

    /// `address` in lower case. REQUIRES: instruments are known.
    void start(ports::ExchangeListener &listener, std::string address, std::set<std::string> dexes);
    void stop();
    void addDex(const std::string &dex) { m_dexNames.insert(dex); }
    void queryPositions();
    void queryFills();
    void keyRights(ports::Done<ports::KeyRights> done);
    /// Of every contract that the venue itself lists; one answer serves them all for an hour.
    void feeRates(const InstrumentKey &instrument, ports::Done<FeeRates> done);
    [[nodiscard]] std::optional<Quantity> positionSize(const Symbol &symbol) const;
    [[nodiscard]] const std::string &address() const { return m_address; }

signals:
    /// The stream is open anew: asset ids are worth reading again.
    void connected();

private:
    enum class Phase { Off, Checking, Opening, Reconciling, Live, Refused };
    /// Several answers that belong together; the first failure decides.
    struct Answers {
        int outstanding{0};
        std::optional<Error> failure;
        std::vector<std::pair<std::string, PerpAccount>> dexes;
        std::optional<SpotAccount> spot;
        std::optional<AccountMode> mode;
        std::optional<Money> availableToTrade;
        std::vector<OrderRow> openOrders;
        bool isPoll{false};
    };
    using AnswersPtr = std::shared_ptr<Answers>;
    using Read = std::function<Result<void>(const InfoAnswer &)>;
    using Page = std::function<Result<std::optional<UtcTime>>(const InfoAnswer &)>;

    void check();
    void onRoleOfAccount(const InfoResult &result);
    void onRoleOfSigner(const std::string &master, const InfoResult &result);
    void refuse(const Error &why);
    void again(const Error &why, std::function<void()> action);
    void openStream();
    void onLost(const Error &why);
    void onFrame(std::string_view frame, UtcTime receivedAt);
    void handle(UserEvent &event);
    void onWebData(const WebData &data);
    void reconcile();
    void onAllAnswers(const AnswersPtr &answers);
    void countDown(const AnswersPtr &answers);
    void askHistory();
    void finishReconciliation();
    void lose(const Error &why);
    void ask(const AnswersPtr &answers, InfoCall call, Read read);
    void askState(const AnswersPtr &answers, Lane lane);
    void startPoll(Lane lane);
    void onPolled(const AnswersPtr &answers);
    struct Walk; ///< through the pages of one history
    void nextPage(const std::shared_ptr<Walk> &walk, UtcTime from);
    void pageThrough(std::string type, UtcTime from, Page take, std::function<void(std::optional<Error>)> done);
    void askFills(std::function<void(std::optional<Error>)> done);
    bool takeState(Answers &answers, Source source);
    void setMode(AccountMode mode);
    void takeFills(std::vector<FillRow> rows, Source source);
    void takeFunding(const std::vector<FundingRow> &rows, Source source);
    void takeTransfers(const std::vector<LedgerRow> &rows, Source source);
    void deliverAccount(Source source);
    void deliverPositions(Source source);
    void reportPositionDifferences(const std::map<Symbol, SignedSize> &before);
    void tellDifference(Difference difference);
    [[nodiscard]] bool clockIsRight();
    void askRateLimit();
    void care();
    void watchProof(Duration now);
    void publishStatus(Freshness freshness, const std::string &error);
    void after(Duration delay, std::function<void()> action);

    const ClientOptions &m_options;
    const Clock &m_clock;
    InfoGateway &m_rest;
    ActionChannel &m_actions;
    OrderChannel &m_orders;
    const AssetTable &m_assets;
    ports::ExchangeListener *m_listener{nullptr};
    std::string m_address;
    std::set<std::string> m_dexNames{""};
    Phase m_phase{Phase::Off};
    Error m_refusal{}; ///< in Phase::Refused
    std::vector<ports::Done<ports::KeyRights>> m_rightsWishes; ///< that wait for the check of the key
    std::uint64_t m_generation{0};
    bool m_reconciled{false};
    bool m_everReconciled{false};
    bool m_clockWrong{false};
    std::unique_ptr<ClientSocket> m_socket;
    net::Backoff m_backoff;
    net::ProofOfLife m_proof;
    AccountLedger m_ledger;
    AccountMode m_mode{AccountMode::Unknown};
    std::map<std::string, PerpAccount> m_states;
    std::optional<SpotAccount> m_spot;
    std::optional<Money> m_availableToTrade;
    std::vector<UserEvent> m_held;
    QTimer m_care;
    Duration m_pollDue{0};
    Duration m_lastPollAt{0};
    Duration m_clockDue{0};
    std::optional<FeeRates> m_fees;
    Duration m_feesAt{0};
    Duration m_rateDue{0};
    Duration m_reconcileDue{0};
    bool m_pollRunning{false};
    bool m_pollAgain{false};
    bool m_fillsRunning{false};
    bool m_fillsAgain{false};
    ports::StreamStatus m_status;
    Duration m_statusAt{0};
};

} // namespace core::exchange::hyperliquid
