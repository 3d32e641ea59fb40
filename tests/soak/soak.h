#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/net/system_clock.h"
#include "core/ports/exchange_client.h"
#include "tests/soak/compare.h"
#include "tests/soak/trader.h"
#include "tests/soak/venue_process.h"
#include "tests/soak/workload.h"

namespace tests::soak
{

struct SoakOptions {
    SoakSetup setup;
    double minutes{10};
    bool jsonOnly{false};
};

/// Starts the exchanges and both clients, trades through faults, then compares what the two sides know. On the thread of
/// the event loop, which is the engine thread here.
class Soak final : public QObject
{
public:
    explicit Soak(SoakOptions options);
    ~Soak() override;

    /// `done` gets the exit status: 0 nothing was lost, 1 something was, 2 it could not be run.
    void start(std::function<void(int)> done);

private:
    /// One exchange with its client.
    struct Side {
        std::unique_ptr<Trader> trader;
        std::unique_ptr<core::ports::ExchangeClient> client;
        std::unique_ptr<Workload> workload;
        std::vector<core::Symbol> symbols;
        std::set<core::Symbol> booksLeft; ///< not yet seen equal
        std::map<core::Symbol, std::map<std::string, int>> verdicts;
        Disagreement last;
        core::venue::FaultPlan plan;
        std::size_t faultsTold{0};
        std::map<std::string, core::Duration> unknownSince; ///< what the exchange knows and the client does not yet
        std::uint64_t overconfident{0}; ///< of them, those that a client that was sure of itself missed for too long
    };
    struct Sample {
        core::Duration at{0};
        std::int64_t residentKb{0};
        std::int64_t heapKb{0}; ///< in use, without what the harness keeps
        int descriptors{0};
    };

    void openClients(const VenueProcess::Lines &endpoints);
    void awaitReady();
    void trade();
    void onWork();
    void onReport();
    void tellFaults();
    void probe(std::size_t index);
    void calmDown();
    void check();
    void askTruth(std::size_t index);
    void askBooks(std::size_t index);
    void judge();
    void finish();
    [[nodiscard]] bool isSettled();
    [[nodiscard]] int printEnd() const;
    [[nodiscard]] bool printSide(const Side &side, QJsonObject &json) const;
    [[nodiscard]] bool printMemory(QJsonObject &json) const;
    [[nodiscard]] Sample sampleNow() const;
    [[nodiscard]] double elapsedSeconds() const;
    void say(const std::string &line) const;
    void fail(const std::string &why);

    SoakOptions m_options;
    core::net::SystemClock m_clock;
    std::function<void(int)> m_done;
    VenueProcess m_venues;
    std::vector<Side> m_sides;
    core::venue::ScenarioRandom m_random;
    QTimer m_work;
    QTimer m_report;
    QTimer m_check;
    core::Duration m_startedAt{0};
    core::Duration m_calmAt{0};
    std::optional<core::Duration> m_settledAt; ///< since then both clients are sure of their accounts
    std::vector<Sample> m_samples; ///< of this process, while trading
    std::vector<std::int64_t> m_venueKb;
    int m_openQuestions{0};
    bool m_isCalm{false};
};

} // namespace tests::soak
