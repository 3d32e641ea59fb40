#include "ui/shell/market_strip.h"

#include <algorithm>

#include <QtGui/QPainter>

#include "ui/format/format.h"
#include "ui/format/words.h"

using namespace Qt::StringLiterals;

namespace ui::shell
{

MarketStrip::MarketStrip(const theme::Theme &theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFixedHeight(42);
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
}

std::vector<MarketStrip::Block> MarketStrip::blocksOf(const core::runtime::TerminalSnapshot &snapshot)
{
    const theme::Tokens &t = m_theme.tokens();
    const auto &market = snapshot.markets.front();
    const std::optional<core::Price> last =
        market.lastTrade ? std::optional(market.lastTrade->price) : std::nullopt;
    const format::Places places = market.instrument ? format::placesOf(*market.instrument)
                                  : last            ? format::guessedPlaces(*last)
                                                    : format::Places{};
    if (last && m_lastPrice && *last != *m_lastPrice)
        m_lastMove = *last > *m_lastPrice ? 1 : -1;
    m_lastPrice = last;

    const bool tradesFresh = market.trades == core::Freshness::Fresh;
    const bool markFresh = market.mark == core::Freshness::Fresh;
    const bool bookFresh = market.book == core::Freshness::Fresh;
    const QColor moved = m_lastMove > 0 ? t.longSide : m_lastMove < 0 ? t.shortSide : t.textPrimary;
    const QString arrow = m_lastMove > 0 ? u"▲ "_s : m_lastMove < 0 ? u"▼ "_s : QString();
    const QColor markColour = markFresh ? t.textPrimary : t.textMuted;
    const auto priceOr = [&](const std::optional<core::Price> &price) {
        return price ? format::price(*price, places.price) : format::missing();
    };

    std::vector<Block> blocks;
    blocks.push_back({tr("Last"), last ? arrow + priceOr(last) : format::missing(),
                      tradesFresh ? moved : t.textMuted, true});
    const auto &mark = market.markPrice;
    blocks.push_back({tr("Mark"), mark ? priceOr(mark->mark) : format::missing(), markColour, false});
    const bool hasFunding = mark && mark->fundingRate;
    QString next;
    if (hasFunding && mark->nextFundingTime && *mark->nextFundingTime > snapshot.at)
        next = u" · "_s + format::countdown(*mark->nextFundingTime - snapshot.at);
    blocks.push_back({tr("Funding · next"),
                      hasFunding ? format::funding(*mark->fundingRate) + next : format::missing(), markColour,
                      false});
    QString spread = format::missing();
    if (!market.bids.empty() && !market.asks.empty()) {
        if (const auto gap = core::subtract(market.asks.front().price, market.bids.front().price))
            spread = format::price(*gap, places.price);
    }
    blocks.push_back({tr("Spread"), spread, bookFresh ? t.textPrimary : t.textMuted, false});
    blocks.push_back({tr("Index"), mark ? priceOr(mark->index) : format::missing(), markColour, false});
    return blocks;
}

void MarketStrip::showSnapshot(const core::runtime::TerminalSnapshot *snapshot)
{
    QString symbol = format::missing();
    QString venue;
    std::vector<Block> blocks;
    if (snapshot != nullptr && !snapshot->markets.empty()) {
        symbol = format::text(snapshot->markets.front().key.symbol.view());
        venue = format::Words::venue(snapshot->markets.front().key.venue);
        blocks = blocksOf(*snapshot);
    }
    if (symbol == m_symbol && venue == m_venue && blocks == m_blocks)
        return;
    m_symbol = symbol;
    m_venue = venue;
    m_blocks = std::move(blocks);
    setAccessibleName(tr("Market %1").arg(m_symbol));
    if (!m_blocks.empty())
        setAccessibleDescription(tr("Last price %1").arg(m_blocks.front().value));
    update();
}

void MarketStrip::paintEvent(QPaintEvent *)
{
    const theme::Tokens &t = m_theme.tokens();
    QPainter painter(this);
    const QFont labelFont = m_theme.textFont(11);
    const QFont symbolFont = m_theme.textFont(14, QFont::Bold);
    int x = 4;
    const auto pair = [&](const QString &top, const QFont &topFont, const QColor &topColour,
                          const QString &below, const QFont &belowFont, const QColor &belowColour) {
        const int w = std::max(QFontMetrics(topFont).horizontalAdvance(top),
                               QFontMetrics(belowFont).horizontalAdvance(below));
        if (x + w > width())
            return false;
        painter.setFont(topFont);
        painter.setPen(topColour);
        painter.drawText(QRect(x, 4, w + 1, 17), Qt::AlignLeft | Qt::AlignVCenter, top);
        painter.setFont(belowFont);
        painter.setPen(belowColour);
        painter.drawText(QRect(x, 21, w + 1, 17), Qt::AlignLeft | Qt::AlignVCenter, below);
        x += w + 22;
        return true;
    };
    if (!pair(m_symbol, symbolFont, t.textPrimary, m_venue, labelFont, t.textMuted))
        return;
    for (const Block &block : m_blocks) {
        painter.fillRect(QRect(x - 11, 9, 1, height() - 18), t.border);
        if (block.large) {
            const QFont big = m_theme.numericFont(17, QFont::Bold);
            const int w = QFontMetrics(big).horizontalAdvance(block.value);
            if (x + w > width())
                return;
            painter.setFont(big);
            painter.setPen(block.colour);
            painter.drawText(QRect(x, 0, w + 1, height()), Qt::AlignLeft | Qt::AlignVCenter, block.value);
            x += w + 22;
        } else if (!pair(block.label, labelFont, t.textMuted, block.value, m_theme.numericFont(),
                         block.colour)) {
            // The divider of the block that did not fit would point at nothing.
            painter.fillRect(QRect(x - 11, 9, 1, height() - 18), t.window);
            return;
        }
    }
}

} // namespace ui::shell
