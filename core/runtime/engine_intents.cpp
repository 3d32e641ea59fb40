#include "core/runtime/engine.h"

#include <algorithm>

#include "core/base/overloaded.h"
#include "core/runtime/engine_link.h"

/// The part of the engine that turns the wishes of the screen into inputs of the guard.
namespace core::runtime
{

void Engine::handle(const Intent &intent)
{
    if (m_stopping)
        return;
    m_dirty = true;
    if (const auto *wish = std::get_if<ShowInstrument>(&intent)) {
        m_marketChosen = true;
        show(wish->instrument);
        return;
    }
    if (!std::holds_alternative<AskPreview>(intent) && refusesIntents())
        return;
    if (!hasAccount()) {
        say(orders::Severity::Warning, "no-account", "risk", "No account is connected: there is nothing to close or guard.");
        return;
    }
    std::visit(Overloaded{[&](const SetArming &wish) { feed(orders::ArmingChange{wish.account, wish.arming, "user"}); },
                          [&](const Flatten &wish) {
                              feed(orders::FlattenIntent{.account = wish.account,
                                                         .instrument = wish.instrument,
                                                         .side = std::nullopt,
                                                         .lock = wish.lock,
                                                         .by = wish.by});
                          },
                          [&](const Ask &wish) { std::visit([this](const auto &asked) { feed(asked); }, wish.what); },
                          [&](const SetLimits &wish) {
                              if (onSetLimits)
                                  onSetLimits(wish);
                              else
                                  setLimits(wish);
                          },
                          [&](const AskPreview &wish) {
                              m_preview = {.id = wish.id,
                                           .before = m_guard.view().standings,
                                           .after = m_guard.standingsAfter(wish.life, wish.after, wish.cost),
                                           .blocks = m_guard.blocks(wish.after.instrument),
                                           .safeguards = m_guard.habits(wish.order)};
                          },
                          [](const ShowInstrument &) {}},
               intent);
}

/// What is tighter holds at once. A looser value needs a version on record that outlives this run (risk::planLimits): the engine
/// keeps none, so it takes none over and says so.
void Engine::setLimits(const SetLimits &wish)
{
    const orders::GuardView view = m_guard.view();
    std::optional<risk::Limits> held = wish.account ? std::nullopt : view.group;
    for (const orders::AccountGuardView &account : view.accounts) {
        if (wish.account && account.account == *wish.account)
            held = account.limits;
    }
    const auto refuse = [&](std::string code, std::string text) {
        answered({.id = wish.id, .accepted = false, .reasons = {{std::move(code), {}, {}, std::nullopt, text}}});
        say(orders::Severity::Warning, "limits-refused", "risk", std::move(text));
    };
    if (!held)
        return refuse("no-account", "Limits were not changed: no such account is guarded.");
    if (const auto errors = risk::validate(wish.limits); !errors.empty())
        return refuse("invalid-limits",
                      "Limits were not changed: " + errors.front().field + " " + errors.front().rule + ".");
    if (risk::isGroup(wish.limits) == wish.account.has_value())
        return refuse("invalid-limits", "Limits were not changed: their scope is not that of the account.");
    const risk::Limits now = risk::tightened(*held, wish.limits);
    const bool all = now == wish.limits;
    if (!(now == *held))
        feed(orders::LimitsChange{wish.account, now});
    if (!all)
        return refuse("looser-waits", "Tighter limits hold now, for this run. The looser ones were not taken over.");
    answered({.id = wish.id, .accepted = true, .reasons = {}});
    say(orders::Severity::Info, "limits-changed", "risk", "Tighter limits hold now, for this run: " + wish.reason);
}

void Engine::takeEstimates(const EstimateNews &news)
{
    if (m_stopping || !hasAccount())
        return;
    m_sizing.onEstimates(news);
    for (const risk::Estimate &estimate : news.estimates)
        feed(orders::EstimateReport{estimate});
    if (news.correlation)
        feed(orders::CorrelationReport{*news.correlation});
}

void Engine::holdLimits(orders::LimitsChange change)
{
    if (m_stopping)
        return;
    feed(std::move(change));
}

void Engine::answerLimits(IntentAnswer answer, std::string text)
{
    const bool good = answer.accepted;
    if (!answer.id.empty())
        answered(std::move(answer));
    say(good ? orders::Severity::Info : orders::Severity::Warning, good ? "limits-changed" : "limits-refused", "risk",
        std::move(text));
}

void Engine::answered(IntentAnswer answer)
{
    m_answers.push_back(std::move(answer));
    if (m_answers.size() > kAnswersKept)
        m_answers.erase(m_answers.begin());
    m_dirty = true;
}

} // namespace core::runtime
