#include "core/exchange/hyperliquid/rest_codec_reply.h"

#include "core/exchange/hyperliquid/codec_reader.h"

namespace core::exchange::hyperliquid
{

namespace
{
using At = Reader::At;
using Kind = ItemStatus::Kind;
constexpr std::size_t kEntryTextMax = 400;

[[nodiscard]] ItemStatus unknownItem(std::string_view entry)
{
    ItemStatus item;
    item.text = entry.substr(0, kEntryTextMax);
    return item;
}

[[nodiscard]] std::optional<std::string> plainText(std::string_view json)
{
    const std::string listed = '[' + std::string(json) + ']'; // the reader's root is an object or an array
    const auto words = parsed<std::string>("reply", listed, [](Reader &reader, std::string &out) {
        return reader.rootElements([&] { return reader.words(out); });
    });
    return words ? std::optional(*words) : std::nullopt;
}

[[nodiscard]] ItemStatus itemOfWord(const std::string &word)
{
    ItemStatus item;
    item.kind = word == "waitingForFill"      ? Kind::WaitingForFill
                : word == "waitingForTrigger" ? Kind::WaitingForTrigger
                : word == "success"           ? Kind::Success
                                              : Kind::Unknown;
    if (item.kind == Kind::Unknown)
        item.text = word.substr(0, kEntryTextMax);
    return item;
}

/// What Resting and Filled have in common; a filled one has to say how much.
[[nodiscard]] bool readPlaced(Reader &reader, ItemStatus &out, Kind kind)
{
    out.kind = kind;
    const bool read = reader.object(must("oid", [&] { return reader.whole(out.order.emplace().value); }),
                                    may("cloid", [&] { return reader.words(out.cloid); }),
                                    may("totalSz", [&] { return reader.size(out.totalSize.emplace()); }),
                                    may("avgPx", [&] { return reader.computedPrice(out.averagePrice); }));
    return read && (kind != Kind::Filled || out.totalSize || reader.missing("totalSz"));
}

/// One entry of `statuses`, by itself: what is wrong with it must not touch its neighbours.
[[nodiscard]] ItemStatus itemOf(const std::string &entry)
{
    if (entry.starts_with('"')) {
        const auto word = plainText(entry);
        return word ? itemOfWord(*word) : unknownItem(entry);
    }
    if (!entry.starts_with('{'))
        return unknownItem(entry);
    int members = 0;
    const auto item = parsed<ItemStatus>("status", entry, [&](Reader &reader, ItemStatus &out) {
        const auto refused = [&] {
            std::string_view text;
            if (!reader.text(text))
                return false;
            out.kind = Kind::Refused;
            out.refusal = classifyRefusal(text);
            ++members;
            return true;
        };
        const auto placed = [&](Kind kind) {
            ++members;
            return readPlaced(reader, out, kind);
        };
        return reader.object(At::Root, may("resting", [&] { return placed(Kind::Resting); }),
                             may("filled", [&] { return placed(Kind::Filled); }), may("error", refused));
    });
    return item && members == 1 ? *item : unknownItem(entry);
}

[[nodiscard]] ExchangeReply unreadable(std::string_view body)
{
    ExchangeReply reply;
    Refusal &refusal = reply.refusal.emplace();
    refusal.text = "the answer is no reply of the venue: ";
    refusal.text.append(body.substr(0, std::min<std::size_t>(body.find_first_of("\r\n"), 120)));
    refusal.code = ErrorCode::ParseFailed;
    refusal.reaction = Reaction::Ambiguous;
    return reply;
}

/// `response` of a reply that says ok. What it lacks stays absent: the venue did accept the action.
void readAccepted(const std::string &response, ExchangeReply &reply)
{
    std::vector<std::string> entries;
    const auto type = parsed<std::string>("response", response, [&](Reader &reader, std::string &out) {
        const auto statuses = [&] {
            return reader.rows(entries, [&](std::string &entry) { return reader.rawJson(entry); });
        };
        const auto data = [&] {
            Reader::Kind kind{};
            if (!reader.kind(kind))
                return false;
            return kind == Reader::Kind::Object ? reader.object(may("statuses", statuses)) : reader.ignored();
        };
        return reader.object(At::Root, may("type", [&] { return reader.words(out); }), may("data", data));
    });
    if (type)
        reply.type = *type;
    for (const std::string &entry : entries)
        reply.items.push_back(itemOf(entry));
}
} // namespace

ExchangeReply parseExchangeReply(std::string_view body)
{
    std::string response;
    const auto status = parsed<std::string>("exchange", body, [&](Reader &reader, std::string &out) {
        return reader.object(At::Root, must("status", [&] { return reader.words(out); }),
                             may("response", [&] { return reader.rawJson(response); }));
    });
    if (!status || (*status != "ok" && *status != "err"))
        return unreadable(body);
    ExchangeReply reply;
    if (*status == "ok") {
        readAccepted(response, reply);
        return reply;
    }
    const auto text = response.starts_with('"') ? plainText(response) : std::nullopt;
    reply.refusal = classifyRefusal(text.value_or(response));
    if (!text && !reply.refusal->known) // "err" without a sentence: refused, but why is not known
        reply.refusal->reaction = Reaction::Reconcile;
    return reply;
}

std::vector<ItemStatus> statusPerItem(const ExchangeReply &reply, std::size_t count)
{
    if (reply.refusal) {
        ItemStatus item;
        item.kind = reply.refusal->reaction == Reaction::Ambiguous ? Kind::Unknown : Kind::Refused;
        item.refusal = reply.refusal;
        return std::vector<ItemStatus>(count, item);
    }
    if (reply.items.size() == 1 && reply.items.front().kind == Kind::Refused)
        return std::vector<ItemStatus>(count, reply.items.front());
    std::vector<ItemStatus> items = reply.items;
    items.resize(count);
    return items;
}

} // namespace core::exchange::hyperliquid
