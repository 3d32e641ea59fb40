#include "tests/ui/fake_terminal.h"

#include <algorithm>
#include <cmath>
#include <map>

using namespace Qt::StringLiterals;

namespace tests
{

using namespace core;
using runtime::TerminalSnapshot;
using Scenario = FakeTerminal::Scenario;

namespace
{

constexpr std::int64_t kStart = 1'732'286'102'000; // 2024-11-22 14:35:02 UTC

std::int64_t raw(double value)
{
    return static_cast<std::int64_t>(std::llround(value * 1e8));
}
Price price(double value, Price tick)
{
    return Price::fromRaw(roundToStep(raw(value), tick.raw(), Rounding::HalfEven));
}
Quantity quantity(double value, Quantity step)
{
    return Quantity::fromRaw(std::max(step.raw(), roundToStep(raw(value), step.raw(), Rounding::HalfEven)));
}
Money money(double value)
{
    return Money::fromRaw(raw(value));
}
Ratio ratio(double value)
{
    return Ratio::fromRaw(raw(value));
}

Instrument instrument(std::string_view symbol, std::string_view base, double tick, double step)
{
    Instrument result;
    result.key = {Venue::Binance, *Symbol::from(symbol)};
    result.base = *Asset::from(base);
    result.quote = *Asset::from("USDT");
    result.tickSize = Price::fromRaw(raw(tick));
    result.stepSize = Quantity::fromRaw(raw(step));
    result.trading = true;
    return result;
}

/// Size that rests at a tick: long-lived, different at each, replaced now and then.
double restingShare(std::int64_t tick, int step)
{
    const auto mix = [](std::uint64_t x) {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
        return x ^ (x >> 31);
    };
    const auto own = mix(static_cast<std::uint64_t>(tick) + 0x9e3779b97f4a7c15ULL);
    const auto period = 60 + static_cast<std::int64_t>(own % 400);
    const auto phase = static_cast<std::int64_t>(own >> 20) % period;
    const auto life = mix(own ^ static_cast<std::uint64_t>((step + phase) / period));
    const double u = static_cast<double>(life >> 11) * 0x1.0p-53;
    return u < 0.25 ? 0.002 : std::pow(u, 7.0) * 1.8 + 0.01;
}

bool isWide(Scenario scenario)
{
    return scenario == Scenario::Wide;
}

Instrument shownInstrument(Scenario scenario)
{
    return isWide(scenario) ? instrument("1000PEPEUSDT", "1000PEPE", 0.0000001, 1)
                            : instrument("BTCUSDT", "BTC", 0.1, 0.001);
}

Position position(std::string_view symbol, Direction direction, double size, double entry, double mark,
                  double liquidation, int leverage, MarginMode mode, UtcTime at)
{
    Position p;
    p.instrument = {Venue::Binance, *Symbol::from(symbol)};
    p.direction = direction;
    p.quantity = Quantity::fromRaw(raw(size));
    p.entryPrice = Price::fromRaw(raw(entry));
    p.markPrice = Price::fromRaw(raw(mark));
    const double sign = direction == Direction::Long ? 1.0 : -1.0;
    p.unrealizedPnl = money(std::round(sign * (mark - entry) * size * 100) / 100);
    if (liquidation > 0)
        p.liquidationPrice = Price::fromRaw(raw(liquidation));
    p.leverage = leverage;
    p.marginMode = mode;
    p.initialMargin = money(std::round(entry * size / leverage * 100) / 100);
    p.maintenanceMargin = money(std::round(mark * size * 0.004 * 100) / 100);
    p.venueTime = at;
    p.receivedAt = at;
    return p;
}

analysis::ProfileConfig profileConfig(Price tick)
{
    analysis::ProfileConfig c;
    c.tickSize = tick;
    return c;
}

risk::Limits limits()
{
    risk::Limits l = risk::defaultLimits();
    risk::Breaker loss;
    loss.kind = risk::BreakerKind::LossOnMargin;
    loss.scope = risk::Scope::Position;
    loss.tiers = {{.id = "alert", .trigger = ratio(0.15), .rearm = ratio(0.12), .action = risk::TierAction::Alert},
                  {.id = "close", .trigger = ratio(0.30), .rearm = ratio(0.25), .action = risk::TierAction::Close}};
    l.breakers = {loss};
    return l;
}

} // namespace

const std::vector<std::pair<Scenario, QString>> &FakeTerminal::scenarios()
{
    static const std::vector<std::pair<Scenario, QString>> kAll{
        {Scenario::Live, u"live"_s},       {Scenario::Empty, u"empty"_s},
        {Scenario::Loading, u"loading"_s}, {Scenario::StaleOneVenue, u"stale-one-venue"_s},
        {Scenario::Offline, u"offline"_s}, {Scenario::Near, u"near"_s},
        {Scenario::Tripped, u"tripped"_s}, {Scenario::Armed, u"armed"_s},
        {Scenario::Blind, u"blind"_s},     {Scenario::Many, u"many"_s},
        {Scenario::Wide, u"wide"_s}};
    return kAll;
}

FakeTerminal::FakeTerminal(Scenario scenario, std::uint64_t seed, QObject *parent)
    : Terminal(parent), m_scenario(scenario),
      m_random(seed), m_contract{shownInstrument(scenario), isWide(scenario) ? 0.0123456 : 67'245.0,
                                 isWide(scenario) ? 4e6 : 0.9},
      m_now(utcFromMilliseconds(kStart)), m_mid(m_contract.price), m_book(m_contract.instrument.tickSize),
      m_history({}), m_volume(profileConfig(m_contract.instrument.tickSize))
{
    if (scenario == Scenario::Loading) {
        publishSnapshot();
        return;
    }
    scriptAlerts();
    publishSnapshot();
}

double FakeTerminal::normal()
{
    double sum = 0.0;
    for (int i = 0; i < 12; ++i)
        sum += uniform();
    return sum - 6.0;
}

void FakeTerminal::advance(int columns)
{
    if (m_scenario != Scenario::Loading) {
        for (int i = 0; i < columns; ++i)
            stepMarket();
    }
    publishSnapshot();
    emit changed();
}

void FakeTerminal::stepMarket()
{
    ++m_steps;
    const double volatility = m_contract.price * 0.000030;
    m_drift = m_drift * 0.97 + normal() * volatility * 0.10;
    const double pull = (m_contract.price - m_mid) * 0.004;
    double shock = 0.0;
    if ((m_scenario == Scenario::Near || m_scenario == Scenario::Tripped) && m_steps > 250 && m_steps < 300)
        shock = -volatility * 3.2;
    m_mid += normal() * volatility * 0.55 + m_drift + (shock == 0.0 && m_steps < 250 ? pull : 0.0) + shock;
    const UtcTime from = m_now;
    m_now += std::chrono::milliseconds{250};
    rebuildBook();
    const bool gap = m_scenario == Scenario::StaleOneVenue && m_steps % 400 > 180 && m_steps % 400 < 204;
    if (auto column = m_history.sample(m_book, gap ? Freshness::Gapped : Freshness::Fresh, m_now))
        m_columns.push_back(std::move(column));
    if (!gap)
        stepTrades(from);
}

void FakeTerminal::rebuildBook()
{
    const Price tickPrice = m_contract.instrument.tickSize;
    const double tick = tickPrice.toDouble();
    const auto midTick = static_cast<std::int64_t>(std::llround(m_mid / tick));
    // Walls live at round prices for a while and fade when the price eats into them.
    const std::int64_t grid = isWide(m_scenario) ? 25 : 100;
    for (std::int64_t at = (midTick - 1500) / grid * grid; at <= midTick + 1500; at += grid) {
        const auto known = m_walls.find(at);
        if (known == m_walls.end()) {
            const bool major = at % (grid * 5) == 0;
            m_walls[at] = uniform() < (major ? 0.75 : 0.22)
                              ? m_contract.baseSize * (major ? 18 : 8) * (0.3 + uniform())
                              : 0.0;
        } else if (uniform() < 0.004) {
            known->second = uniform() < 0.35 ? m_contract.baseSize * 16 * uniform() : 0.0;
        }
    }
    m_book.clear();
    std::vector<Level> bids;
    std::vector<Level> asks;
    const auto spread = static_cast<std::int64_t>(isWide(m_scenario) ? 1 : uniform() < 0.8 ? 1 : 2);
    const auto side = [&](std::vector<Level> &levels, int direction, std::int64_t first) {
        std::int64_t tickAt = first;
        for (int i = 0; i < 1400; ++i) {
            const std::int64_t distance = std::abs(tickAt - midTick);
            const double depth = 0.10 + 0.9 * std::min(1.0, static_cast<double>(distance) / 900.0);
            double size = m_contract.baseSize * depth * restingShare(tickAt, m_steps);
            const auto wall = m_walls.find(tickAt);
            if (wall != m_walls.end())
                size += wall->second * std::min(1.0, static_cast<double>(distance) / 60.0 + 0.1);
            levels.push_back(
                {Price::fromRaw(tickAt * tickPrice.raw()), quantity(size, m_contract.instrument.stepSize)});
            tickAt += direction;
            if (tickAt <= 0)
                break;
        }
    };
    side(bids, -1, midTick - 1);
    side(asks, 1, midTick - 1 + spread);
    if (!m_book.assign(bids, asks))
        qFatal("fake book");
}

void FakeTerminal::stepTrades(UtcTime from)
{
    const int count = static_cast<int>(std::pow(uniform(), 3.0) * 9.0);
    const bool up = m_drift > 0;
    for (int i = 0; i < count; ++i) {
        const Side aggressor = uniform() < (up ? 0.66 : 0.34) ? Side::Buy : Side::Sell;
        const auto best = m_book.best(opposite(aggressor));
        if (!best)
            continue;
        Trade trade;
        trade.instrument = m_contract.instrument.key;
        trade.id = trade.firstId = trade.lastId = ++m_tradeId;
        trade.price = best->price;
        const double large = uniform() < 0.03 ? 14.0 : 1.0;
        trade.quantity = quantity(m_contract.baseSize * large * std::pow(uniform(), 3.0) * 1.4,
                                  m_contract.instrument.stepSize);
        trade.aggressor = aggressor;
        trade.venueTime = trade.receivedAt = from + std::chrono::milliseconds{20 * i + 5};
        m_volume.update(trade);
        m_lastTrade = trade;
        m_trades.push_back(trade);
    }
}

void FakeTerminal::fillBreakers(TerminalSnapshot &snapshot) const
{
    using Word = orders::BreakerView::Word;
    const auto tiers = limits().breakers.front().tiers;
    for (const Position &p : snapshot.account.positions) {
        orders::BreakerView view;
        view.instrument = p.instrument;
        const double margin = p.initialMargin->toDouble();
        const double metric = std::max(0.0, -p.unrealizedPnl->toDouble() / margin);
        view.limit = tiers.back().trigger;
        if (snapshot.account.freshness != Freshness::Fresh ||
            snapshot.markets.front().mark != Freshness::Fresh) {
            view.word = Word::Unknown;
            snapshot.guard.breakers.push_back(view);
            continue;
        }
        view.metric = ratio(metric);
        const risk::Tier &next = metric < 0.15 ? tiers.front() : tiers.back();
        view.nextTrigger = next.trigger;
        view.nextTier = next.id;
        view.nextAction = next.action;
        const double sign = p.direction == Direction::Long ? 1.0 : -1.0;
        const double at =
            p.entryPrice.toDouble() - sign * next.trigger.toDouble() * margin / p.quantity.toDouble();
        view.priceAtNext = price(at, Price::fromRaw(raw(isWide(m_scenario) ? 1e-7 : 0.1)));
        view.distanceToNext = ratio(std::abs(p.markPrice->toDouble() - at) / p.markPrice->toDouble());
        view.word = metric >= 0.30 ? Word::Tripped : metric >= 0.24 ? Word::Near : Word::Watching;
        snapshot.guard.breakers.push_back(view);
        risk::Standing standing;
        standing.subject = {risk::BreakerKind::LossOnMargin, risk::Scope::Position, Venue::Binance, p.instrument, p.positionSide};
        standing.reading = view.metric;
        standing.nextTier = view.nextTier;
        standing.nextTrigger = view.nextTrigger;
        standing.nextAction = view.nextAction;
        standing.limit = *view.limit;
        standing.used = ratio(metric / 0.30);
        standing.priceAtNext = view.priceAtNext;
        standing.sentence = "BTCUSDT long 0.250: loss of margin; closes at 30 %.";
        snapshot.guard.standings.push_back(standing);
    }
}

void FakeTerminal::fillAccountLimits(TerminalSnapshot &snapshot) const
{
    risk::Standing day;
    day.subject = {risk::BreakerKind::DayLoss, risk::Scope::Account, Venue::Binance, std::nullopt, std::nullopt};
    day.reading = ratio(0.0128);
    day.nextTier = "flatten";
    day.nextTrigger = day.limit = ratio(0.04);
    day.nextAction = risk::TierAction::Flatten;
    day.used = ratio(0.32);
    day.headroom = money(338.14);
    day.sentence = "The loss of the day is 1.28 % of equity; every position is closed at 4 %.";
    snapshot.guard.standings.push_back(day);
    risk::Standing exposure;
    exposure.subject = {risk::BreakerKind::GrossExposure, risk::Scope::AllAccounts, std::nullopt, std::nullopt, std::nullopt};
    exposure.why = "an account has not reported";
    exposure.limit = ratio(3);
    exposure.sentence = "Gross exposure of all accounts is not known.";
    snapshot.guard.standings.push_back(exposure);
    if (m_scenario == Scenario::Tripped) {
        risk::Lockout lockout{.id = "day-loss/account/binance/1",
                              .scope = risk::Scope::Account,
                              .account = Venue::Binance,
                              .instrument = std::nullopt,
                              .reason = "day-loss",
                              .startedAt = m_now - std::chrono::minutes{18},
                              .until = m_now + std::chrono::minutes{42}};
        snapshot.guard.lockouts = {lockout};
    }
}

void FakeTerminal::fillAccount(TerminalSnapshot &snapshot) const
{
    auto &account = snapshot.account;
    account.account = *AccountId::from("demo");
    account.age = std::chrono::milliseconds{420};
    account.positionsKnown = true;
    const double mark = m_mid;
    const auto add = [&](auto... arguments) { account.positions.push_back(position(arguments..., m_now)); };
    switch (m_scenario) {
    case Scenario::Empty:
        break;
    case Scenario::Wide:
        add("1000PEPEUSDT", Direction::Short, 98'765'432.0, 0.0118123, mark, 0.0139871, 2,
            MarginMode::Isolated);
        account.positions.front().unrealizedPnl = money(-1'234'567.89);
        break;
    case Scenario::Near:
        add("BTCUSDT", Direction::Long, 0.25, mark * 1.0131, mark, mark * 0.905, 20, MarginMode::Isolated);
        break;
    case Scenario::Tripped:
        break;
    case Scenario::Many: {
        const char *symbols[] = {"BTCUSDT", "ETHUSDT",  "SOLUSDT",  "XRPUSDT",     "DOGEUSDT",
                                 "ADAUSDT", "AVAXUSDT", "LINKUSDT", "LTCUSDT",     "BCHUSDT",
                                 "DOTUSDT", "NEARUSDT", "ATOMUSDT", "1000PEPEUSDT"};
        const double prices[] = {mark,   3'312.45, 251.37, 1.4712, 0.40213, 0.98214, 41.873,
                                 17.214, 94.51,    512.33, 8.431,  6.521,   7.934,   0.0204511};
        for (std::size_t i = 0; i < 14; ++i) {
            const bool isLong = i % 3 != 1;
            const double offset = (static_cast<double>((i * 7) % 11) - 5.0) / 900.0;
            const double entry = prices[i] * (1 + offset);
            add(symbols[i], isLong ? Direction::Long : Direction::Short,
                std::round(9'000.0 / prices[i] * 1000) / 1000 + 0.001, entry, prices[i],
                prices[i] * (isLong ? 0.93 - 0.01 * static_cast<double>(i % 5)
                                    : 1.07 + 0.01 * static_cast<double>(i % 4)),
                10, i % 2 == 0 ? MarginMode::Cross : MarginMode::Isolated);
        }
        break;
    }
    default:
        add("BTCUSDT", Direction::Long, 0.25, m_contract.price * 1.0006, mark, 60'912.4, 10,
            MarginMode::Cross);
        add("ETHUSDT", Direction::Short, 4.0, 3'298.15, 3'312.45, 3'901.2, 8, MarginMode::Isolated);
        break;
    }
    AccountSnapshot totals;
    totals.account = account.account;
    totals.asset = *Asset::from("USDT");
    double upnl = 0.0;
    double initial = 0.0;
    double maintenance = 0.0;
    for (const Position &p : account.positions) {
        upnl += p.unrealizedPnl->toDouble();
        initial += p.initialMargin->toDouble();
        maintenance += p.maintenanceMargin->toDouble();
    }
    const double wallet = isWide(m_scenario) ? 2'500'000.0 : 12'431.77;
    totals.walletBalance = money(wallet);
    totals.unrealizedPnl = money(upnl);
    totals.equity = money(wallet + upnl);
    totals.initialMargin = money(initial);
    totals.maintenanceMargin = money(maintenance);
    totals.available = money(wallet + upnl - initial);
    totals.receivedAt = m_now;
    account.totals = totals;

    if (m_scenario == Scenario::Live || m_scenario == Scenario::Armed) {
        OrderUpdate order;
        order.instrument = m_contract.instrument.key;
        order.clientOrderId = *ClientOrderId::from("e1");
        order.side = Side::Sell;
        order.type = OrderType::Limit;
        order.status = OrderStatus::New;
        order.quantity = Quantity::fromRaw(raw(0.1));
        order.limitPrice = price(m_contract.price * 1.0009, m_contract.instrument.tickSize);
        order.reduceOnly = ReduceOnly::Yes;
        order.venueTime = m_now - std::chrono::seconds{95};
        account.openOrders.push_back(order);
    }
}

void FakeTerminal::fillStreams(TerminalSnapshot &snapshot) const
{
    const auto stream = [&](const char *name, Freshness freshness, std::optional<Duration> roundTrip,
                            const char *error) {
        ports::StreamStatus status;
        status.name = name;
        status.freshness = freshness;
        status.lastMessageAt = m_now;
        status.messages = 1000;
        status.roundTrip = roundTrip;
        status.lastError = error;
        snapshot.streams.push_back(status);
    };
    Freshness book = Freshness::Fresh;
    Freshness other = Freshness::Fresh;
    const char *error = "";
    if (m_scenario == Scenario::Loading)
        book = other = Freshness::Connecting;
    if (m_scenario == Scenario::StaleOneVenue)
        book = Freshness::Stale;
    if (m_scenario == Scenario::Offline) {
        book = other = Freshness::Lost;
        error = "connection refused";
    }
    stream("book BTCUSDT", book, std::nullopt, error);
    stream("trades BTCUSDT", book, std::nullopt, error);
    stream("mark BTCUSDT", book, std::nullopt, error);
    stream("account", other, std::nullopt, error);
    stream("rest", other,
           m_scenario == Scenario::Offline ? std::nullopt
                                           : std::optional<Duration>(std::chrono::milliseconds{42}),
           error);
    runtime::VenueView venue;
    venue.place = runtime::Place::Loopback;
    venue.account = true;
    venue.address = "http://127.0.0.1:8080";
    venue.reach = m_scenario == Scenario::Loading ? runtime::VenueView::Reach::Trying : runtime::VenueView::Reach::Reached;
    venue.budget = ports::RequestBudget{118, 2400};
    snapshot.venues.push_back(venue);
}

void FakeTerminal::publishSnapshot()
{
    TerminalSnapshot s;
    s.sequence = ++m_sequence;
    s.at = m_now;
    s.mode = runtime::Mode::Demo;
    s.version = "0.1.0";
    s.guard.reconciled = m_scenario != Scenario::Loading;
    s.guard.arming =
        m_scenario == Scenario::Armed || m_scenario == Scenario::Blind || m_scenario == Scenario::Tripped
            ? risk::Arming::Armed
            : risk::Arming::AlertOnly;
    s.guard.accounts = {{.account = Venue::Binance,
                         .arming = s.guard.arming,
                         .reconciled = s.guard.reconciled,
                         .blind = false,
                         .blindReason = {},
                         .limits = limits(),
                         .state = {},
                         .historyMissing = {},
                         .headroom = {}}};
    runtime::MarketSnapshot market;
    market.key = m_contract.instrument.key;
    fillStreams(s);
    if (m_scenario != Scenario::Loading) {
        market.instrument = m_contract.instrument;
        const bool stale = m_scenario == Scenario::StaleOneVenue;
        const bool lost = m_scenario == Scenario::Offline;
        market.book = market.trades = market.mark = stale  ? Freshness::Stale
                                                    : lost ? Freshness::Lost
                                                           : Freshness::Fresh;
        market.bookAge = stale  ? Duration(std::chrono::seconds{12})
                         : lost ? Duration(std::chrono::seconds{94})
                                : Duration(std::chrono::milliseconds{120});
        market.markAge = market.bookAge;
        m_book.copyLevels(Side::Buy, runtime::kLadderLevels, market.bids);
        m_book.copyLevels(Side::Sell, runtime::kLadderLevels, market.asks);
        if (m_steps > 0) {
            MarkPrice mark;
            mark.instrument = market.key;
            mark.mark = price(m_mid, m_contract.instrument.tickSize);
            mark.index = price(m_mid * 0.99994, m_contract.instrument.tickSize);
            mark.fundingRate = ratio(0.0001);
            mark.nextFundingTime = utcFromMilliseconds(kStart + 5'098'000);
            mark.venueTime = mark.receivedAt = m_now;
            market.markPrice = mark;
        }
        market.lastTrade = m_lastTrade;
        s.account.freshness = lost ? Freshness::Lost : Freshness::Fresh;
        s.markets.push_back(market);
        if (m_steps > 0)
            fillAccount(s);
        if (lost)
            s.account.age = std::chrono::seconds{94};
        if (s.account.totals) {
            fillBreakers(s);
            fillAccountLimits(s);
        }
        s.storage.journalSavedAt = m_now - std::chrono::milliseconds{300};
    } else {
        s.markets.push_back(market);
    }
    if (m_scenario == Scenario::Blind) {
        s.guard.blind = true;
        s.guard.blindReason = "mark price is 4 s old";
    }
    if (m_scenario == Scenario::Tripped && m_steps > 0) {
        orders::ActionView flat;
        flat.decisionId = "d1";
        flat.instrument = market.key;
        flat.step = "flat in 1.8 s";
        flat.attempts = 1;
        flat.target = flat.closed = Quantity::fromRaw(raw(0.25));
        flat.startedAt = m_now - std::chrono::seconds{8};
        flat.done = true;
        s.guard.actions.push_back(flat);
        orders::ActionView running = flat;
        running.instrument.symbol = *Symbol::from("ETHUSDT");
        running.step = "verifying";
        running.target = Quantity::fromRaw(raw(4.0));
        running.closed = Quantity::fromRaw(raw(2.6));
        running.startedAt = m_now - std::chrono::milliseconds{1400};
        running.done = false;
        s.guard.actions.push_back(running);
        orders::BreakerView view;
        view.instrument = market.key;
        view.word = orders::BreakerView::Word::Tripped;
        view.metric = ratio(0.312);
        view.limit = ratio(0.30);
        view.trippedText = "14:36:14 UTC · close at 30 % · 31.2 %";
        s.guard.breakers.push_back(view);
    }
    m_snapshot = std::make_shared<const TerminalSnapshot>(std::move(s));
    if (m_lastTrade)
        m_profile = std::make_shared<const analysis::ProfileSnapshot>(m_volume.snapshot());
}

void FakeTerminal::say(orders::Severity severity, const char *source, const char *code, std::string text,
                       int secondsAgo, int count, bool hasInstrument)
{
    runtime::AlertRow row;
    row.id = m_alertId++;
    row.at = m_now + std::chrono::seconds{90 - secondsAgo};
    row.severity = severity;
    row.source = source;
    row.code = code;
    row.text = std::move(text);
    row.count = count;
    if (hasInstrument)
        row.instrument = m_contract.instrument.key;
    m_alerts.push_back(row);
}

void FakeTerminal::scriptAlerts()
{
    using orders::Severity;
    if (m_scenario == Scenario::Empty)
        return;
    say(Severity::Info, "connection", "connected",
        "Connected to Binance USD-M. Book, trades, mark and account are live.", 88, 1, false);
    if (m_scenario == Scenario::Near || m_scenario == Scenario::Tripped)
        say(Severity::Warning, "risk", "loss-on-margin-near",
            "BTCUSDT long 0.250: loss is 15.2 % of margin at mark 66,941.3. Closes at 30 %.", 22);
    if (m_scenario == Scenario::Near)
        say(Severity::Warning, "risk", "loss-on-margin-near",
            "BTCUSDT long 0.250: loss is 26.2 % of margin, limit 30 %.", 3, 4);
    if (m_scenario == Scenario::Tripped) {
        say(Severity::Critical, "risk", "loss-on-margin-close",
            "BTCUSDT long 0.250: loss is 31.2 % of margin, limit 30 %. Closing 0.250 at market, reduce-only.",
            8);
        say(Severity::Info, "risk", "close-verified",
            "BTCUSDT is flat: 0.250 closed at 66,587.4 in 1.8 s, 1 attempt.", 6);
    }
    if (m_scenario == Scenario::StaleOneVenue)
        say(Severity::Warning, "connection", "book-stale",
            "Order book of BTCUSDT is stale: no message for 12 s. Breakers wait for fresh data.", 2);
    if (m_scenario == Scenario::Offline)
        say(Severity::Critical, "connection", "venue-lost",
            "Connection to Binance USD-M is lost: connection refused. Reconnecting. Stops at the venue stay.",
            1, 12, false);
    if (m_scenario == Scenario::Armed)
        say(Severity::Warning, "risk", "armed",
            "Auto-close is armed for account demo: 2 positions are guarded.", 5, 1, false);
}

std::vector<std::shared_ptr<const market::DepthColumn>> FakeTerminal::takeColumns()
{
    return std::exchange(m_columns, {});
}
std::vector<Trade> FakeTerminal::takeTrades()
{
    return std::exchange(m_trades, {});
}
std::vector<runtime::AlertRow> FakeTerminal::takeAlerts()
{
    return std::exchange(m_alerts, {});
}

void FakeTerminal::publish(TerminalSnapshot snapshot)
{
    m_snapshot = std::make_shared<const TerminalSnapshot>(std::move(snapshot));
    emit changed();
}

void FakeTerminal::publishPast(runtime::Past past)
{
    m_past = std::make_shared<const runtime::Past>(std::move(past));
    emit changed();
}

void FakeTerminal::publishAlert(runtime::AlertRow alert)
{
    m_alerts.push_back(std::move(alert));
    emit changed();
}

} // namespace tests
