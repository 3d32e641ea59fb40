#include "ui/shell/panic_dialog.h"

#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

#include "ui/controls/hold_button.h"
#include "ui/controls/screen_fit.h"
#include "ui/format/words.h"
#include "ui/models/panic_steps.h"

using namespace Qt::StringLiterals;

namespace ui::shell
{

QString panicScopeText(const PanicScope &scope)
{
    if (scope.instrument)
        return PanicDialog::tr("%1 on %2").arg(format::text(scope.instrument->symbol.view()),
                                               format::Words::venue(scope.instrument->venue));
    if (scope.venue)
        return PanicDialog::tr("every position on %1").arg(format::Words::venue(*scope.venue));
    return PanicDialog::tr("every position");
}

PanicDialog::PanicDialog(const theme::Theme &theme, QWidget *parent)
    : QDialog(parent), m_theme(theme), m_text(new QLabel(this)),
      m_hold(new controls::HoldButton(tr("HOLD TO FLATTEN"), theme, this))
{
    setWindowTitle(tr("Panic"));
    setObjectName(u"panicDialog"_s);
    setAccessibleName(windowTitle());
    setMinimumWidth(520);
    controls::resizeToScreen(*this, {560, 260});
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_hold->setObjectName(u"holdToFlatten"_s);
    auto *close = new QPushButton(tr("Close this window"), this);
    close->setAutoDefault(false);
    auto *row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(close);
    row->addWidget(m_hold);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->addWidget(controls::scrolled(m_text, this), 1);
    column->addLayout(row);
    connect(close, &QPushButton::clicked, this, &QDialog::hide);
    connect(m_hold, &controls::HoldButton::held, this, [this] { emit panicRequested(m_scope); });
}

void PanicDialog::choose(const PanicScope &scope, const core::runtime::TerminalSnapshot *snapshot)
{
    m_scope = scope;
    m_sentAt.reset();
    showSnapshot(snapshot);
    show();
    raise();
}

void PanicDialog::follow(const PanicScope &scope, const core::runtime::TerminalSnapshot *snapshot)
{
    m_scope = scope;
    m_sentAt = snapshot != nullptr ? snapshot->at : core::UtcTime{};
    showSnapshot(snapshot);
    setAttribute(Qt::WA_ShowWithoutActivating);
    show();
    raise();
}

void PanicDialog::showSnapshot(const core::runtime::TerminalSnapshot *snapshot)
{
    m_hold->setVisible(!m_sentAt);
    const QString what = panicScopeText(m_scope);
    QStringList lines;
    if (!m_sentAt) {
        lines << tr("Close %1 at market, reduce-only?").arg(what) << QString()
              << tr("Entry orders are cancelled first. Afterwards no new risk is let through until you release the lock.");
    } else if (snapshot != nullptr) {
        lines << tr("Panic: %1").arg(what) << QString()
              << models::panicSteps(*snapshot, m_scope.venue, m_scope.instrument, *m_sentAt);
    }
    const QString text = lines.join(u'\n');
    if (text != m_text->text())
        m_text->setText(text);
}

QString PanicDialog::text() const
{
    return m_text->text();
}

} // namespace ui::shell
