#include "ui/controls/dock_title_bar.h"

#include <QtGui/QPainter>
#include <QtWidgets/QDockWidget>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QToolButton>

#include "ui/controls/state_chip.h"

using namespace Qt::StringLiterals;

namespace ui::controls
{

namespace
{

QToolButton *iconButton(const QString &icon, const QString &name, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setIcon(QIcon(icon));
    button->setIconSize({14, 14});
    button->setFixedSize(24, 24);
    button->setToolTip(name);
    button->setAccessibleName(name);
    button->setAutoRaise(true);
    return button;
}

} // namespace

DockTitleBar::DockTitleBar(const QString &name, const theme::Theme &theme, QWidget *parent, QDockWidget *dock)
    : QWidget(parent), m_theme(theme), m_name(name), m_row(new QHBoxLayout(this)),
      m_chip(new StateChip(theme, this)), m_notice(new StateChip(theme, this))
{
    setFixedHeight(kHeight);
    m_row->setContentsMargins(10, 0, 2, 0);
    m_row->setSpacing(6);
    m_row->addStretch(1);
    m_row->addWidget(m_notice);
    m_row->addWidget(m_chip);
    m_notice->hide();
    m_chip->hide();
    if (dock != nullptr) {
        m_float = iconButton(u":/etrms/icons/float.svg"_s, tr("Float %1").arg(name), this);
        m_row->addWidget(m_float);
        connect(m_float, &QToolButton::clicked, dock, [dock] { dock->setFloating(!dock->isFloating()); });
        connect(dock, &QDockWidget::topLevelChanged, this, [this](bool floating) {
            m_float->setIcon(
                QIcon(floating ? u":/etrms/icons/dock-back.svg"_s : u":/etrms/icons/float.svg"_s));
            m_float->setToolTip(floating ? tr("Dock back") : tr("Float %1").arg(m_name));
            m_float->setAccessibleName(m_float->toolTip());
        });
        if (dock->features().testFlag(QDockWidget::DockWidgetClosable)) {
            auto *close = iconButton(u":/etrms/icons/close.svg"_s, tr("Close %1").arg(name), this);
            m_row->addWidget(close);
            connect(close, &QToolButton::clicked, dock, &QDockWidget::close);
        }
        const auto follow = [this](QDockWidget::DockWidgetFeatures features) {
            m_float->setVisible(features.testFlag(QDockWidget::DockWidgetFloatable));
        };
        connect(dock, &QDockWidget::featuresChanged, this, follow);
    } else {
        m_row->setContentsMargins(10, 0, 8, 0);
    }
    connect(&m_theme, &theme::Theme::changed, this, qOverload<>(&QWidget::update));
}

void DockTitleBar::setCollapsed(bool collapsed)
{
    if (collapsed == m_collapsed)
        return;
    m_collapsed = collapsed;
    setFixedHeight(collapsed ? 0 : kHeight);
    updateGeometry();
}

void DockTitleBar::setDetail(const QString &detail)
{
    if (detail == m_detail)
        return;
    m_detail = detail;
    update();
}

void DockTitleBar::showState(const models::DockState &state)
{
    using Phase = models::DockState::Phase;
    m_chip->show(state.chip, state.phase == Phase::Error ? StateChip::Look::Critical : StateChip::Look::Warn);
    m_chip->setToolTip(state.sentence);
    setAccessibleName(state.sentence.isEmpty() ? m_name : m_name + u". "_s + state.sentence);
}

void DockTitleBar::showNotice(const QString &words)
{
    m_notice->show(words, StateChip::Look::Outline);
}

QString DockTitleBar::chipText() const
{
    return m_chip->text();
}

void DockTitleBar::addTool(QWidget *tool)
{
    m_row->insertWidget(1, tool);
}

void DockTitleBar::paintEvent(QPaintEvent *)
{
    const theme::Tokens &t = m_theme.tokens();
    QPainter painter(this);
    painter.fillRect(rect(), t.panel);
    painter.fillRect(QRect(0, height() - 1, width(), 1), t.border);
    const QFont bold = m_theme.textFont(theme::Theme::kTextPixels, QFont::DemiBold);
    painter.setFont(bold);
    painter.setPen(t.textPrimary);
    const QRect line(10, 0, width() - 20, height() - 1);
    painter.drawText(line, Qt::AlignVCenter | Qt::AlignLeft, m_name);
    const int offset = QFontMetrics(bold).horizontalAdvance(m_name) + 8;
    painter.setFont(m_theme.textFont(11));
    painter.setPen(t.textMuted);
    painter.drawText(line.adjusted(offset, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, m_detail);
}

} // namespace ui::controls
