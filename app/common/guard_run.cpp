#include "app/common/guard_run.h"

#include <algorithm>

#include "app/common/venue_clients.h"
#include "core/runtime/account_client.h"

namespace app
{

core::runtime::EngineSetup engineFor(const std::vector<GuardedAccount> &accounts)
{
    core::runtime::EngineSetup engine;
    const bool live = std::all_of(accounts.begin(), accounts.end(), [](const GuardedAccount &account) {
        return account.venue.place == core::runtime::Place::Production;
    });
    engine.mode = live ? core::runtime::Mode::Live : core::runtime::Mode::Testnet;
    for (const GuardedAccount &account : accounts) {
        core::runtime::ClientSetup client = watcherSetup(account.venue);
        client.account = true;
        client.label = core::AccountId::from(account.profile.label).value_or(core::AccountId{});
        engine.clients.push_back(std::move(client));
    }
    engine.account = engine.clients.front().label;
    return engine;
}

std::function<std::vector<std::unique_ptr<core::ports::ExchangeClient>>(const core::runtime::StorageService::Restored &)>
clientsFor(std::vector<OpenedAccount> opened, const std::vector<GuardedAccount> &accounts, const core::Clock &clock)
{
    // A std::function must be copyable; the keys are moved out once.
    const auto kept = std::make_shared<std::vector<OpenedAccount>>(std::move(opened));
    return [kept, accounts, &clock](const core::runtime::StorageService::Restored &restored) {
        std::vector<std::unique_ptr<core::ports::ExchangeClient>> clients;
        for (std::size_t i = 0; i < kept->size(); ++i) {
            OpenedAccount &one = (*kept)[i];
            std::map<core::InstrumentKey, std::int64_t> newest;
            for (const auto &[instrument, tradeId] : restored.newestTradeIds) {
                if (instrument.venue == one.profile.venue)
                    newest.emplace(instrument, tradeId);
            }
            clients.push_back(core::runtime::makeAccountClient(one.profile, std::move(one.keys), accounts[i].venue.addresses,
                                                               clock, newest));
        }
        return clients;
    };
}

} // namespace app
