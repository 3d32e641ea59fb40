#pragma once

#include <vector>

#include <QtWidgets/QWidget>

#include "ui/models/lockout_lines.h"
#include "ui/theme/theme.h"

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace ui::panels
{

/// Running lockouts, a line each with the time that is left; one that a person may end has a button. Takes no space without any.
class LockoutList final : public QWidget
{
    Q_OBJECT

public:
    LockoutList(const theme::Theme &theme, QWidget *parent);
    void showLines(const std::vector<models::LockoutLine> &lines);
    [[nodiscard]] QStringList texts() const;

signals:
    void releaseRequested(const QString &lockout);

private:
    struct Row {
        QWidget *box;         // child
        QLabel *text;         // child
        QPushButton *release; // child
    };
    void addRow();

    const theme::Theme &m_theme;
    QVBoxLayout *m_column; // child
    std::vector<Row> m_rows;
    std::vector<models::LockoutLine> m_lines;
};

} // namespace ui::panels
