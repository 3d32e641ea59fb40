#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/ports/exchange_client.h"
#include "core/risk/venue_history.h"

namespace core::runtime
{

/// Asks the venue of one account for its past and rebuilds from it what limits count from, also when the database is gone.
/// Owns no time: who uses it asks again after a failure. Engine thread; answers come from the client's event loop.
class VenuePast
{
public:
    /// The account as it stands, to which the rows must lead.
    struct Present {
        UtcTime now;
        AccountSnapshot totals;
        std::vector<Position> positions;
        Duration dayStartsAt{0};
    };
    struct Answer {
        risk::History history;
        UtcTime completeFrom;
        std::vector<risk::PriceNeed> unpriced; ///< what was open then is not counted: the venue has no price of that moment
    };
    using Done = std::function<void(Result<Answer>)>;

    VenuePast(ports::ExchangeClient &client, Venue account) : m_client(client), m_account(account) {}
    /// OutOfSync: something happened while it was asked; ask again with the new present. REQUIRES: not asking.
    void ask(Present present, Done done);
    [[nodiscard]] bool isAsking() const { return m_question != nullptr; }

    // Heard while it is asked: not part of the past.
    void onFill(const Fill &fill);
    void onFunding(const FundingPayment &payment);
    void onTransfer(const Transfer &transfer);

    /// A month's limits and the peak; what the risk engine keeps.
    static constexpr Duration kReach = std::chrono::hours{24 * 40};

private:
    struct Question {
        risk::VenueFacts facts;
        Done done;
        UtcTime completeFrom;
        std::vector<risk::PriceNeed> needs; ///< not yet asked, the last one is next
        std::map<risk::PriceNeed, Price> prices;
        std::vector<risk::PriceNeed> unpriced;
    };
    void onPast(const std::shared_ptr<Question> &question, Result<ports::AccountPast> past);
    void askPrices(const std::shared_ptr<Question> &question);
    void finish(const std::shared_ptr<Question> &question, Result<Answer> answer);
    void leaveOutLive(risk::VenueFacts &facts) const;

    ports::ExchangeClient &m_client;
    Venue m_account;
    std::shared_ptr<Question> m_question;
    UtcTime m_newest; ///< row of the answer before
    std::set<std::pair<InstrumentKey, std::int64_t>> m_liveFills;
    std::set<std::pair<InstrumentKey, UtcTime>> m_liveFunding;
    std::set<std::string> m_liveTransfers;
};

} // namespace core::runtime
