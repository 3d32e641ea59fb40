#include "ui/shell/quit_dialog.h"

#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

#include "ui/format/words.h"

using namespace Qt::StringLiterals;

namespace ui::shell
{

using core::runtime::Mode;

bool QuitDialog::isNeeded(const core::runtime::TerminalSnapshot *snapshot)
{
    if (snapshot == nullptr || snapshot->mode == Mode::Demo || snapshot->mode == Mode::Replay)
        return false;
    return !snapshot->account.positions.empty() || snapshot->guard.arming == core::risk::Arming::Armed;
}

QuitDialog::QuitDialog(const core::runtime::TerminalSnapshot &snapshot, QWidget *parent) : QDialog(parent)
{
    setWindowTitle(tr("Quit ETRMS"));
    setObjectName(u"quitDialog"_s);
    setAccessibleName(windowTitle());
    setMinimumWidth(520);
    QStringList lines;
    lines << tr("Open positions: %1.").arg(snapshot.account.positions.size());
    lines << QString();
    lines << (snapshot.guard.arming == core::risk::Arming::Armed
                  ? tr("Ends with this program: breakers, alerts and auto-close, which is armed now.")
                  : tr("Ends with this program: breakers and alerts."));
    std::size_t resting = 0;
    for (const auto &order : snapshot.account.openOrders)
        resting += order.reduceOnly == core::ReduceOnly::Yes ? 1U : 0U;
    lines << tr("Reduce-only orders that stay at %1: %2.")
                 .arg(format::Words::venue(snapshot.venue))
                 .arg(resting);
    m_text = lines.join(u'\n');

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(14);
    auto *title = new QLabel(tr("Quit and leave the positions unwatched?"), this);
    title->setStyleSheet(u"font-size: 15px; font-weight: 600;"_s);
    auto *body = new QLabel(m_text, this);
    body->setWordWrap(true);
    column->addWidget(title);
    column->addWidget(body, 1);
    auto *row = new QHBoxLayout;
    auto *quit = new QPushButton(tr("Quit, stop watching"), this);
    auto *stay = new QPushButton(tr("Stay"), this);
    quit->setObjectName(u"quitAnyway"_s);
    quit->setAutoDefault(false);
    stay->setDefault(true);
    row->addStretch(1);
    row->addWidget(quit);
    row->addWidget(stay);
    column->addLayout(row);
    stay->setFocus();
    connect(stay, &QPushButton::clicked, this, &QDialog::reject);
    connect(quit, &QPushButton::clicked, this, &QDialog::accept);
}

} // namespace ui::shell
