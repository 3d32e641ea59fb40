#include "core/exchange/hyperliquid/account_sync.h"

#include <algorithm>

#include "core/exchange/hyperliquid/client_requests.h"
#include "core/exchange/hyperliquid/rest_codec.h"

// The questions of AccountSync, and what is made of their answers.

namespace core::exchange::hyperliquid
{
namespace
{
using namespace std::chrono_literals;

constexpr Duration kPollAgainAfter = 500ms;
constexpr Duration kPageAgainAfter = 1s;
constexpr int kPagesMost = 200;
constexpr Duration kFeesLast = 1h;
/// The venue's clock may run ahead of ours a little: what has just happened must not fall out at the end.
constexpr Duration kIntoTheFuture = 1min;

const Asset &usdc()
{
    static const Asset asset = Asset::from("USDC").value();
    return asset;
}

std::string sizeText(SignedSize size)
{
    if (size.isZero())
        return "flat";
    return (size.isNegative() ? "short " : "long ") +
           SignedSize::fromRaw(size.isNegative() ? -size.raw() : size.raw()).text();
}

} // namespace

void AccountSync::countDown(const AnswersPtr &answers)
{
    if (--answers->outstanding > 0)
        return;
    if (answers->isPoll)
        onPolled(answers);
    else
        onAllAnswers(answers);
}

void AccountSync::ask(const AnswersPtr &answers, InfoCall call, Read read)
{
    ++answers->outstanding;
    m_rest.info(std::move(call),
                [this, born = m_generation, answers, read = std::move(read)](const InfoResult &result) {
                    if (!m_listener || born != m_generation)
                        return;
                    const Result<void> understood =
                        result ? read(*result) : Result<void>(fail(result.error().error));
                    if (!understood && !answers->failure)
                        answers->failure = understood.error();
                    countDown(answers);
                });
}

void AccountSync::askState(const AnswersPtr &answers, Lane lane)
{
    m_lastPollAt = m_clock.monotonic();
    m_pollDue = m_lastPollAt + m_options.timings.accountPollEvery;
    for (const std::string &dex : m_dexNames)
        ask(answers, userRequest("clearinghouseState", m_address, lane, dex),
            [answers, dex](const InfoAnswer &answer) -> Result<void> {
                auto state = parseClearinghouseState(answer.body, answer.receivedAt);
                if (!state)
                    return fail(state.error());
                answers->dexes.emplace_back(dex, std::move(*state));
                return {};
            });
    ask(answers, userRequest("spotClearinghouseState", m_address, lane),
        [answers](const InfoAnswer &answer) -> Result<void> {
            auto spot = parseSpotClearinghouseState(answer.body);
            if (!spot)
                return fail(spot.error());
            answers->spot = std::move(*spot);
            return {};
        });
    const auto &assets = m_assets.all();
    const bool shared = m_mode == AccountMode::Unified || m_mode == AccountMode::PortfolioMargin;
    const auto any = std::find_if(assets.begin(), assets.end(),
                                  [](const ListedAsset &asset) { return asset.dex == 0 && !asset.delisted; });
    if (!shared || any == assets.end())
        return;
    ask(answers, activeAssetRequest(m_address, any->instrument.key.symbol.view(), lane),
        [answers](const InfoAnswer &answer) -> Result<void> {
            const auto setting = parseActiveAssetData(answer.body);
            if (!setting)
                return fail(setting.error());
            answers->availableToTrade = std::min(setting->availableToBuy, setting->availableToSell);
            return {};
        });
}

void AccountSync::startPoll(Lane lane)
{
    // During reconciliation the same questions are being asked; their answers are complete too.
    if (m_phase != Phase::Live)
        return;
    m_pollRunning = true;
    const auto answers = std::make_shared<Answers>();
    answers->isPoll = true;
    askState(answers, lane);
}

void AccountSync::queryPositions()
{
    // An answer that is on its way may be older than this wish.
    if (m_pollRunning)
        m_pollAgain = true;
    else
        startPoll(Lane::Protective);
}

void AccountSync::onPolled(const AnswersPtr &answers)
{
    m_pollRunning = false;
    if (answers->failure) {
        // Unknown is not flat: what was known stays, and is asked for again.
        m_status.lastError = answers->failure->detail;
        m_proof.onFailure(answers->failure->detail);
        m_pollDue = std::min(m_pollDue, m_clock.monotonic() + kPollAgainAfter);
        return;
    }
    static_cast<void>(takeState(*answers, Source::Query));
    deliverAccount(Source::Query);
    if (!m_proof.onAnswer(m_clock.monotonic()))
        m_reconcileDue = m_clock.monotonic(); // what happened meanwhile is in orders and fills too
    if (m_listener && std::exchange(m_pollAgain, false))
        startPoll(Lane::Protective);
}

/// False when nothing in it was newer than what is known.
bool AccountSync::takeState(Answers &answers, Source source)
{
    bool news = false;
    for (auto &[dex, state] : answers.dexes) {
        if (!m_dexNames.contains(dex))
            continue;
        const auto known = m_states.find(dex);
        const bool older = known != m_states.end() && state.venueTime && known->second.venueTime &&
                           *state.venueTime < *known->second.venueTime;
        if (older)
            continue;
        m_states[dex] = std::move(state);
        news = true;
    }
    if (answers.spot)
        m_spot = std::move(answers.spot);
    if (answers.availableToTrade)
        m_availableToTrade = answers.availableToTrade;
    if (m_listener && (news || source == Source::Query))
        deliverPositions(source);
    return news;
}

/// Every dex is known after the first answers, so a list is complete from whichever side it comes.
void AccountSync::deliverPositions(Source source)
{
    std::vector<Position> open;
    for (const auto &[dex, state] : m_states) {
        for (const PositionRow &row : state.positions) {
            Position position = row.position;
            const ListedAsset *asset = m_assets.find(position.instrument.symbol);
            if (asset && !position.maintenanceMargin) {
                if (const auto needed = maintenanceMargin(asset->instrument.marginTiers, row.positionValue))
                    position.maintenanceMargin = *needed;
            }
            if (!position.isFlat())
                open.push_back(std::move(position));
        }
    }
    m_listener->onPositions(open, source, m_states.size() >= m_dexNames.size());
}

std::optional<Quantity> AccountSync::positionSize(const Symbol &symbol) const
{
    if (m_states.empty())
        return std::nullopt;
    for (const auto &[dex, state] : m_states) {
        for (const PositionRow &row : state.positions) {
            if (row.position.instrument.symbol == symbol)
                return row.position.quantity;
        }
    }
    return Quantity{};
}

void AccountSync::deliverAccount(Source source)
{
    if (!m_listener || m_states.empty())
        return;
    AccountView view;
    view.mode = m_mode;
    view.spot = m_spot;
    view.availableToTrade = m_availableToTrade;
    const bool shared = m_mode == AccountMode::Unified || m_mode == AccountMode::PortfolioMargin;
    for (const auto &[dex, state] : m_states) {
        if (shared || dex.empty())
            view.dexes.push_back(state);
    }
    const auto figures = accountFigures(view);
    if (!figures) {
        m_status.lastError = figures.error().detail;
        return;
    }
    AccountSnapshot account;
    account.account = m_options.account;
    account.asset = usdc();
    account.walletBalance = figures->wallet;
    account.unrealizedPnl = figures->unrealized;
    account.equity = figures->equity;
    // Where the venue does not tell it, nothing may be counted on.
    account.available = figures->available.value_or(Money{});
    account.initialMargin = figures->marginUsed;
    account.maintenanceMargin = figures->crossMaintenance;
    account.venueTime = m_rest.venueNow();
    for (const PerpAccount &state : view.dexes) {
        if (state.venueTime)
            account.venueTime = *state.venueTime;
    }
    account.receivedAt = m_clock.now();
    m_listener->onAccount(account, source);
}

void AccountSync::tellDifference(Difference difference)
{
    if (m_listener && m_everReconciled)
        m_listener->onDifference(difference);
}

void AccountSync::reportPositionDifferences(const std::map<Symbol, SignedSize> &before)
{
    std::map<Symbol, SignedSize> now;
    for (const auto &[dex, state] : m_states) {
        for (const PositionRow &row : state.positions)
            now[row.position.instrument.symbol] = row.size;
    }
    std::set<Symbol> symbols;
    for (const auto *side : {&before, &std::as_const(now)}) {
        for (const auto &[symbol, size] : *side)
            symbols.insert(symbol);
    }
    const auto of = [](const std::map<Symbol, SignedSize> &side, const Symbol &symbol) {
        const auto found = side.find(symbol);
        return found == side.end() ? SignedSize{} : found->second;
    };
    for (const Symbol &symbol : symbols) {
        const SignedSize ours = of(before, symbol);
        const SignedSize theirs = of(now, symbol);
        if (ours != theirs)
            tellDifference({.what = Difference::What::Position,
                            .instrument = InstrumentKey{Venue::Hyperliquid, symbol},
                            .id = {},
                            .ours = sizeText(ours),
                            .venue = sizeText(theirs)});
    }
}

// ---- fills, payments, transfers ----

struct AccountSync::Walk {
    std::string type;
    Page take;
    std::function<void(std::optional<Error>)> done;
    int pages{0};
};

/// Page after page from the last time on; `take` says where the next one begins, or nothing when that was the last.
void AccountSync::pageThrough(std::string type, UtcTime from, Page take,
                              std::function<void(std::optional<Error>)> done)
{
    const auto walk = std::make_shared<Walk>();
    walk->type = std::move(type);
    walk->take = std::move(take);
    walk->done = std::move(done);
    nextPage(walk, from);
}

void AccountSync::nextPage(const std::shared_ptr<Walk> &walk, UtcTime from)
{
    m_rest.info(
        userRangeRequest(walk->type, m_address, from, m_rest.venueNow() + kIntoTheFuture, Lane::Protective),
        [this, walk, from, born = m_generation](const InfoResult &result) {
            if (!m_listener || born != m_generation)
                return;
            const auto next =
                result ? walk->take(*result) : Result<std::optional<UtcTime>>(fail(result.error().error));
            if (!m_listener || born != m_generation)
                return;
            if (!next)
                walk->done(next.error());
            else if (!*next || ++walk->pages >= kPagesMost)
                walk->done(std::nullopt);
            else // a whole page of one millisecond: the next one is all that is left to ask for
                nextPage(walk, **next > from ? **next : from + 1ms);
        });
}

void AccountSync::askFills(std::function<void(std::optional<Error>)> done)
{
    m_fillsRunning = true;
    pageThrough(
        "userFillsByTime", m_ledger.fillsFrom(),
        [this](const InfoAnswer &answer) -> Result<std::optional<UtcTime>> {
            auto rows = parseUserFills(answer.body, answer.receivedAt);
            if (!rows)
                return fail(rows.error());
            UtcTime newest;
            for (const FillRow &row : *rows)
                newest = std::max(newest, row.fill.venueTime);
            const bool full = rows->size() >= kFillsPerPage;
            takeFills(std::move(*rows), Source::Query);
            return full ? std::optional(newest) : std::nullopt;
        },
        [this, done = std::move(done)](std::optional<Error> why) {
            m_fillsRunning = false;
            done(std::move(why));
        });
}

void AccountSync::queryFills()
{
    if (!m_listener || m_phase != Phase::Live)
        return; // reconciliation asks for them
    if (m_fillsRunning) {
        m_fillsAgain = true;
        return;
    }
    askFills([this](const std::optional<Error> &why) {
        if (why) {
            m_status.lastError = why->detail;
            m_fillsAgain = true;
        }
        if (std::exchange(m_fillsAgain, false))
            after(why ? kPageAgainAfter : Duration{1ms}, [this] { queryFills(); });
    });
}

void AccountSync::takeFills(std::vector<FillRow> rows, Source source)
{
    bool broken = false;
    for (FillRow &row : m_ledger.newFills(std::move(rows))) {
        if (!m_listener)
            return;
        broken = !m_ledger.follows(row) || broken;
        m_orders.onFill(row);
        if (const auto value = notional(row.fill.price, row.fill.quantity, Rounding::Floor))
            m_actions.addressBudget().onTraded(*value);
        if (m_listener)
            m_listener->onFill(row.fill, source);
        if (source == Source::Query && m_phase == Phase::Reconciling)
            tellDifference({.what = Difference::What::Fill,
                            .instrument = row.fill.instrument,
                            .id = std::to_string(row.fill.tradeId),
                            .ours = "nothing",
                            .venue = std::string(name(row.fill.side)) + " " + row.fill.quantity.text() + " @ " +
                                     row.fill.price.text()});
    }
    if (!broken || !m_listener || m_phase != Phase::Live)
        return;
    const Error why{ErrorCode::OutOfSync, "a fill does not start where the one before it ended"};
    ++m_status.lost;
    lose(why);
    if (m_listener)
        reconcile();
}

void AccountSync::takeFunding(const std::vector<FundingRow> &rows, Source source)
{
    for (const FundingRow &row : rows) {
        if (!m_listener)
            return;
        if (!m_ledger.addFunding(row.payment))
            continue;
        m_listener->onFunding(row.payment, source);
        if (source == Source::Query)
            tellDifference({.what = Difference::What::Funding,
                            .instrument = row.payment.instrument,
                            .id = {},
                            .ours = "nothing",
                            .venue = row.payment.amount.text()});
    }
}

void AccountSync::takeTransfers(const std::vector<LedgerRow> &rows, Source source)
{
    for (const LedgerRow &row : rows) {
        if (!m_listener)
            return;
        // Between pockets of one account counts only where the pockets are counted apart.
        const bool shared = m_mode == AccountMode::Unified || m_mode == AccountMode::PortfolioMargin;
        if (!row.transfer || (row.withinAccount && shared) || !m_ledger.addTransfer(*row.transfer))
            continue;
        m_listener->onTransfer(*row.transfer, source);
        if (source == Source::Query)
            tellDifference({.what = Difference::What::Transfer,
                            .instrument = std::nullopt,
                            .id = row.transfer->id,
                            .ours = "nothing",
                            .venue = row.transfer->kind + " " + row.transfer->amount.text()});
    }
}

// ---- limits and rights ----

void AccountSync::askRateLimit()
{
    m_rateDue = m_clock.monotonic() + m_options.timings.rateLimitPollEvery;
    m_rest.info(userRequest("userRateLimit", m_address, Lane::Read),
                [this, born = m_generation](const InfoResult &result) {
                    if (!m_listener || born != m_generation)
                        return;
                    const auto limit = result ? parseUserRateLimit(result->body)
                                              : Result<UserRateLimit>(fail(result.error().error));
                    AddressBudget &budget = m_actions.addressBudget();
                    if (limit)
                        budget.onCount(limit->used, limit->cap);
                    if (!limit || budget.exitsOnly())
                        m_rateDue = m_clock.monotonic() + m_options.timings.exitsEvery;
                    m_status.lastError =
                        budget.exitsOnly() ? "the address has no requests left: exits only, one each 10 s" : "";
                });
}

void AccountSync::keyRights(ports::Done<ports::KeyRights> done)
{
    if (m_phase == Phase::Checking) { // whose key it is comes first
        m_rightsWishes.push_back(std::move(done));
        return;
    }
    if (m_phase == Phase::Refused) {
        after(Duration::zero(), [this, done = std::move(done)] { done(fail(m_refusal)); });
        return;
    }
    ports::KeyRights rights;
    rights.reads = true;
    rights.signer = m_actions.signerAddress();
    rights.trades = m_actions.hasKey() && !m_actions.keyRefused();
    rights.restrictedToAddress = false;
    if (m_actions.hasKey())
        rights.withdraws = rights.signer == m_address;
    if (rights.withdraws.value_or(false))
        rights.remarks.emplace_back("the account's own key: it can withdraw; use an API wallet (agent) instead");
    if (!m_actions.hasKey())
        rights.remarks.emplace_back("no key: the account is only watched");
    if (m_mode != AccountMode::Unknown)
        rights.remarks.push_back("account mode: " + std::string(name(m_mode)));
    m_rest.info(userRequest("extraAgents", m_address, Lane::Read),
                [this, rights, done = std::move(done)](const InfoResult &result) mutable {
                    if (!m_listener)
                        return;
                    const auto agents = result ? parseExtraAgents(result->body)
                                               : Result<std::vector<Agent>>(fail(result.error().error));
                    if (!agents) {
                        done(fail(agents.error()));
                        return;
                    }
                    // The unnamed agent is not in this list: absent then means that the venue does not say.
                    for (const Agent &agent : *agents) {
                        if (agent.address == rights.signer)
                            rights.expires = agent.validUntil;
                    }
                    done(std::move(rights));
                });
}

void AccountSync::feeRates(const InstrumentKey &instrument, ports::Done<FeeRates> done)
{
    const auto later = [this, &done](Result<FeeRates> answer) {
        QMetaObject::invokeMethod(
            this, [done = std::move(done), answer = std::move(answer)] { done(answer); }, Qt::QueuedConnection);
    };
    if (instrument.symbol.view().find(':') != std::string_view::npos)
        return later(fail(ErrorCode::Unsupported, "what a builder's own market takes is not told"));
    if (m_fees && m_clock.monotonic() - m_feesAt < kFeesLast)
        return later(*m_fees);
    m_rest.info(userRequest("userFees", m_address, Lane::Read), [this, done = std::move(done)](const InfoResult &result) {
        if (!m_listener)
            return;
        const auto fees = result ? parseUserFees(result->body) : Result<UserFees>(fail(result.error().error));
        if (fees) {
            m_fees = FeeRates{fees->maker, fees->taker};
            m_feesAt = m_clock.monotonic();
        }
        done(fees.map([](const UserFees &own) { return FeeRates{own.maker, own.taker}; }));
    });
}

} // namespace core::exchange::hyperliquid
