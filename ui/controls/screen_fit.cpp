#include "ui/controls/screen_fit.h"

#include <QtGui/QScreen>
#include <QtWidgets/QLabel>

namespace ui::controls
{

namespace
{
constexpr QSize kFrame{24, 64}; ///< title bar, borders, and a margin
} // namespace

void resizeToScreen(QWidget &dialog, QSize wanted)
{
    const QScreen *screen = dialog.screen();
    const QSize room = screen != nullptr ? screen->availableSize() - kFrame : wanted;
    dialog.setMaximumHeight(room.height() > 0 ? room.height() : wanted.height());
    dialog.resize(wanted.boundedTo(room));
}

QScrollArea *scrolled(QLabel *label, QWidget *parent)
{
    auto *scroll = new QScrollArea(parent);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setSizeAdjustPolicy(QAbstractScrollArea::AdjustToContents);
    label->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    label->setContentsMargins(6, 6, 6, 6);
    scroll->setWidget(label);
    return scroll;
}

} // namespace ui::controls
