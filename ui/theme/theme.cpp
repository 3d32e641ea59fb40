#include "ui/theme/theme.h"

#include <QtGui/QFontDatabase>
#include <QtGui/QGuiApplication>

using namespace Qt::StringLiterals;

namespace ui::theme
{

namespace
{

QString firstNumericFamily()
{
    const QStringList present = QFontDatabase::families();
    for (const QString &wanted :
         {u"JetBrains Mono"_s, u"Cascadia Mono"_s, u"SF Mono"_s, u"Menlo"_s, u"DejaVu Sans Mono"_s}) {
        if (present.contains(wanted))
            return wanted;
    }
    return QFontDatabase::systemFont(QFontDatabase::FixedFont).family();
}

} // namespace

Theme::Theme(Scheme scheme, QObject *parent)
    : QObject(parent), m_scheme(scheme), m_tokens(tokensFor(scheme)), m_numericFamily(firstNumericFamily())
{
}

void Theme::setScheme(Scheme scheme)
{
    if (scheme == m_scheme)
        return;
    m_scheme = scheme;
    m_tokens = tokensFor(scheme);
    emit changed();
}

QFont Theme::textFont(int pixels, QFont::Weight weight) const
{
    QFont font = QGuiApplication::font();
    font.setPixelSize(pixels);
    font.setWeight(weight);
    return font;
}

QFont Theme::numericFont(int pixels, QFont::Weight weight) const
{
    QFont font(m_numericFamily);
    font.setStyleHint(QFont::Monospace);
    font.setPixelSize(pixels);
    font.setWeight(weight);
    return font;
}

QPalette Theme::palette() const
{
    const Tokens &t = m_tokens;
    QPalette p;
    p.setColor(QPalette::Window, t.window);
    p.setColor(QPalette::WindowText, t.textPrimary);
    p.setColor(QPalette::Base, t.panel);
    p.setColor(QPalette::AlternateBase, t.stripe);
    p.setColor(QPalette::Text, t.textPrimary);
    p.setColor(QPalette::Button, t.raised);
    p.setColor(QPalette::ButtonText, t.textPrimary);
    p.setColor(QPalette::BrightText, t.onCritical);
    p.setColor(QPalette::Highlight, t.select);
    p.setColor(QPalette::HighlightedText, t.textPrimary);
    p.setColor(QPalette::ToolTipBase, t.raised);
    p.setColor(QPalette::ToolTipText, t.textPrimary);
    p.setColor(QPalette::PlaceholderText, t.textMuted);
    p.setColor(QPalette::Link, t.accent);
    p.setColor(QPalette::LinkVisited, t.accent);
    p.setColor(QPalette::Light, t.border);
    p.setColor(QPalette::Midlight, t.border);
    p.setColor(QPalette::Mid, t.border);
    p.setColor(QPalette::Dark, t.input);
    p.setColor(QPalette::Shadow, t.input);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, t.textMuted);
    return p;
}

QString Theme::styleSheet() const
{
    const Tokens &t = m_tokens;
    QString sheet = uR"(
* { font-size: 12px; }
QMainWindow, QDialog { background: @window; color: @primary; }
QMainWindow::separator { background: @window; width: 3px; height: 3px; }
QMainWindow::separator:hover { background: @strong; }
QDockWidget { color: @primary; }
QToolTip { background: @raised; color: @primary; border: 1px solid @strong; padding: 4px 6px; }
QMenu { background: @raised; color: @primary; border: 1px solid @border; padding: 4px 0; }
QMenu::item { padding: 5px 24px 5px 26px; }
QMenu::item:selected { background: @select; border-left: 2px solid @accent; }
QMenu::item:disabled { color: @muted; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
QTableView { background: @panel; alternate-background-color: @stripe; color: @primary; border: none;
  gridline-color: transparent; selection-background-color: @select; selection-color: @primary; outline: none; }
QHeaderView { background: @panel; border: none; }
QHeaderView::section { background: @panel; color: @muted; border: none; border-bottom: 1px solid @border;
  padding: 0 6px; font-size: 11px; }
QHeaderView::section:hover { color: @primary; }
QTableCornerButton::section { background: @panel; border: none; }
QScrollArea, QScrollArea > QWidget > QWidget { background: @panel; border: none; }
QListView { background: @panel; color: @primary; border: none; outline: none; }
QScrollBar:vertical { background: transparent; width: 8px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 8px; margin: 0; }
QScrollBar::handle { background: @border; border-radius: 3px; min-height: 24px; min-width: 24px; margin: 1px; }
QScrollBar::handle:hover { background: @strong; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QTabBar { background: @window; qproperty-drawBase: 0; }
QTabBar::tab { background: @window; color: @secondary; padding: 0 14px; height: 24px; min-width: 40px;
  border: none; border-top: 2px solid transparent; margin-right: 1px; }
QTabBar::tab:selected { background: @panel; color: @primary; border-top: 2px solid @accent; }
QTabBar::tab:hover:!selected { color: @primary; }
QTreeView { background: @panel; color: @primary; border: 1px solid @border; outline: none;
  selection-background-color: @select; selection-color: @primary; }
QLineEdit, QPlainTextEdit, QComboBox { background: @input; color: @primary; border: 1px solid @strong; border-radius: 3px;
  padding: 3px 6px; selection-background-color: @select; selection-color: @primary; }
QLineEdit, QComboBox { min-height: 18px; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus { border: 2px solid @accent; padding: 2px 5px; }
QLineEdit:disabled, QComboBox:disabled { color: @muted; border-color: @border; }
QAbstractItemView QLineEdit { padding: 0; min-height: 0; border-radius: 0; }
QCheckBox::indicator { width: 13px; height: 13px; background: @input; border: 1px solid @strong; border-radius: 2px; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; }
QCheckBox::indicator:focus, QCheckBox:focus::indicator { border: 2px solid @accent; }
QComboBox QAbstractItemView { background: @raised; color: @primary; border: 1px solid @strong; }
QPushButton { background: @raised; color: @primary; border: 1px solid @strong; border-radius: 4px;
  padding: 5px 14px; min-height: 16px; }
QPushButton:hover { background: @select; }
QPushButton:focus { border: 2px solid @accent; padding: 4px 13px; }
QPushButton:disabled { color: @muted; border-color: @border; }
QToolButton { background: transparent; color: @secondary; border: 1px solid transparent; border-radius: 4px;
  padding: 3px 6px; }
QToolButton:hover { background: @raised; color: @primary; }
QToolButton:focus { border: 2px solid @accent; padding: 2px 5px; }
QToolButton::menu-indicator { image: none; }
)"_s;
    const std::initializer_list<std::pair<QLatin1StringView, QColor>> roles = {
        {"@window"_L1, t.window},       {"@panel"_L1, t.panel},         {"@raised"_L1, t.raised},
        {"@stripe"_L1, t.stripe},       {"@select"_L1, t.select},       {"@border"_L1, t.border},
        {"@input"_L1, t.input},         {"@strong"_L1, t.borderStrong}, {"@primary"_L1, t.textPrimary}, {"@secondary"_L1, t.textSecondary},
        {"@muted"_L1, t.textMuted},     {"@accent"_L1, t.accent},
    };
    for (const auto &[role, colour] : roles)
        sheet.replace(role, colour.name());
    return sheet;
}

} // namespace ui::theme
