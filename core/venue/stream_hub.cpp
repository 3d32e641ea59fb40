#include "core/venue/stream_hub.h"

#include <algorithm>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include <fmt/format.h>

#include "core/venue/json_text.h"
#include "core/venue/url_text.h"

using namespace Qt::StringLiterals;

namespace core::venue
{

namespace
{
constexpr std::size_t kStreamsMax = 1024;

/// What a name asks for: the part between the first '@' and the next, or the whole of "!name@arr".
[[nodiscard]] std::string_view kindOf(std::string_view stream)
{
    if (stream.empty() || stream.front() == '!')
        return stream;
    const std::size_t at = stream.find('@');
    if (at == std::string_view::npos)
        return {};
    stream.remove_prefix(at + 1);
    return stream.substr(0, stream.find('@'));
}

/// Which route serves it. The route of "trade" is not documented: it comes on both.
[[nodiscard]] bool isServed(StreamRoute route, std::string_view stream)
{
    const std::string_view kind = kindOf(stream);
    if (kind == "trade")
        return route != StreamRoute::Private;
    if (kind.starts_with("depth") || kind.starts_with("rpiDepth") || kind == "bookTicker" ||
        stream == "!bookTicker")
        return route == StreamRoute::Public || route == StreamRoute::Unrouted;
    return route == StreamRoute::Market;
}

template <class Visit> void forEachPart(std::string_view text, char separator, Visit visit)
{
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end > 0)
            visit(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

[[nodiscard]] std::string decodedOrRaw(std::string_view text)
{
    return percentDecoded(text, false).value_or(std::string(text));
}

[[nodiscard]] std::string controlError(int code, std::string_view message, const QJsonValue &id)
{
    JsonText out;
    out.object().number("code", code).text("msg", message);
    if (id.isDouble())
        out.number("id", id.toInteger());
    return out.endObject().take();
}

[[nodiscard]] std::string controlResult(std::string_view result, const QJsonValue &id)
{
    return JsonText().object().key("result").raw(result).number("id", id.toInteger()).endObject().take();
}

[[nodiscard]] bool takePrefix(std::string_view &text, std::string_view prefix)
{
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}
} // namespace

Result<void> StreamHub::open(ConnectionId id, std::string_view target)
{
    const std::size_t mark = std::min(target.find('?'), target.size());
    std::string_view path = target.substr(0, mark);
    const std::string_view query = mark < target.size() ? target.substr(mark + 1) : std::string_view{};
    Connection connection;
    if (takePrefix(path, "/public"))
        connection.route = StreamRoute::Public;
    else if (takePrefix(path, "/market"))
        connection.route = StreamRoute::Market;
    else if (takePrefix(path, "/private"))
        connection.route = StreamRoute::Private;
    if (takePrefix(path, "/stream"))
        connection.combined = true;
    else if (!takePrefix(path, "/ws"))
        return fail(ErrorCode::NotFound,
                    "path is none of /public, /market, /private followed by /ws or /stream");
    if (!path.empty() && path.front() != '/')
        return fail(ErrorCode::NotFound,
                    "path is none of /public, /market, /private followed by /ws or /stream");
    Connection &opened = m_connections[id] = std::move(connection);
    if (opened.route == StreamRoute::Private) {
        openPrivate(opened, path, query);
        return {};
    }
    forEachPart(path, '/', [&](std::string_view name) { subscribe(id, opened, decodedOrRaw(name)); });
    forEachPart(query, '&', [&](std::string_view pair) {
        if (!takePrefix(pair, "streams="))
            return;
        const std::string names = decodedOrRaw(pair);
        forEachPart(names, '/', [&](std::string_view name) { subscribe(id, opened, std::string(name)); });
    });
    return {};
}

void StreamHub::openPrivate(Connection &connection, std::string_view rest, std::string_view query)
{
    forEachPart(rest, '/', [&](std::string_view key) { connection.keys.push_back({decodedOrRaw(key), {}}); });
    forEachPart(query, '&', [&](std::string_view pair) {
        if (takePrefix(pair, "listenKey=") || takePrefix(pair, "streams="))
            connection.keys.push_back({decodedOrRaw(pair), {}});
        else if (takePrefix(pair, "events=") && !connection.keys.empty())
            connection.keys.back().events = decodedOrRaw(pair); // belongs to the key before it
    });
}

void StreamHub::close(ConnectionId id)
{
    const auto found = m_connections.find(id);
    if (found == m_connections.end())
        return;
    for (const std::string &stream : std::vector<std::string>(found->second.streams))
        unsubscribe(id, found->second, stream);
    m_connections.erase(found);
}

void StreamHub::subscribe(ConnectionId id, Connection &connection, const std::string &stream)
{
    auto &streams = connection.streams;
    if (streams.size() >= kStreamsMax || std::find(streams.begin(), streams.end(), stream) != streams.end())
        return;
    streams.push_back(stream);
    if (isServed(connection.route, stream))
        m_byStream[stream].insert(id);
}

void StreamHub::unsubscribe(ConnectionId id, Connection &connection, const std::string &stream)
{
    std::erase(connection.streams, stream);
    const auto found = m_byStream.find(stream);
    if (found == m_byStream.end())
        return;
    found->second.erase(id);
    if (found->second.empty())
        m_byStream.erase(found);
}

void StreamHub::onText(ConnectionId id, std::string_view text)
{
    const auto found = m_connections.find(id);
    if (found != m_connections.end())
        m_send(id, answer(id, found->second, text));
}

std::string StreamHub::answer(ConnectionId id, Connection &connection, std::string_view text)
{
    const QJsonDocument document =
        QJsonDocument::fromJson(QByteArray(text.data(), static_cast<qsizetype>(text.size())));
    if (!document.isObject())
        return controlError(3, "Invalid JSON: expected an object", {});
    const QJsonObject request = document.object();
    const QJsonValue number = request.value("id"_L1);
    if (!number.isDouble() || number.toInteger(-1) < 0)
        return controlError(2, "Invalid request: request ID must be an unsigned integer", {});
    const QString method = request.value("method"_L1).toString();
    const QJsonArray params = request.value("params"_L1).toArray();
    if (method == "SUBSCRIBE"_L1 || method == "UNSUBSCRIBE"_L1) {
        for (const QJsonValue &name : params)
            if (!name.isString())
                return controlError(2, "Invalid request: params must be an array of stream names", number);
        if (params.isEmpty())
            return controlError(2, "Invalid request: too few parameters", number);
        for (const QJsonValue &name : params) {
            const std::string stream = name.toString().toStdString();
            if (method == "SUBSCRIBE"_L1)
                subscribe(id, connection, stream);
            else
                unsubscribe(id, connection, stream);
        }
        return controlResult("null", number);
    }
    if (method == "LIST_SUBSCRIPTIONS"_L1) {
        JsonText names;
        names.array();
        for (const std::string &stream : connection.streams)
            names.text(stream);
        return controlResult(names.endArray().take(), number);
    }
    if (method == "SET_PROPERTY"_L1 || method == "GET_PROPERTY"_L1) {
        if (params.at(0).toString() != "combined"_L1)
            return controlError(0, "Unknown property", number);
        if (method == "GET_PROPERTY"_L1)
            return controlResult(connection.combined ? "true" : "false", number);
        if (!params.at(1).isBool())
            return controlError(1, "Invalid value type: expected Boolean", number);
        connection.combined = params.at(1).toBool();
        return controlResult("null", number);
    }
    return controlError(2, "Invalid request: unknown method", number);
}

void StreamHub::deliver(ConnectionId id, const Connection &connection, std::string_view stream,
                        std::string_view data)
{
    if (!connection.combined) {
        m_send(id, data);
        return;
    }
    m_frame.clear();
    m_frame += R"({"stream":")";
    m_frame += stream;
    m_frame += R"(","data":)";
    m_frame += data;
    m_frame += '}';
    m_send(id, m_frame);
}

bool StreamHub::hasSubscriber(std::string_view stream) const
{
    return m_byStream.find(stream) != m_byStream.end();
}

std::vector<std::string> StreamHub::activeStreams() const
{
    std::vector<std::string> names;
    names.reserve(m_byStream.size());
    for (const auto &[stream, readers] : m_byStream)
        names.push_back(stream);
    return names;
}

void StreamHub::publish(std::string_view stream, std::string_view data)
{
    const auto found = m_byStream.find(stream);
    if (found == m_byStream.end())
        return;
    // A send may cut off a slow reader, which changes the set.
    const std::vector<ConnectionId> readers(found->second.begin(), found->second.end());
    for (const ConnectionId id : readers)
        if (const auto connection = m_connections.find(id); connection != m_connections.end())
            deliver(id, connection->second, stream, data);
}

void StreamHub::publishPrivate(std::string_view listenKey, std::string_view event, std::string_view data)
{
    std::vector<ConnectionId> readers;
    for (const auto &[id, connection] : m_connections)
        for (const PrivateListener &listener : connection.keys) {
            bool wanted = listener.listenKey == listenKey && listener.events.empty();
            if (listener.listenKey == listenKey)
                forEachPart(listener.events, '/',
                            [&](std::string_view name) { wanted = wanted || name == event; });
            if (wanted)
                readers.push_back(id);
        }
    for (const ConnectionId id : readers)
        if (const auto connection = m_connections.find(id); connection != m_connections.end())
            deliver(id, connection->second, listenKey, data);
}

void StreamHub::dropListenKey(std::string_view listenKey)
{
    for (auto &[id, connection] : m_connections)
        std::erase_if(connection.keys,
                      [&](const PrivateListener &entry) { return entry.listenKey == listenKey; });
}

} // namespace core::venue
