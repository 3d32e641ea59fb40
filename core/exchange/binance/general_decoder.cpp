#include "core/exchange/binance/general_decoder.h"

#include <limits>

#include "core/exchange/binance/market_events.h"

namespace core::exchange::binance
{

namespace
{
enum Member : unsigned { Stream, Data, Name, Result_, Failure, Code, Message, Id, Notice };
} // namespace

/// First pass: which members there are. Their values are read by the passes after it.
bool GeneralDecoder::readShape(Shape &shape)
{
    return m_reader.rootMembers([&](std::string_view name) {
        std::string_view text;
        if (name == "stream")
            return m_reader.once(shape.seen, Stream) && m_reader.text(text);
        if (name == "data") {
            if (!m_reader.once(shape.seen, Data) || !m_reader.kind(shape.dataKind))
                return false;
            if (shape.dataKind != wire::GeneralReader::Kind::Object)
                return m_reader.ignored();
            return m_reader.members([&](std::string_view inner) {
                if (inner != "e")
                    return true;
                if (!m_reader.text(text))
                    return false;
                shape.event = text;
                return true;
            });
        }
        if (name == "e") {
            if (!m_reader.once(shape.seen, Name) || !m_reader.text(text))
                return false;
            shape.event = text;
            return true;
        }
        if (name == "event") {
            wire::GeneralReader::Kind kind{};
            if (!m_reader.once(shape.seen, Notice) || !m_reader.kind(kind))
                return false;
            if (kind != wire::GeneralReader::Kind::Object)
                return true;
            return m_reader.members([&](std::string_view inner) {
                if (inner != "e")
                    return true;
                if (!m_reader.text(text))
                    return false;
                shape.notice = text;
                return true;
            });
        }
        if (name == "result")
            return m_reader.once(shape.seen, Result_);
        if (name == "error")
            return m_reader.once(shape.seen, Failure);
        if (name == "code")
            return m_reader.once(shape.seen, Code);
        return true;
    });
}

template <class Schema>
bool GeneralDecoder::readEvent(const Shape &shape, std::string_view name, typename Schema::Fields &fields)
{
    m_reader.rewind(name);
    if ((shape.seen & (1U << Data)) == 0)
        return m_reader.rootObject<Schema>(fields) && m_reader.finish();
    const bool read = m_reader.rootMembers([&](std::string_view member) {
        if (member != "data")
            return m_reader.ignored();
        m_reader.rename(name);
        return m_reader.object<Schema>(fields);
    });
    return read && m_reader.finish();
}

Result<MarketEvent> GeneralDecoder::decodeEvent(const Shape &shape, UtcTime receivedAt, DepthUpdate &scratch)
{
    const auto decode = [&]<class Schema>() -> Result<MarketEvent> {
        Result<MarketEvent> event;
        typename Schema::Fields fields;
        fields.value = destination<Schema>(*event, scratch);
        if (!readEvent<Schema>(shape, Schema::event, fields))
            return fail(m_reader.error());
        switch (settle(fields, receivedAt)) {
        case Verdict::Keep:
            break;
        case Verdict::Foreign:
            return MarketEvent(Ignored{std::string(Schema::event)});
        case Verdict::Refuse:
            return fail(refusal(fields, Schema::event));
        }
        return event;
    };
    return dispatchEvent(shape.event, decode, [&] { return ignoreAll("frame", shape.event); });
}

template <class Visit> bool GeneralDecoder::eachRow(const Shape &shape, Visit &&visit)
{
    m_reader.rewind("rows");
    if ((shape.seen & (1U << Data)) == 0)
        return m_reader.rootElements(visit) && m_reader.finish();
    const bool read = m_reader.rootMembers([&](std::string_view member) {
        if (member != "data")
            return m_reader.ignored();
        m_reader.rename("rows");
        return m_reader.elements(visit);
    });
    return read && m_reader.finish();
}

/// Rows of the kinds that are kept, with those of the other universe left out; anything else is read and
/// ignored.
Result<MarketEvent> GeneralDecoder::decodeRows(Shape shape, UtcTime receivedAt)
{
    bool mixed = false;
    std::string first;
    const bool named = eachRow(shape, [&] {
        wire::GeneralReader::Kind kind{};
        if (!m_reader.kind(kind))
            return false;
        if (kind != wire::GeneralReader::Kind::Object) {
            mixed = true;
            return m_reader.ignored();
        }
        std::string name;
        const bool read = m_reader.members([&](std::string_view member) {
            std::string_view text;
            if (member != "e" || !name.empty())
                return m_reader.ignored();
            if (!m_reader.text(text))
                return false;
            name = text;
            return true;
        });
        mixed = mixed || name.empty() || (!first.empty() && name != first);
        if (first.empty())
            first = name;
        return read;
    });
    if (!named)
        return fail(m_reader.error());
    if (mixed)
        return MarketEvent(Ignored{"array"});
    MarketRows rows;
    std::optional<Error> refused;
    const auto read = [&]<class Schema, class Row>(std::vector<Row> &into) {
        return eachRow(shape, [&] {
            typename Schema::Fields fields;
            Row row;
            fields.value = &row;
            if (!m_reader.object<Schema>(fields))
                return false;
            const Verdict verdict = settle(fields, receivedAt);
            if (verdict == Verdict::Keep)
                into.push_back(row);
            else if (verdict == Verdict::Refuse && !refused)
                refused = refusal(fields, Schema::event);
            return true;
        });
    };
    bool good = true;
    if (first == schema::MarkPriceSchema::event)
        good = read.template operator()<schema::MarkPriceSchema>(rows.marks);
    else if (first == schema::TickerSchema::event)
        good = read.template operator()<schema::TickerSchema>(rows.tickers);
    else
        return MarketEvent(Ignored{first.empty() ? "array" : first});
    if (!good)
        return fail(m_reader.error());
    if (refused)
        return fail(*refused);
    return MarketEvent(std::move(rows));
}

/// Well-formed and of no interest: still read to the end, so that garbage is never taken for an unknown
/// event.
Result<MarketEvent> GeneralDecoder::ignoreAll(std::string_view what, const std::string &name)
{
    m_reader.rewind(what);
    if (!m_reader.rootMembers([&](std::string_view) { return m_reader.ignored(); }) || !m_reader.finish())
        return fail(m_reader.error());
    return MarketEvent(Ignored{name});
}

Result<MarketEvent> GeneralDecoder::decodeControl()
{
    m_reader.rewind("reply");
    ControlReply reply;
    std::uint32_t seen = 0;
    const auto code = [&] {
        std::int64_t value = 0;
        if (!m_reader.integer(value))
            return false;
        if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
            return m_reader.refuse(ErrorCode::OutOfRange, "is no error code");
        reply.code = static_cast<int>(value);
        return true;
    };
    const auto message = [&] {
        std::string_view text;
        if (!m_reader.text(text))
            return false;
        reply.message = text;
        return true;
    };
    const auto errorMember = [&](std::string_view name) {
        if (name == "code")
            return m_reader.once(seen, Code) && code();
        if (name == "msg")
            return m_reader.once(seen, Message) && message();
        return m_reader.ignored();
    };
    const bool read = m_reader.rootMembers([&](std::string_view name) {
        if (name == "id") {
            wire::GeneralReader::Kind kind{};
            if (!m_reader.once(seen, Id) || !m_reader.kind(kind))
                return false;
            return kind == wire::GeneralReader::Kind::Null ? m_reader.ignored() : m_reader.integer(reply.id);
        }
        return name == "error" ? m_reader.members(errorMember) : errorMember(name);
    });
    if (!read || !m_reader.finish())
        return fail(m_reader.error());
    return MarketEvent(std::move(reply));
}

Result<MarketEvent> GeneralDecoder::decode(std::string_view frame, UtcTime receivedAt, DepthUpdate &scratch)
{
    if (!m_reader.load(frame, "frame"))
        return fail(m_reader.error());
    wire::GeneralReader::Kind kind{};
    if (!m_reader.rootKind(kind))
        return fail(m_reader.error());
    if (kind == wire::GeneralReader::Kind::Array)
        return decodeRows({}, receivedAt);
    if (kind != wire::GeneralReader::Kind::Object)
        return fail(ErrorCode::ParseFailed, "frame: expects an object");
    Shape shape;
    if (!readShape(shape))
        return fail(m_reader.error());
    const auto has = [&](Member member) { return (shape.seen & (1U << member)) != 0; };
    if (has(Data) && shape.dataKind == wire::GeneralReader::Kind::Array)
        return decodeRows(shape, receivedAt);
    if (has(Data) && has(Name))
        return fail(ErrorCode::ParseFailed, "frame: has both data and e");
    if (!shape.event.empty())
        return decodeEvent(shape, receivedAt, scratch);
    if (has(Data))
        return fail(ErrorCode::ParseFailed, shape.dataKind == wire::GeneralReader::Kind::Object
                                                ? "frame.data.e: is missing"
                                                : "frame.data: expects an object");
    if (has(Result_) || has(Failure) || has(Code))
        return decodeControl();
    if (!shape.notice.empty())
        return ignoreAll("frame", shape.notice);
    return fail(ErrorCode::ParseFailed, "frame.e: is missing");
}

} // namespace core::exchange::binance
