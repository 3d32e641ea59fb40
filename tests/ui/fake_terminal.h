#pragma once

#include <deque>
#include <map>
#include <random>

#include "core/analysis/volume_profile.h"
#include "core/market/depth_history.h"
#include "core/market/order_book.h"
#include "core/runtime/past.h"
#include "core/runtime/terminal.h"

namespace tests
{

/// A Terminal that plays a scripted, seeded market: same scenario and steps, same pixels. It keeps the
/// intents it is sent.
class FakeTerminal final : public core::runtime::Terminal
{
    Q_OBJECT

public:
    enum class Scenario {
        Live,
        Empty,
        Loading,
        StaleOneVenue,
        Offline,
        Near,
        Tripped,
        Armed,
        Blind,
        Many,
        Wide
    };
    [[nodiscard]] static const std::vector<std::pair<Scenario, QString>> &scenarios();

    explicit FakeTerminal(Scenario scenario, std::uint64_t seed = 7, QObject *parent = nullptr);

    /// Moves the market on by so many columns (250 ms each) and tells the screen once.
    void advance(int columns);

    [[nodiscard]] std::shared_ptr<const core::runtime::TerminalSnapshot> snapshot() const override
    {
        return m_snapshot;
    }
    [[nodiscard]] std::shared_ptr<const core::analysis::ProfileSnapshot> profile() const override
    {
        return m_profile;
    }
    [[nodiscard]] std::vector<std::shared_ptr<const core::market::DepthColumn>> takeColumns() override;
    [[nodiscard]] std::vector<core::Trade> takeTrades() override;
    [[nodiscard]] std::vector<core::runtime::AlertRow> takeAlerts() override;
    void send(const core::runtime::Intent &intent) override { intents.push_back(intent); }
    [[nodiscard]] std::shared_ptr<const core::runtime::Past> past() const override { return m_past; }
    void readPast() override { ++pastAsked; }
    void publishPast(core::runtime::Past past);

    /// For tests: the next snapshot is this one.
    void publish(core::runtime::TerminalSnapshot snapshot);
    void publishAlert(core::runtime::AlertRow alert);
    [[nodiscard]] core::runtime::TerminalSnapshot copy() const { return *m_snapshot; }

    std::vector<core::runtime::Intent> intents;
    int pastAsked{0};

private:
    struct Contract {
        core::Instrument instrument;
        double price{0.0};
        double baseSize{1.0};
    };
    void stepMarket();
    void stepTrades(core::UtcTime from);
    void rebuildBook();
    void publishSnapshot();
    void fillAccount(core::runtime::TerminalSnapshot &snapshot) const;
    void fillStreams(core::runtime::TerminalSnapshot &snapshot) const;
    void fillBreakers(core::runtime::TerminalSnapshot &snapshot) const;
    void fillAccountLimits(core::runtime::TerminalSnapshot &snapshot) const;
    void scriptAlerts();
    void say(core::orders::Severity severity, const char *source, const char *code, std::string text,
             int secondsAgo, int count = 1, bool instrument = true);
    [[nodiscard]] double uniform() { return static_cast<double>(m_random() >> 11) * 0x1.0p-53; }
    [[nodiscard]] double normal();

    Scenario m_scenario;
    std::mt19937_64 m_random;
    Contract m_contract;
    core::UtcTime m_now;
    double m_mid{0.0};
    double m_drift{0.0};
    std::map<std::int64_t, double> m_walls; ///< resting size by tick that stays for a while
    core::market::OrderBook m_book;
    core::market::DepthHistory m_history;
    core::analysis::VolumeProfile m_volume;
    std::shared_ptr<const core::runtime::TerminalSnapshot> m_snapshot;
    std::shared_ptr<const core::analysis::ProfileSnapshot> m_profile;
    std::shared_ptr<const core::runtime::Past> m_past;
    std::vector<std::shared_ptr<const core::market::DepthColumn>> m_columns;
    std::vector<core::Trade> m_trades;
    std::vector<core::runtime::AlertRow> m_alerts;
    std::optional<core::Trade> m_lastTrade;
    std::int64_t m_tradeId{1000};
    std::int64_t m_alertId{1};
    std::uint64_t m_sequence{0};
    int m_steps{0};
};

} // namespace tests
