#include "ui/panels/risk/bar_section.h"

#include <QtWidgets/QLabel>
#include <QtWidgets/QVBoxLayout>

namespace ui::panels
{

using controls::HeadroomBar;

BarSection::BarSection(const QString &heading, const theme::Theme &theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_heading(new QLabel(heading, this)), m_column(new QVBoxLayout(this))
{
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(4);
    m_heading->setFont(theme.textFont(11, QFont::DemiBold));
    m_heading->setForegroundRole(QPalette::PlaceholderText);
    m_heading->setVisible(!heading.isEmpty());
    m_column->addWidget(m_heading);
    setAccessibleName(heading);
    hide();
}

void BarSection::showContents(const std::vector<HeadroomBar::Content> &contents)
{
    while (m_bars.size() < contents.size()) {
        m_bars.push_back(new HeadroomBar(m_theme, this));
        m_column->addWidget(m_bars.back());
    }
    for (std::size_t i = 0; i < m_bars.size(); ++i) {
        m_bars[i]->setVisible(i < contents.size());
        if (i < contents.size())
            m_bars[i]->showContent(contents[i]);
    }
    m_contents = contents;
    setVisible(!contents.empty());
}

} // namespace ui::panels
