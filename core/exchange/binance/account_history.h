#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <QtCore/QObject>

#include "core/exchange/binance/client_options.h"
#include "core/exchange/binance/rest_codec.h"
#include "core/exchange/binance/rest_gateway.h"
#include "core/ports/exchange_client.h"

namespace core::exchange::binance
{

/// What happened to the account, page by page, oldest first; patient where the venue asks for a pause. A page
/// starts at the time of the last row of the one before it, and rows are told apart by all they say, so that
/// rows of one instant are neither lost nor doubled. Engine thread; answers come from the event loop, not
/// after `stop`. Source: reference/binance-usdm.md section 6.12.
class AccountHistory final : public QObject
{
    Q_OBJECT
public:
    AccountHistory(const ClientOptions &options, RestGateway &rest, QObject *parent);
    ~AccountHistory() override;
    void start() { m_running = true; }
    void stop() { m_running = false; }

    /// Without client order ids.
    void fills(const InstrumentKey &instrument, ports::TimeRange range, ports::Done<std::vector<Fill>> done);
    /// Every row of the cash flow, of one type or (empty) of all.
    void income(const std::string &type, ports::TimeRange range, net::Lane lane,
                ports::Done<std::vector<IncomeRow>> done);

    /// Everything of all contracts; `held` are asked also when the cash flow does not name them.
    void past(ports::TimeRange range, const std::vector<InstrumentKey> &held, ports::Done<ports::AccountPast> done);

    inline static constexpr std::size_t kRowsPerPage = 1000;

private:
    static constexpr Duration kFillsKept = std::chrono::hours{24 * 89}; ///< the venue keeps three months
    struct PastJob;
    void nextPast(const std::shared_ptr<PastJob> &job);
    struct IncomeJob;
    struct FillsJob;
    void nextIncome(const std::shared_ptr<IncomeJob> &job);
    void onIncome(const std::shared_ptr<IncomeJob> &job, const RestAnswer &answer);
    void nextFills(const std::shared_ptr<FillsJob> &job);
    void onFills(const std::shared_ptr<FillsJob> &job, const RestAnswer &answer);
    /// Repeats where that may help; `failed` when it does not.
    void ask(RestCall call, int triesLeft, std::function<void(const RestAnswer &)> read,
             std::function<void(const Error &)> failed);

    const ClientOptions &m_options;
    RestGateway &m_rest;
    bool m_running{false};
};

/// One payment per contract and instant: in hedge mode each leg has a row of its own.
[[nodiscard]] std::vector<FundingPayment> fundingOf(const std::vector<IncomeRow> &rows);
[[nodiscard]] std::vector<Transfer> transfersOf(const std::vector<IncomeRow> &rows);

} // namespace core::exchange::binance
