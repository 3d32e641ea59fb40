#include "ui/panels/orderflow/depth_ladder.h"

#include <algorithm>
#include <array>

#include <QtGui/QMouseEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QMenu>
#include <QtWidgets/QToolButton>

using namespace Qt::StringLiterals;

namespace ui::panels
{

namespace
{
constexpr std::array<int, 4> kGroupings{1, 5, 10, 50};
}

DepthLadder::DepthLadder(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_group(new QToolButton(this))
{
    setObjectName(u"depthLadder"_s);
    setAccessibleName(tr("Depth ladder"));
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    m_group->setPopupMode(QToolButton::InstantPopup);
    m_group->setAccessibleName(tr("Price grouping"));
    m_group->setToolTip(tr("Ticks per row"));
    m_group->setIcon(QIcon(u":/etrms/icons/chevron.svg"_s));
    m_group->setIconSize({10, 10});
    m_group->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_group->setLayoutDirection(Qt::RightToLeft); // the chevron right of the words
    m_group->setStyleSheet(u"QToolButton { font-size: 11px; padding: 1px 4px; }"_s);
    auto *menu = new QMenu(m_group);
    for (const int ticks : kGroupings) {
        //: grouping of the ladder; %1 ticks in one row
        QAction *choice = menu->addAction(tr("tick × %1").arg(ticks));
        connect(choice, &QAction::triggered, this, [this, ticks] { setGrouping(ticks); });
    }
    m_group->setMenu(menu);
    setGrouping(1);
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
}

void DepthLadder::setGrouping(int ticks)
{
    m_grouping = ticks;
    m_group->setText(tr("tick × %1").arg(ticks));
    rebuild();
    update();
}

int DepthLadder::rowsPerSide() const
{
    return std::max(1, (height() - kHeader - kMiddle) / 2 / kRow);
}

void DepthLadder::rebuild()
{
    m_bids.clear();
    m_asks.clear();
    if (!m_market)
        return;
    core::Price tick = m_market->instrument ? m_market->instrument->tickSize : core::Price{};
    if (!tick.isPositive())
        return;
    const auto raw = core::checkedAdd(tick.raw() * m_grouping, 0);
    const core::Price step = core::Price::fromRaw(raw.value_or(tick.raw()));
    const auto rows = static_cast<std::size_t>(rowsPerSide());
    m_bids = ladderRows(m_market->bids, core::Side::Buy, step, rows);
    m_asks = ladderRows(m_market->asks, core::Side::Sell, step, rows);
}

void DepthLadder::showMarket(const core::runtime::MarketSnapshot *market,
                             const std::vector<core::OrderUpdate> &ownOrders, bool trusted)
{
    if (m_frozen)
        return;
    const auto bids = m_bids;
    const auto asks = m_asks;
    const bool wasTrusted = m_trusted;
    m_trusted = trusted;
    m_ownPrices.clear();
    if (market != nullptr) {
        m_market = *market;
        m_places = market->instrument ? format::placesOf(*market->instrument) : format::Places{};
        for (const core::OrderUpdate &order : ownOrders) {
            if (order.instrument == market->key && order.limitPrice)
                m_ownPrices.push_back(*order.limitPrice);
        }
    } else {
        m_market.reset();
    }
    rebuild();
    if (bids != m_bids || asks != m_asks || wasTrusted != m_trusted)
        update();
}

void DepthLadder::resizeEvent(QResizeEvent *)
{
    m_group->setGeometry(width() / 2 - 38, 0, 76, kHeader - 1);
    rebuild();
}

std::optional<core::Price> DepthLadder::priceAt(int y) const
{
    const int middle = kHeader + rowsPerSide() * kRow;
    if (y >= kHeader && y < middle) {
        const auto i = static_cast<std::size_t>((middle - 1 - y) / kRow);
        if (i < m_asks.size())
            return m_asks[i].price;
    } else if (y >= middle + kMiddle) {
        const auto i = static_cast<std::size_t>((y - middle - kMiddle) / kRow);
        if (i < m_bids.size())
            return m_bids[i].price;
    }
    return std::nullopt;
}

void DepthLadder::mouseMoveEvent(QMouseEvent *event)
{
    m_hoverY = static_cast<int>(event->position().y());
    const auto price = priceAt(m_hoverY);
    emit priceHovered(price ? price->toDouble() : -1.0);
    update();
}

void DepthLadder::leaveEvent(QEvent *)
{
    m_hoverY = -1;
    emit priceHovered(-1.0);
    update();
}

void DepthLadder::paintRow(QPainter &painter, int y, const LadderRow &row, core::Side side,
                           double share) const
{
    const theme::Tokens &t = m_theme.tokens();
    const bool bid = side == core::Side::Buy;
    const int column = width() / 3;
    const QColor colour = bid ? t.longSide : t.shortSide;
    const QRect line(0, y, width(), kRow);
    if (m_hoverY >= y && m_hoverY < y + kRow)
        painter.fillRect(line, t.select);
    // The bar grows away from the price, under the size, at 30 %: text on it keeps 7.8 : 1.
    const int bar = static_cast<int>(share * (column - 4) + 0.5);
    const QRect barBox(bid ? column - bar : width() - column, y + 1, bar, kRow - 2);
    painter.fillRect(barBox, m_trusted ? theme::mixed(t.panel, colour, 0.30) : t.raised);
    painter.setPen(m_trusted ? t.textPrimary : t.textMuted);
    const QString size = format::size(row.quantity, m_places.size);
    painter.drawText(bid ? QRect(0, y, column - 6, kRow) : QRect(width() - column + 6, y, column - 12, kRow),
                     Qt::AlignVCenter | Qt::AlignRight, size);
    painter.setPen(m_trusted ? colour : t.textMuted);
    painter.drawText(QRect(column, y, width() - 2 * column, kRow), Qt::AlignCenter,
                     format::price(row.price, m_places.price));
    if (std::find(m_ownPrices.begin(), m_ownPrices.end(), row.price) != m_ownPrices.end())
        painter.fillRect(QRect(bid ? 0 : width() - 3, y + 2, 3, kRow - 4), t.accent);
}

void DepthLadder::paintMiddle(QPainter &painter, int y) const
{
    const theme::Tokens &t = m_theme.tokens();
    const QRect box(0, y, width(), kMiddle);
    painter.fillRect(box, t.raised);
    if (!m_market || m_market->bids.empty() || m_market->asks.empty())
        return;
    const core::Price bid = m_market->bids.front().price;
    const core::Price ask = m_market->asks.front().price;
    const auto spread = core::subtract(ask, bid);
    const auto share =
        spread ? core::ratioOf(*spread, bid, core::Rounding::HalfEven) : core::Result<core::Ratio>{};
    painter.setFont(m_theme.textFont(11));
    painter.setPen(t.textMuted);
    painter.drawText(box.adjusted(10, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, tr("Spread"));
    painter.setFont(m_theme.numericFont(12));
    painter.setPen(m_trusted ? t.textPrimary : t.textMuted);
    if (spread)
        painter.drawText(box, Qt::AlignCenter, format::price(*spread, m_places.price));
    if (share) {
        // Basis points: 1 bp is 0.01 %.
        const QString points =
            format::fixed(std::clamp<std::int64_t>(share->raw(), 0, 1'000'000'000'000) * 10'000, 2);
        painter.setPen(t.textMuted);
        //: basis points
        painter.drawText(box.adjusted(0, 0, -10, 0), Qt::AlignVCenter | Qt::AlignRight,
                         tr("%1 bp").arg(points));
    }
}

void DepthLadder::paintEvent(QPaintEvent *)
{
    const theme::Tokens &t = m_theme.tokens();
    QPainter painter(this);
    painter.fillRect(rect(), t.panel);
    painter.setFont(m_theme.textFont(11));
    painter.setPen(t.textMuted);
    const int column = width() / 3;
    painter.drawText(QRect(0, 0, column - 6, kHeader), Qt::AlignVCenter | Qt::AlignRight, tr("Bid size"));
    painter.drawText(QRect(width() - column, 0, column - 6, kHeader), Qt::AlignVCenter | Qt::AlignRight,
                     tr("Ask size"));
    painter.fillRect(QRect(0, kHeader - 1, width(), 1), t.border);

    std::int64_t largest = 1;
    for (const auto *rows : {&m_bids, &m_asks}) {
        for (const LadderRow &row : *rows)
            largest = std::max(largest, row.quantity.raw());
    }
    painter.setFont(m_theme.numericFont(12));
    const int middle = kHeader + rowsPerSide() * kRow;
    const auto share = [largest](const LadderRow &row) {
        return static_cast<double>(row.quantity.raw()) / static_cast<double>(largest);
    };
    for (std::size_t i = 0; i < m_asks.size(); ++i)
        paintRow(painter, middle - static_cast<int>(i + 1) * kRow, m_asks[i], core::Side::Sell,
                 share(m_asks[i]));
    for (std::size_t i = 0; i < m_bids.size(); ++i)
        paintRow(painter, middle + kMiddle + static_cast<int>(i) * kRow, m_bids[i], core::Side::Buy,
                 share(m_bids[i]));
    paintMiddle(painter, middle);
    painter.fillRect(QRect(0, 0, 1, height()), t.border);
}

} // namespace ui::panels
