#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/domain/instrument.h"
#include "core/exchange/binance/account_history.h"
#include "core/exchange/binance/account_ledger.h"
#include "core/exchange/binance/client_options.h"
#include "core/exchange/binance/codec.h"
#include "core/exchange/binance/order_channel.h"
#include "core/exchange/binance/rest_gateway.h"
#include "core/exchange/binance/user_event_window.h"
#include "core/net/backoff.h"
#include "core/net/proof_of_life.h"
#include "core/net/renewing_socket.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::binance
{

/// The account side: listen key, private stream (replaced before the venue ends it), reconciliation at the start
/// and after every break, polling of balances. Connect first, hold events back, ask for everything, hand on answers, then the newer events,
/// then onReconciled. Engine thread; the listener is called from the event loop only. Source:
/// reference/binance-usdm.md section 5.
class AccountSync final : public QObject
{
    Q_OBJECT
public:
    AccountSync(const ClientOptions &options, const Clock &clock, RestGateway &rest, OrderChannel &orders,
                AccountHistory &history, QObject *parent);
    ~AccountSync() override;

    /// REQUIRES: credentials were given.
    void start(ports::ExchangeListener &listener, const std::vector<Symbol> &symbols);
    void stop();
    void queryPositions();
    void queryFills(const InstrumentKey &instrument);
    /// Assets whose balances are reported; USDT until said otherwise.
    void setAssets(std::set<Asset> assets);
    /// The stream is not to be trusted: new listen key, new socket, reconciliation.
    void rebuild(const Error &why);
    void onCredentialsRefused(const Error &why);
    /// Leverage or margin mode: the position rows do not carry them, so the settings are read again.
    void onSettingsChanged();

private:
    enum class Phase { Off, ListenKey, Opening, Reconciling, Live, Refused };
    /// Several answers that belong together; the first failure decides.
    struct Answers {
        int outstanding{0};
        std::optional<RestFailure> failure;
        std::vector<Position> positions;
        UtcTime positionsAskedAt;
        std::vector<AccountSnapshot> accounts;
        OrderChannel::OpenOrders open;
        std::optional<bool> hedgeMode;
        bool audit{false};   ///< asked in between, while the stream is trusted
        UtcTime openAskedAt; ///< venue's clock
    };
    struct FillCursor {
        std::optional<std::int64_t> completeThrough; ///< every fill up to this id has been handed on
        UtcTime since;                               ///< used while there is none
        bool running{false};
        bool again{false};
        bool audit{false}; ///< a fill that is found now, and is not new, was missed
    };

    void begin();
    void beginLater(std::optional<Duration> notBefore);
    void onListenKey(const RestResult &result);
    void makeSocket();
    void openStream();
    void keepListenKey();
    void onListenKeyKept(const RestResult &result);
    void onFrame(std::string_view frame, UtcTime receivedAt);
    void handle(const UserEvent &event);
    void onAccountEvent(const AccountEvent &event);
    void onMarginCall(const MarginCall &call);
    void onConfig(const AccountConfigEvent &config);
    void reconcile();
    void askEverything(const std::shared_ptr<Answers> &answers);
    void startAudit();
    void onAudited(const std::shared_ptr<Answers> &answers);
    /// False when the account is not in the mode this program is set to: then nothing may be sent.
    [[nodiscard]] bool modeFits(const Answers &answers);
    void reportBalances(const std::vector<AccountSnapshot> &accounts, UtcTime before);
    // account_sync_income.cpp
    void expectIncome(bool certain);
    void askIncome();
    void onIncome(const std::vector<IncomeRow> &rows);
    void reconcileLater(const Error &why, std::optional<Duration> notBefore);
    void ask(const std::shared_ptr<Answers> &answers, RestCall call,
             std::function<Result<void>(const RestAnswer &)> read);
    void onAllAnswers(const std::shared_ptr<Answers> &answers);
    void finishReconciliation();
    void lose(const Error &why);
    /// `differencesBefore`: what we believed wrongly is reported, unless it changed later than that.
    void deliverPositions(std::vector<Position> rows, UtcTime askedAt,
                          std::optional<UtcTime> differencesBefore = std::nullopt);
    void deliverAccounts(const std::vector<AccountSnapshot> &accounts, Source source);
    void startPoll(net::Lane lane);
    void poll(net::Lane lane, const std::shared_ptr<Answers> &answers);
    void onPolled(const std::shared_ptr<Answers> &answers);
    void askFills(const Symbol &symbol);
    void onFills(const Symbol &symbol, UtcTime askedAt, const RestResult &result);
    void handFill(Fill fill, Source source);
    void care();
    void watchProof(Duration now);
    void compareSoon();
    void publishStatus(Freshness freshness, const std::string &error);
    void after(Duration delay, std::function<void()> action);

    const ClientOptions &m_options;
    const Clock &m_clock;
    RestGateway &m_rest;
    OrderChannel &m_orders;
    AccountHistory &m_history;
    ports::ExchangeListener *m_listener{nullptr};
    std::vector<Symbol> m_symbols;
    std::set<Asset> m_assets;
    Phase m_phase{Phase::Off};
    std::uint64_t m_generation{0}; ///< of the private stream: what belongs to an older one is void
    bool m_reconciled{false};
    net::Secret m_listenKey;
    std::unique_ptr<net::RenewingSocket> m_socket;
    UserEventWindow m_taken; ///< two connections bring the same while one replaces the other
    net::Backoff m_backoff;
    net::ProofOfLife m_proof;
    PositionLedger m_positions;
    FillLedger m_fills;
    std::map<Symbol, FillCursor> m_cursors;
    std::map<Asset, AccountSnapshot> m_accounts;
    std::vector<UserEvent> m_held;
    bool m_everReconciled{false}; ///< from then on there is something to differ from
    Duration m_auditDue{0};
    Duration m_incomeDue{Duration::max()};
    UtcTime m_incomeSince;
    std::set<IncomeRow> m_incomeSeen;
    int m_incomeTriesLeft{0}; ///< a row is certain to come
    bool m_incomeRunning{false};
    bool m_incomeMissed{false}; ///< what is found now has no event of its own
    QTimer m_care;
    Duration m_listenKeyDue{0};
    Duration m_listenKeyGoodAt{0};
    Duration m_pollDue{0};
    Duration m_lastPollAt{0};
    bool m_pollRunning{false};
    bool m_pollAgain{false};
    ports::StreamStatus m_status;
    Duration m_statusAt{0};
};

} // namespace core::exchange::binance
