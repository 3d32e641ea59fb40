#include "core/exchange/hyperliquid/client_instruments.h"

#include "core/exchange/hyperliquid/client_requests.h"
#include "core/exchange/hyperliquid/rest_codec.h"

namespace core::exchange::hyperliquid
{

void ClientInstruments::load(std::function<void(Result<void>)> done)
{
    m_waiters.push_back(std::move(done));
    if (m_waiters.size() > 1)
        return;
    if (m_dexes.size() == 1)
        return loadMetas({{"", 0}});
    m_rest.info(perpDexsRequest(), [this](const InfoResult &result) {
        const auto dexes =
            result ? parsePerpDexs(result->body) : Result<std::vector<PerpDex>>(fail(result.error().error));
        if (!dexes)
            return finish(fail(dexes.error()));
        std::map<std::string, std::size_t> numbers{{"", 0}};
        for (std::size_t i = 0; i < dexes->size(); ++i) {
            if (m_dexes.contains((*dexes)[i].name))
                numbers[(*dexes)[i].name] = i;
        }
        loadMetas(numbers);
    });
}

void ClientInstruments::loadMetas(const std::map<std::string, std::size_t> &numbers)
{
    const auto round = std::make_shared<Round>();
    round->outstanding = static_cast<int>(numbers.size());
    for (const auto &[dex, number] : numbers) {
        m_rest.info(metaRequest(dex), [this, round, number = number](const InfoResult &result) {
            const auto meta = result ? parseMeta(result->body) : Result<Meta>(fail(result.error().error));
            Result<void> taken;
            if (!meta)
                taken = fail(meta.error());
            else if (meta->collateralToken.value_or(0) != 0)
                taken = fail(ErrorCode::Unsupported, "meta: a dex that does not settle in USDC");
            else
                taken = m_table.replaceDex(number, *meta, "USDC");
            if (!taken)
                round->failure = taken.error();
            if (--round->outstanding == 0)
                finish(round->failure ? Result<void>(fail(*round->failure)) : Result<void>());
        });
    }
}

void ClientInstruments::finish(const Result<void> &result)
{
    for (const auto &waiter : std::exchange(m_waiters, {}))
        waiter(result);
}

} // namespace core::exchange::hyperliquid
