#include "ui/models/markets_model.h"

#include <algorithm>

#include "ui/format/format.h"
#include "ui/format/words.h"

using namespace Qt::StringLiterals;

namespace ui::models
{

using core::Freshness;
using core::runtime::MarketSnapshot;

namespace
{
/// A print, or where there was none yet the day's last price.
[[nodiscard]] std::optional<core::Price> lastPrice(const MarketSnapshot &market)
{
    if (market.lastTrade)
        return market.lastTrade->price;
    return market.ticker ? std::optional(market.ticker->last) : std::nullopt;
}

[[nodiscard]] std::optional<core::Ratio> dayChange(const MarketSnapshot &market)
{
    const auto last = lastPrice(market);
    if (!market.ticker || !last || !market.ticker->open.isPositive())
        return std::nullopt;
    const auto move = core::subtract(*last, market.ticker->open);
    const auto share = move ? core::ratioOf(*move, market.ticker->open, core::Rounding::HalfEven)
                            : core::Result<core::Ratio>(core::fail(move.error()));
    return share ? std::optional(*share) : std::nullopt;
}

/// The book decides; a book that is well says nothing about the mark, whose age may be worse.
[[nodiscard]] Freshness worstOf(const MarketSnapshot &market)
{
    if (market.book != Freshness::Fresh)
        return market.book;
    return market.mark == Freshness::Connecting ? market.book : market.mark;
}
} // namespace

MarketsModel::MarketsModel(QObject *parent) : QAbstractTableModel(parent) {}

int MarketsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int MarketsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : kColumns;
}

void MarketsModel::showSnapshot(const core::runtime::TerminalSnapshot &snapshot)
{
    std::vector<Row> rows;
    for (const MarketSnapshot &market : snapshot.markets) {
        const bool unreached =
            std::any_of(snapshot.venues.begin(), snapshot.venues.end(), [&](const core::runtime::VenueView &venue) {
                return venue.venue == market.key.venue && venue.reach == core::runtime::VenueView::Reach::Unreached;
            });
        rows.push_back({market, worstOf(market), &market == &snapshot.markets.front(), unreached});
    }
    std::sort(rows.begin(), rows.end(), [](const Row &a, const Row &b) { return a.market.rank < b.market.rank; });
    const bool sameCount = rows.size() == m_rows.size();
    if (!sameCount)
        beginResetModel();
    m_rows = std::move(rows);
    if (!sameCount)
        endResetModel();
    else if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(static_cast<int>(m_rows.size()) - 1, kColumns - 1));
}

const core::InstrumentKey *MarketsModel::keyAt(int row) const
{
    return row >= 0 && row < static_cast<int>(m_rows.size()) ? &m_rows[static_cast<std::size_t>(row)].market.key : nullptr;
}

int MarketsModel::rowOfShown() const
{
    const auto shown = std::find_if(m_rows.begin(), m_rows.end(), [](const Row &row) { return row.isShown; });
    return shown == m_rows.end() ? -1 : static_cast<int>(shown - m_rows.begin());
}

/// The column is narrow; the tooltip has the whole sentence.
QString MarketsModel::shortWord(Freshness freshness)
{
    switch (freshness) {
    case Freshness::Connecting:
        return tr("wait");
    case Freshness::Fresh:
        return tr("live");
    case Freshness::Stale:
        return tr("stale");
    case Freshness::Gapped:
        return tr("gap");
    case Freshness::Crossed:
        return tr("crossed");
    case Freshness::Diverged:
        return tr("differs");
    case Freshness::Lost:
        return tr("lost");
    }
    return {};
}

QString MarketsModel::textOf(const Row &row, int column) const
{
    const MarketSnapshot &market = row.market;
    switch (column) {
    case Market:
        return format::text(market.key.symbol.view()) + u' ' + format::Words::venueTag(market.key.venue);
    case Last: {
        const auto last = lastPrice(market);
        if (!last)
            return format::missing();
        const auto places = market.instrument ? format::placesOf(*market.instrument) : format::guessedPlaces(*last);
        return format::price(*last, places.price);
    }
    case Change: {
        const auto change = dayChange(market);
        return change ? format::percentDigits(*change, format::Sign::Always) : format::missing();
    }
    case Funding:
        return market.markPrice && market.markPrice->fundingRate
                   ? format::funding(*market.markPrice->fundingRate).section(QChar(0x00A0), 0, 0)
                   : format::missing(); // the unit stands in the header
    case State:
        return row.unreached ? tr("offline") : shortWord(row.worst);
    default:
        return {};
    }
}

Tone MarketsModel::toneOf(const Row &row, int column) const
{
    const bool fresh = row.worst == Freshness::Fresh;
    if (column == State)
        return fresh ? Tone::Secondary : row.worst == Freshness::Connecting && !row.unreached ? Tone::Muted : Tone::Warn;
    if (column == Market)
        return Tone::Primary;
    if (!fresh)
        return Tone::Muted;
    if (column == Change) {
        const auto change = dayChange(row.market);
        if (change && change->raw() != 0)
            return change->raw() > 0 ? Tone::Long : Tone::Short;
    }
    return column == Funding ? Tone::Secondary : Tone::Primary;
}

QString MarketsModel::tooltipOf(const Row &row, int column) const
{
    switch (column) {
    case Market:
        return tr("%1 at %2. Enter or double click shows it.")
            .arg(format::text(row.market.key.symbol.view()), format::Words::venue(row.market.key.venue));
    case State:
        return row.market.bookAge ? tr("Order book %1, changed %2 ago; mark price %3.")
                                        .arg(format::Words::freshness(row.market.book), format::age(*row.market.bookAge),
                                             format::Words::freshness(row.market.mark))
                                  : tr("No order book yet.");
    case Change:
        return tr("Against the price 24 hours ago.");
    case Funding:
        return tr("Rate of the running interval; positive: longs pay. The interval differs between venues.");
    default:
        return {};
    }
}

QVariant MarketsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= static_cast<int>(m_rows.size()))
        return {};
    const Row &row = m_rows[static_cast<std::size_t>(index.row())];
    const int column = index.column();
    const bool number = column >= Last && column <= Funding;
    switch (role) {
    case Qt::DisplayRole:
        return textOf(row, column);
    case Qt::ToolTipRole:
        return tooltipOf(row, column);
    case Qt::TextAlignmentRole:
        return QVariant((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case ToneRole:
        return static_cast<int>(toneOf(row, column));
    case NumericRole:
        return number;
    case BoldRole:
        return column == Market && row.isShown;
    default:
        return {};
    }
}

QVariant MarketsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant((section >= Last && section <= Funding ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Market:
        return tr("Market");
    case Last:
        return tr("Last");
    case Change:
        return tr("24 h %");
    case Funding:
        return tr("Fund. %");
    case State:
        return tr("State");
    default:
        return {};
    }
}

} // namespace ui::models
