#include "core/exchange/binance/codec_instruments.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "core/base/decimal.h"
#include "core/exchange/wire/general_reader.h"

namespace core::exchange::binance
{
namespace
{
using wire::GeneralReader;

/// What a filter may say; texts point into the reader.
struct Filter {
    std::string_view type;
    std::string_view tickSize, minPrice, maxPrice;
    std::string_view stepSize, minQuantity, maxQuantity;
    std::string_view notional;
    std::string_view multiplierUp, multiplierDown;
};

/// One contract as it stands in the answer. What is wrong with it is its own matter: it is noted, and reading
/// goes on.
class ContractReader
{
public:
    ContractReader(GeneralReader &reader, std::span<const Symbol> wanted) : m_reader(reader), m_wanted(wanted)
    {
    }

    /// False: the document is broken, not the contract.
    [[nodiscard]] bool read(std::size_t index)
    {
        m_index = index;
        const bool read = m_reader.members([&](std::string_view name) { return member(name); });
        return read;
    }
    void finish(InstrumentList &list)
    {
        if (m_skipped || (!m_wanted.empty() && !m_named))
            return;
        if (!m_named)
            fault("symbol", "is missing or too long");
        m_contract.key.venue = Venue::Binance;
        if (!m_marginAsset.empty())
            m_contract.quote =
                m_marginAsset; // what positions are settled in decides which balance carries them
        if (m_contract.base.empty() || m_contract.quote.empty())
            fault("baseAsset", "is missing or too long");
        if (!m_contract.tickSize.isPositive())
            fault("filters", "PRICE_FILTER.tickSize must be positive");
        if (!m_contract.stepSize.isPositive())
            fault("filters", "LOT_SIZE.stepSize must be positive");
        if (m_contract.marketStepSize.isZero()) {
            m_contract.marketStepSize = m_contract.stepSize;
            m_contract.marketQuantityMin = m_contract.quantityMin;
            m_contract.marketQuantityMax = m_contract.quantityMax;
        }
        if (m_fault)
            list.refused.push_back({*m_fault, m_contract.key.symbol});
        else
            list.instruments.push_back(std::move(m_contract));
    }

private:
    void fault(std::string_view field, std::string_view what)
    {
        if (!m_fault)
            m_fault = Error{ErrorCode::ParseFailed,
                            fmt::format("exchangeInfo.symbols[{}].{}: {} ({})", m_index, field, what,
                                        m_named ? m_contract.key.symbol.view() : "no name")};
    }

    [[nodiscard]] bool text(std::string_view &out)
    {
        GeneralReader::Kind kind{};
        if (!m_reader.kind(kind))
            return false;
        return kind == GeneralReader::Kind::Text ? m_reader.text(out) : m_reader.ignored();
    }
    template <class Text> [[nodiscard]] bool shortText(Text &out)
    {
        std::string_view name;
        if (!text(name))
            return false;
        out = Text::from(name).value_or(Text{});
        return true;
    }

    [[nodiscard]] bool member(std::string_view name)
    {
        if (m_skipped)
            return m_reader.ignored();
        if (name == "symbol") {
            if (!shortText(m_contract.key.symbol))
                return false;
            m_named = !m_contract.key.symbol.empty();
            m_skipped = !m_wanted.empty() &&
                        std::find(m_wanted.begin(), m_wanted.end(), m_contract.key.symbol) == m_wanted.end();
            return true;
        }
        if (name == "baseAsset")
            return shortText(m_contract.base);
        if (name == "quoteAsset")
            return shortText(m_contract.quote);
        if (name == "marginAsset")
            return shortText(m_marginAsset);
        if (name == "status") {
            std::string_view status;
            if (!text(status))
                return false;
            m_contract.trading = status == "TRADING";
            return true;
        }
        GeneralReader::Kind kind{};
        if (name != "filters")
            return m_reader.ignored();
        if (!m_reader.kind(kind))
            return false;
        return kind == GeneralReader::Kind::Array ? m_reader.elements([&] { return filter(); })
                                                  : m_reader.ignored();
    }

    [[nodiscard]] bool filter()
    {
        GeneralReader::Kind kind{};
        if (!m_reader.kind(kind))
            return false;
        if (kind != GeneralReader::Kind::Object)
            return m_reader.ignored();
        Filter found;
        const std::array<std::pair<std::string_view, std::string_view *>, 10> known{
            {{"filterType", &found.type},
             {"tickSize", &found.tickSize},
             {"minPrice", &found.minPrice},
             {"maxPrice", &found.maxPrice},
             {"stepSize", &found.stepSize},
             {"minQty", &found.minQuantity},
             {"maxQty", &found.maxQuantity},
             {"notional", &found.notional},
             {"multiplierUp", &found.multiplierUp},
             {"multiplierDown", &found.multiplierDown}}};
        const bool read = m_reader.members([&](std::string_view name) {
            const auto *const at = std::find_if(known.begin(), known.end(),
                                                [&](const auto &entry) { return entry.first == name; });
            return at == known.end() ? m_reader.ignored() : text(*at->second);
        });
        if (read)
            apply(found);
        return read;
    }

    template <class Value> void decimal(std::string_view type, std::string_view from, Value &out)
    {
        const auto raw = parseDecimal(from);
        if (raw)
            out = Value::fromRaw(*raw);
        else
            fault("filters", fmt::format("{}: \"{}\": {}", type, from.substr(0, 40), raw.error().detail));
    }
    void apply(const Filter &filter)
    {
        if (filter.type == "PRICE_FILTER") {
            decimal(filter.type, filter.tickSize, m_contract.tickSize);
            decimal(filter.type, filter.minPrice, m_contract.priceMin);
            decimal(filter.type, filter.maxPrice, m_contract.priceMax);
        } else if (filter.type == "LOT_SIZE") {
            decimal(filter.type, filter.stepSize, m_contract.stepSize);
            decimal(filter.type, filter.minQuantity, m_contract.quantityMin);
            decimal(filter.type, filter.maxQuantity, m_contract.quantityMax);
        } else if (filter.type == "MARKET_LOT_SIZE") {
            decimal(filter.type, filter.stepSize, m_contract.marketStepSize);
            decimal(filter.type, filter.minQuantity, m_contract.marketQuantityMin);
            decimal(filter.type, filter.maxQuantity, m_contract.marketQuantityMax);
        } else if (filter.type == "MIN_NOTIONAL") {
            decimal(filter.type, filter.notional, m_contract.notionalMin);
        } else if (filter.type == "PERCENT_PRICE") {
            decimal(filter.type, filter.multiplierUp, m_contract.priceUp);
            decimal(filter.type, filter.multiplierDown, m_contract.priceDown);
        }
    }

    GeneralReader &m_reader;
    std::span<const Symbol> m_wanted;
    std::size_t m_index{0};
    Instrument m_contract;
    Asset m_marginAsset;
    bool m_named{false};
    bool m_skipped{false};
    std::optional<Error> m_fault;
};

/// What is incomplete here is left out: the documented defaults stand.
bool readLimit(GeneralReader &reader, InstrumentList &list)
{
    InstrumentList::Limit limit;
    const auto whole = [&](std::int64_t &out) {
        GeneralReader::Kind kind{};
        if (!reader.kind(kind))
            return false;
        return kind == GeneralReader::Kind::Number ? reader.integer(out) : reader.ignored();
    };
    const auto text = [&](std::string &out) {
        std::string_view found;
        if (!reader.optionalText(found))
            return false;
        out = found;
        return true;
    };
    const bool read = reader.members([&](std::string_view name) {
        if (name == "rateLimitType")
            return text(limit.type);
        if (name == "interval")
            return text(limit.interval);
        if (name == "intervalNum")
            return whole(limit.intervalNumber);
        if (name == "limit")
            return whole(limit.limit);
        return reader.ignored();
    });
    if (read && limit.limit > 0)
        list.limits.push_back(std::move(limit));
    return read;
}

} // namespace

Result<InstrumentList> parseInstrumentList(std::string_view body, std::span<const Symbol> wanted)
{
    GeneralReader reader;
    InstrumentList list;
    if (!reader.load(body, "exchangeInfo"))
        return fail(reader.error());
    bool listed = false;
    const bool read = reader.rootMembers([&](std::string_view name) {
        if (name == "rateLimits")
            return reader.elements([&] { return readLimit(reader, list); });
        if (name != "symbols")
            return reader.ignored();
        listed = true;
        std::size_t index = 0;
        return reader.elements([&] {
            ContractReader contract(reader, wanted);
            if (!contract.read(index++))
                return false;
            contract.finish(list);
            return true;
        });
    });
    if (!read || !reader.finish())
        return fail(reader.error());
    if (!listed)
        return fail(ErrorCode::ParseFailed, "exchangeInfo.symbols: an array is expected");
    return list;
}

} // namespace core::exchange::binance
