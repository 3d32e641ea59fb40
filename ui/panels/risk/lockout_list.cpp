#include "ui/panels/risk/lockout_list.h"

#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

using namespace Qt::StringLiterals;

namespace ui::panels
{

LockoutList::LockoutList(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_column(new QVBoxLayout(this))
{
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(2);
    setObjectName(u"lockouts"_s);
    hide();
}

void LockoutList::addRow()
{
    Row row{new QWidget(this), nullptr, nullptr};
    auto *line = new QHBoxLayout(row.box);
    line->setContentsMargins(0, 0, 0, 0);
    row.text = new QLabel(row.box);
    row.text->setWordWrap(true);
    row.text->setTextFormat(Qt::PlainText);
    row.text->setStyleSheet(u"color: %1; font-weight: 600;"_s.arg(m_theme.tokens().warn.name()));
    row.release = new QPushButton(tr("Release…"), row.box);
    row.release->setObjectName(u"releaseLockout"_s);
    row.release->setAutoDefault(false);
    line->addWidget(row.text, 1);
    line->addWidget(row.release);
    m_column->addWidget(row.box);
    const std::size_t at = m_rows.size();
    connect(row.release, &QPushButton::clicked, this, [this, at] {
        if (at < m_lines.size())
            emit releaseRequested(m_lines[at].id);
    });
    m_rows.push_back(row);
}

void LockoutList::showLines(const std::vector<models::LockoutLine> &lines)
{
    if (lines == m_lines)
        return;
    m_lines = lines;
    while (m_rows.size() < lines.size())
        addRow();
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const bool shown = i < lines.size();
        m_rows[i].box->setVisible(shown);
        if (!shown)
            continue;
        m_rows[i].text->setText(lines[i].text);
        m_rows[i].text->setAccessibleName(lines[i].text);
        m_rows[i].release->setVisible(lines[i].releasable);
    }
    setVisible(!lines.empty());
}

QStringList LockoutList::texts() const
{
    QStringList list;
    for (const auto &line : m_lines)
        list << line.text;
    return list;
}

} // namespace ui::panels
