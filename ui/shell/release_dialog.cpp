#include "ui/shell/release_dialog.h"

#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

using namespace Qt::StringLiterals;

namespace ui::shell
{

ReleaseDialog::ReleaseDialog(const models::LockoutLine &lockout, QWidget *parent)
    : QDialog(parent), m_word(new QLineEdit(this)), m_release(new QPushButton(tr("Release"), this))
{
    setWindowTitle(tr("Release a lock"));
    setObjectName(u"releaseDialog"_s);
    setAccessibleName(windowTitle());
    auto *text = new QLabel(tr("%1.\nFrom then on orders that add risk are let through again. Type RELEASE to end it.")
                                .arg(lockout.text),
                            this);
    text->setWordWrap(true);
    text->setTextFormat(Qt::PlainText);
    m_word->setObjectName(u"releaseWord"_s);
    m_word->setAccessibleName(tr("Type RELEASE"));
    m_release->setObjectName(u"releaseConfirm"_s);
    m_release->setEnabled(false);
    m_release->setAutoDefault(false);
    auto *cancel = new QPushButton(tr("Cancel"), this);
    cancel->setAutoDefault(false);
    auto *row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(cancel);
    row->addWidget(m_release);
    auto *column = new QVBoxLayout(this);
    column->addWidget(text);
    column->addWidget(m_word);
    column->addLayout(row);
    setTabOrder(m_word, cancel);
    setTabOrder(cancel, m_release);
    connect(m_word, &QLineEdit::textChanged, this,
            [this](const QString &word) { m_release->setEnabled(word == u"RELEASE"_s); });
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_release, &QPushButton::clicked, this, [this, id = lockout.id] {
        emit releaseConfirmed(id);
        accept();
    });
}

} // namespace ui::shell
