#include "core/runtime/engine.h"

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
                          [&](const PlaceOrder &wish) { feed(wish.order); },
                          [&](const CancelEntries &wish) {
                              feed(orders::CancelAllIntent{.id = wish.id,
                                                           .account = wish.account,
                                                           .instrument = std::nullopt,
                                                           .by = wish.by});
                          },
                          [&](const ReleaseLockout &wish) { feed(orders::LockoutRelease{wish.lockout, wish.by}); },
                          [&](const AskPreview &wish) {
                              m_preview = {.id = wish.id,
                                           .before = m_guard.view().standings,
                                           .after = m_guard.standingsAfter(wish.life, wish.after, wish.cost),
                                           .blocks = m_guard.blocks(wish.after.instrument)};
                          },
                          [](const ShowInstrument &) {}},
               intent);
}

void Engine::answered(IntentAnswer answer)
{
    m_answers.push_back(std::move(answer));
    if (m_answers.size() > kAnswersKept)
        m_answers.erase(m_answers.begin());
    m_dirty = true;
}

} // namespace core::runtime
