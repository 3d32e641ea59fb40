#include "ui/models/orders_model.h"

#include "ui/format/words.h"

using namespace Qt::StringLiterals;

namespace ui::models
{

OrdersModel::OrdersModel(QObject *parent) : QAbstractTableModel(parent) {}

int OrdersModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int OrdersModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : kColumns;
}

void OrdersModel::showSnapshot(const core::runtime::TerminalSnapshot &snapshot)
{
    std::vector<Row> rows;
    for (const core::OrderUpdate &order : snapshot.account.openOrders) {
        Row row{order,
                format::guessedPlaces(order.limitPrice.value_or(core::Price::fromRaw(core::kDecimalOne))),
                std::max(core::Duration::zero(), snapshot.at - order.venueTime)};
        for (const auto &market : snapshot.markets) {
            if (market.key == order.instrument && market.instrument)
                row.places = format::placesOf(*market.instrument);
        }
        rows.push_back(std::move(row));
    }
    m_trusted = snapshot.account.freshness == core::Freshness::Fresh;
    const bool sameCount = rows.size() == m_rows.size();
    if (!sameCount)
        beginResetModel();
    m_rows = std::move(rows);
    if (!sameCount)
        endResetModel();
    else if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(static_cast<int>(m_rows.size()) - 1, kColumns - 1));
}

QString OrdersModel::typeText(core::OrderType type)
{
    switch (type) {
    case core::OrderType::Market:
        return tr("Market");
    case core::OrderType::Limit:
        return tr("Limit");
    case core::OrderType::StopMarket:
        return tr("Stop market");
    case core::OrderType::StopLimit:
        return tr("Stop limit");
    case core::OrderType::TakeProfitMarket:
        return tr("Take-profit market");
    case core::OrderType::TakeProfitLimit:
        return tr("Take-profit limit");
    case core::OrderType::TrailingStop:
        return tr("Trailing stop");
    case core::OrderType::Unknown:
        break;
    }
    //: of an order: the venue has not said of which type it is, or in a word that this program does not know
    return tr("UNKNOWN");
}

QString OrdersModel::textOf(const Row &row, int column) const
{
    const core::OrderUpdate &order = row.order;
    switch (column) {
    case Symbol:
        return format::text(order.instrument.symbol.view()) + u' ' +
               format::Words::venueTag(order.instrument.venue);
    case Side:
        return order.side == core::Side::Buy ? tr("▲ BUY") : tr("▼ SELL");
    case Type:
        return typeText(order.type);
    case LimitPrice:
        return order.limitPrice ? format::price(*order.limitPrice, row.places.price) : format::missing();
    case Size:
        return format::size(order.quantity, row.places.size);
    case Filled: {
        const auto share = core::ratioOf(order.filled, order.quantity, core::Rounding::Floor);
        return share ? format::percentDigits(*share) : format::missing();
    }
    case ReduceOnly:
        return order.reduceOnly == core::ReduceOnly::Yes ? tr("yes") : tr("no");
    case Age:
        return format::age(row.age);
    case State:
        switch (order.status) {
        case core::OrderStatus::Pending:
            return tr("sent");
        case core::OrderStatus::New:
            return tr("resting at the venue");
        case core::OrderStatus::Triggered:
            return tr("triggered");
        case core::OrderStatus::PartiallyFilled:
            return tr("partly filled");
        case core::OrderStatus::Unknown:
            return tr("UNKNOWN – asking venue");
        case core::OrderStatus::Filled:
            return tr("filled");
        case core::OrderStatus::Canceled:
            return tr("canceled");
        case core::OrderStatus::Rejected:
            return tr("rejected");
        case core::OrderStatus::Expired:
            return tr("expired");
        }
        return {};
    default:
        return {};
    }
}

Tone OrdersModel::toneOf(const Row &row, int column) const
{
    if ((column == State && row.order.status == core::OrderStatus::Unknown) ||
        (column == Type && row.order.type == core::OrderType::Unknown))
        return Tone::Warn;
    if (!m_trusted && column != Symbol)
        return Tone::Muted;
    if (column == Side)
        return row.order.side == core::Side::Buy ? Tone::Long : Tone::Short;
    return column == Type || column == ReduceOnly || column == Age ? Tone::Secondary : Tone::Primary;
}

QVariant OrdersModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= static_cast<int>(m_rows.size()))
        return {};
    const Row &row = m_rows[static_cast<std::size_t>(index.row())];
    const int column = index.column();
    const bool number = column >= LimitPrice && column <= Filled;
    switch (role) {
    case Qt::DisplayRole:
        return textOf(row, column);
    case Qt::ToolTipRole:
        return tr("As of %1").arg(format::iso(row.order.venueTime));
    case Qt::TextAlignmentRole:
        return QVariant((number || column == Age ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case ToneRole:
        return static_cast<int>(toneOf(row, column));
    case NumericRole:
        return number || column == Age;
    case BoldRole:
        return column == Symbol || column == Side;
    default:
        return {};
    }
}

QVariant OrdersModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    const bool number = (section >= LimitPrice && section <= Filled) || section == Age;
    if (role == Qt::TextAlignmentRole)
        return QVariant((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Symbol:
        return tr("Symbol");
    case Side:
        return tr("Side");
    case Type:
        return tr("Type");
    case LimitPrice:
        return tr("Price");
    case Size:
        return tr("Size");
    case Filled:
        return tr("Filled %");
    case ReduceOnly:
        return tr("Reduce-only");
    case Age:
        return tr("Age");
    case State:
        return tr("State");
    default:
        return {};
    }
}

} // namespace ui::models
