#include "core/venue/paper_state.h"

#include <algorithm>
#include <optional>
#include <type_traits>

#include <QtCore/QCryptographicHash>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

using namespace Qt::StringLiterals;

namespace core::venue
{

namespace
{
constexpr int kVersion = 1;

// What is kept of each type, once for writing and reading: `io(name, member)`.
template <class IO> void members(IO &io, VenueEngine::Counters &v)
{
    io("order", v.order), io("trade", v.trade), io("algo", v.algo), io("row", v.row);
}
template <class IO> void members(IO &io, PositionKey &v)
{
    io("symbol", v.symbol), io("side", v.side);
}
template <class IO> void members(IO &io, AccountPosition &v)
{
    io("quantity", v.quantity), io("cost", v.cost), io("realized", v.realized), io("fees", v.fees);
    io("funding", v.funding), io("leverage", v.leverage), io("isolated", v.isolated);
    io("isolatedWallet", v.isolatedWallet), io("mark", v.mark), io("updatedAt", v.updatedAt);
}
template <class IO> void members(IO &io, PaperState::Leg &v)
{
    io("key", v.key), io("position", v.position);
}
template <class IO> void members(IO &io, NewOrder &v)
{
    io("symbol", v.symbol), io("side", v.side), io("type", v.type), io("timeInForce", v.timeInForce);
    io("quantity", v.quantity), io("price", v.price), io("reduceOnly", v.reduceOnly), io("selfTrade", v.selfTrade);
    io("clientOrderId", v.clientOrderId), io("positionSide", v.positionSide), io("goodTill", v.goodTill);
}
template <class IO> void members(IO &io, VenueOrder &v)
{
    io("id", v.id), io("request", v.request), io("status", v.status), io("filled", v.filled);
    io("filledQuote", v.filledQuote), io("originalType", v.originalType), io("shownType", v.shownType);
    io("expiry", v.expiry), io("stopPrice", v.stopPrice), io("working", v.working), io("createdAt", v.createdAt);
    io("updatedAt", v.updatedAt), io("algoId", v.algoId), io("liquidation", v.liquidation);
    io("amendments", v.amendments);
}
template <class IO> void members(IO &io, NewAlgo &v)
{
    io("symbol", v.symbol), io("side", v.side), io("type", v.type), io("quantity", v.quantity);
    io("trigger", v.trigger), io("working", v.working), io("closePosition", v.closePosition);
    io("priceProtect", v.priceProtect), io("reduceOnly", v.reduceOnly), io("timeInForce", v.timeInForce);
    io("clientAlgoId", v.clientAlgoId), io("positionSide", v.positionSide), io("price", v.price);
    io("activate", v.activate), io("callbackRate", v.callbackRate), io("selfTrade", v.selfTrade);
}
template <class IO> void members(IO &io, VenueAlgo &v)
{
    io("id", v.id), io("request", v.request), io("status", v.status), io("childOrder", v.childOrder);
    io("activated", v.activated), io("extreme", v.extreme), io("reason", v.reason), io("createdAt", v.createdAt);
    io("updatedAt", v.updatedAt), io("triggeredAt", v.triggeredAt);
}
template <class IO> void members(IO &io, VenueFill &v)
{
    io("tradeId", v.tradeId), io("orderId", v.orderId), io("symbol", v.symbol), io("side", v.side);
    io("price", v.price), io("quantity", v.quantity), io("fee", v.fee), io("realized", v.realized);
    io("maker", v.maker), io("at", v.at), io("positionSide", v.positionSide);
    io("startPosition", v.startPosition), io("liquidation", v.liquidation);
}
template <class IO> void members(IO &io, PaperState &v)
{
    io("wallet", v.wallet), io("hedge", v.hedge), io("counters", v.counters), io("legs", v.legs);
    io("algos", v.algos), io("orders", v.orders), io("fills", v.fills);
}

/// One past the last value of each enumeration that is kept.
template <class Enum> constexpr int kCount = 0;
template <> constexpr int kCount<Side> = 2;
template <> constexpr int kCount<PositionSide> = 3;
template <> constexpr int kCount<OrderType> = 7;
template <> constexpr int kCount<TimeInForce> = 5;
template <> constexpr int kCount<ReduceOnly> = 2;
template <> constexpr int kCount<SelfTrade> = 4;
template <> constexpr int kCount<OrderStatus> = 9;
template <> constexpr int kCount<Expiry> = 10;
template <> constexpr int kCount<WorkingType> = 2;
template <> constexpr int kCount<AlgoType> = 5;
template <> constexpr int kCount<AlgoStatus> = 7;

template <class T> struct IsVector : std::false_type {};
template <class T> struct IsVector<std::vector<T>> : std::true_type {};
template <class T> struct IsOptional : std::false_type {};
template <class T> struct IsOptional<std::optional<T>> : std::true_type {};
template <class T> struct IsFixed : std::false_type {};
template <class Tag> struct IsFixed<Fixed8<Tag>> : std::true_type {};
template <class T> struct IsShortText : std::false_type {};
template <std::size_t N, class Tag> struct IsShortText<ShortText<N, Tag>> : std::true_type {};

template <class T> QJsonValue toJson(T &value);

struct Writer {
    QJsonObject object;
    template <class T> void operator()(const char *name, T &value) { object.insert(QLatin1String(name), toJson(value)); }
};

template <class T> QJsonValue toJson(T &value)
{
    if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, int>) {
        return value;
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
        return QString::number(qint64{value});
    } else if constexpr (std::is_enum_v<T>) {
        return static_cast<int>(value);
    } else if constexpr (std::is_same_v<T, std::string>) {
        return QString::fromStdString(value);
    } else if constexpr (std::is_same_v<T, UtcTime>) {
        return QString::number(qint64{toNanoseconds(value)});
    } else if constexpr (IsShortText<T>::value) {
        return QString::fromStdString(value.string());
    } else if constexpr (IsFixed<T>::value) {
        return QString::fromStdString(value.text());
    } else if constexpr (IsOptional<T>::value) {
        return value ? toJson(*value) : QJsonValue();
    } else if constexpr (IsVector<T>::value) {
        QJsonArray rows;
        for (auto &row : value)
            rows.append(toJson(row));
        return rows;
    } else {
        Writer writer;
        members(writer, value);
        return writer.object;
    }
}

template <class T> bool fromJson(const QJsonValue &json, T &value);

/// Stops at the first member that is missing or breaks its rule, and remembers which.
struct Reader {
    QJsonObject object;
    QString broken{};
    template <class T> void operator()(const char *name, T &value)
    {
        const QJsonValue json = object.value(QLatin1String(name));
        if (broken.isEmpty() && (json.isUndefined() || !fromJson(json, value)))
            broken = QLatin1String(name);
    }
};

bool readInteger(const QJsonValue &json, std::int64_t &value)
{
    bool ok = false;
    value = json.isString() ? json.toString().toLongLong(&ok) : 0;
    return ok;
}

template <class T> bool readText(const QJsonValue &json, T &value)
{
    if (!json.isString())
        return false;
    const std::string text = json.toString().toStdString();
    if constexpr (std::is_same_v<T, std::string>) {
        value = text;
        return true;
    } else if constexpr (IsShortText<T>::value) {
        const auto made = T::from(text);
        value = made.value_or(T{});
        return made.has_value();
    } else {
        const auto made = parseFixed<T>(text);
        value = made.value_or(T{});
        return made.has_value();
    }
}

template <class T> bool readRows(const QJsonValue &json, T &rows)
{
    if (!json.isArray())
        return false;
    const QJsonArray array = json.toArray();
    rows.resize(static_cast<std::size_t>(array.size()));
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (!fromJson(array.at(static_cast<qsizetype>(i)), rows[i]))
            return false;
    return true;
}

template <class T> bool fromJson(const QJsonValue &json, T &value)
{
    if constexpr (std::is_same_v<T, bool>) {
        value = json.toBool();
        return json.isBool();
    } else if constexpr (std::is_same_v<T, int>) {
        value = json.toInt(-1);
        return value >= 0;
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
        return readInteger(json, value);
    } else if constexpr (std::is_enum_v<T>) {
        static_assert(kCount<T> > 0);
        const int number = json.toInt(-1);
        value = static_cast<T>(number);
        return number >= 0 && number < kCount<T>;
    } else if constexpr (std::is_same_v<T, UtcTime>) {
        std::int64_t nanoseconds = 0;
        const bool ok = readInteger(json, nanoseconds);
        value = utcFromNanoseconds(nanoseconds);
        return ok;
    } else if constexpr (std::is_same_v<T, std::string> || IsShortText<T>::value || IsFixed<T>::value) {
        return readText(json, value);
    } else if constexpr (IsOptional<T>::value) {
        return json.isNull() || fromJson(json, value.emplace());
    } else if constexpr (IsVector<T>::value) {
        return readRows(json, value);
    } else {
        Reader reader{.object = json.toObject()};
        members(reader, value);
        return json.isObject() && reader.broken.isEmpty();
    }
}

QString checkSum(const QJsonObject &object)
{
    const QByteArray bytes = QJsonDocument(object).toJson(QJsonDocument::Compact); // members sorted: one text per value
    return QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex());
}

tl::unexpected<Error> damaged(const std::string &rule)
{
    return fail(ErrorCode::Corrupt, rule);
}

Result<void> checkRules(const PaperState &state)
{
    for (const VenueOrder &order : state.orders)
        if (!order.request.quantity.isPositive() || order.filled.isNegative() || order.filled > order.request.quantity ||
            (order.isOpen() && !order.request.price))
            return damaged("orders: quantity, filled and price must fit together");
    for (const PaperState::Leg &leg : state.legs)
        if (leg.position.leverage < 1 || (leg.key.side != PositionSide::Both) != state.hedge)
            return damaged("legs: must be of the account's mode, with a leverage of at least 1");
    return {};
}
} // namespace

std::string paperStateText(const PaperState &state)
{
    PaperState copy = state;
    const QJsonObject body = toJson(copy).toObject();
    const QJsonObject file{{u"version"_s, kVersion}, {u"sha256"_s, checkSum(body)}, {u"account"_s, body}};
    return QJsonDocument(file).toJson(QJsonDocument::Indented).toStdString();
}

Result<PaperState> parsePaperState(std::string_view text)
{
    QJsonParseError error;
    const auto document = QJsonDocument::fromJson(QByteArray(text.data(), static_cast<qsizetype>(text.size())), &error);
    if (error.error != QJsonParseError::NoError || !document.isObject())
        return damaged("it is not JSON: " + error.errorString().toStdString());
    const QJsonObject file = document.object();
    const int version = file.value("version"_L1).toInt(-1);
    if (version > kVersion)
        return fail(ErrorCode::NewerVersion, "version: was written by a newer program");
    if (version != kVersion)
        return damaged("version: must be 1");
    Reader reader{.object = file.value("account"_L1).toObject()};
    if (file.value("sha256"_L1).toString() != checkSum(reader.object))
        return damaged("sha256: does not fit the account");
    PaperState state;
    members(reader, state);
    if (!reader.broken.isEmpty())
        return damaged("account." + reader.broken.toStdString() + ": is missing or breaks its rule");
    return checkRules(state).map([&] { return std::move(state); });
}

} // namespace core::venue
