#include "ui/shell/limits_dialog.h"

#include <QtWidgets/QComboBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTreeWidget>
#include <QtWidgets/QVBoxLayout>

#include "ui/controls/screen_fit.h"
#include "ui/controls/wrapped_text.h"
#include "ui/format/words.h"
#include "ui/models/limits_past.h"
#include "ui/models/limits_words.h"

using namespace Qt::StringLiterals;

namespace ui::shell
{

using core::risk::Limits;
using core::runtime::TerminalSnapshot;

namespace
{

enum Column { Name, Value, Note, Columns };
constexpr int kPathRole = Qt::UserRole + 1;
constexpr int kAllAccounts = -1;

QString pathOf(const QTreeWidgetItem *item)
{
    return item->data(Name, kPathRole).toString();
}

} // namespace

LimitsDialog::LimitsDialog(const theme::Theme &theme, QWidget *parent)
    : QDialog(parent), m_theme(theme), m_accounts(new QComboBox(this)), m_presets(new QComboBox(this)),
      m_tree(new QTreeWidget(this)), m_problem(new QLabel(this)), m_changes(new QPlainTextEdit(this)),
      m_now(new QLabel(this)), m_before(new QLabel(this)), m_reason(new QLineEdit(this)), m_save(new QPushButton(tr("Save"), this))
{
    setWindowTitle(tr("Risk limits"));
    setObjectName(u"limitsDialog"_s);
    setAccessibleName(windowTitle());
    controls::resizeToScreen(*this, {960, 820});
    auto *form = new QFormLayout;
    m_accounts->setObjectName(u"limitsAccount"_s);
    m_presets->setObjectName(u"limitsPreset"_s);
    m_presets->addItems({tr("As typed"), tr("Conservative"), tr("Standard"), tr("Prop firm")});
    m_reason->setObjectName(u"limitsReason"_s);
    m_reason->setPlaceholderText(tr("Why; kept with the version"));
    form->addRow(tr("Limits of"), m_accounts);
    form->addRow(tr("Start from"), m_presets);
    m_tree->setObjectName(u"limitsTree"_s);
    m_tree->setAccessibleName(tr("Limits"));
    m_tree->setColumnCount(Columns);
    m_tree->setHeaderLabels({tr("Limit"), tr("Value"), tr("Meaning")});
    m_tree->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_tree->header()->resizeSection(Name, 250);
    m_tree->header()->resizeSection(Value, 110);
    m_tree->setWordWrap(true);
    m_tree->setItemDelegate(new controls::WrappedText(*m_tree->header(), Note, m_tree));
    // Rows fit the width that the sentences have.
    connect(m_tree->header(), &QHeaderView::sectionResized, m_tree, &QTreeWidget::doItemsLayout);
    buildTexts();
    auto *column = new QVBoxLayout(this);
    column->addLayout(form);
    column->addWidget(m_tree, 1);
    column->addWidget(m_problem);
    column->addWidget(new QLabel(tr("What changes"), this));
    column->addWidget(m_changes);
    column->addWidget(new QLabel(tr("With today's numbers"), this));
    column->addWidget(m_now);
    column->addWidget(new QLabel(tr("With the last 90 days"), this));
    column->addWidget(m_before);
    column->addWidget(m_reason);
    auto *cancel = new QPushButton(tr("Cancel"), this);
    auto *row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(cancel);
    row->addWidget(m_save);
    column->addLayout(row);
    m_save->setObjectName(u"saveLimits"_s);
    for (QPushButton *button : {cancel, m_save})
        button->setAutoDefault(false);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_save, &QPushButton::clicked, this, [this] {
        emit saveRequested({.account = account(), .limits = m_edit->wanted(), .by = "user", .reason = m_reason->text().toStdString()});
        accept();
    });
    connect(m_accounts, &QComboBox::activated, this, &LimitsDialog::chooseAccount);
    connect(m_presets, &QComboBox::activated, this, &LimitsDialog::choosePreset);
    connect(m_reason, &QLineEdit::textChanged, this, &LimitsDialog::refresh);
    connect(m_tree, &QTreeWidget::itemChanged, this, &LimitsDialog::onItemChanged);
    connect(m_tree, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem *item) {
        if (!pathOf(item).isEmpty())
            m_tree->editItem(item, Value); // only the value can be typed
    });
}

void LimitsDialog::buildTexts()
{
    m_changes->setReadOnly(true);
    m_changes->setMaximumHeight(72);
    m_changes->setTabChangesFocus(true);
    m_changes->setAccessibleName(tr("What changes"));
    m_problem->setWordWrap(true);
    m_problem->setStyleSheet(u"color: %1; font-weight: 600;"_s.arg(m_theme.tokens().warn.name()));
    for (QLabel *label : {m_now, m_before}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
    }
    m_before->setObjectName(u"limitsPast"_s);
}

std::optional<core::Venue> LimitsDialog::account() const
{
    const int value = m_accounts->currentData().toInt();
    return value == kAllAccounts ? std::nullopt : std::optional(static_cast<core::Venue>(value));
}

void LimitsDialog::begin(const TerminalSnapshot &snapshot)
{
    m_snapshot = std::make_shared<const TerminalSnapshot>(snapshot);
    m_accounts->clear();
    for (const auto &view : snapshot.guard.accounts)
        m_accounts->addItem(format::Words::venue(view.account), static_cast<int>(view.account));
    if (snapshot.guard.group)
        m_accounts->addItem(tr("All accounts together"), kAllAccounts);
    m_reason->clear();
    chooseAccount();
}

void LimitsDialog::chooseAccount()
{
    Limits holding;
    const auto venue = account();
    if (!venue && m_snapshot->guard.group)
        holding = *m_snapshot->guard.group;
    for (const auto &view : m_snapshot->guard.accounts) {
        if (venue && view.account == *venue)
            holding = view.limits;
    }
    m_edit = std::make_unique<models::LimitsEdit>(std::move(holding));
    m_presets->setCurrentIndex(0);
    m_presets->setEnabled(venue.has_value());
    fill();
}

void LimitsDialog::choosePreset(int index)
{
    using core::risk::Preset;
    if (index == 0)
        m_edit->usePreset(m_edit->holding());
    else
        m_edit->usePreset(core::risk::presetLimits(static_cast<Preset>(index - 1)));
    fill();
}

QTreeWidgetItem *LimitsDialog::group(const QString &name)
{
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i) {
        if (m_tree->topLevelItem(i)->text(Name) == name)
            return m_tree->topLevelItem(i);
    }
    auto *item = new QTreeWidgetItem(m_tree, {name});
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    item->setExpanded(true);
    item->setFirstColumnSpanned(true);
    return item;
}

void LimitsDialog::fill()
{
    m_filling = true;
    m_tree->clear();
    m_breakers.clear();
    for (const QString &name : models::limitGroups()) // in this order; those that stay empty go
        static_cast<void>(group(name));
    for (const auto &[path, value] : m_edit->values()) {
        const models::LimitWords words = models::limitWords(m_edit->wanted(), path);
        if (words.hidden)
            continue;
        QTreeWidgetItem *parent = group(words.group);
        if (!words.breaker.isEmpty()) {
            QTreeWidgetItem *&node = m_breakers[path.substr(0, path.find(']') + 1)];
            if (node == nullptr) {
                node = new QTreeWidgetItem(parent, {words.breaker});
                node->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
            }
            parent = node;
        }
        auto *item = new QTreeWidgetItem(parent, {words.name, QString::fromStdString(value), words.meaning});
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsEditable);
        item->setData(Name, kPathRole, QString::fromStdString(path));
    }
    for (int i = m_tree->topLevelItemCount() - 1; i >= 0; --i) {
        if (m_tree->topLevelItem(i)->childCount() == 0)
            delete m_tree->takeTopLevelItem(i);
    }
    m_filling = false;
    refresh();
    refreshPast();
}

void LimitsDialog::onItemChanged(QTreeWidgetItem *item, int column)
{
    if (m_filling || column != Value || pathOf(item).isEmpty())
        return;
    m_edit->setValue(pathOf(item).toStdString(), item->text(Value).trimmed().toStdString());
    refresh();
    refreshPast();
}

void LimitsDialog::refresh()
{
    if (!m_edit || !m_snapshot)
        return;
    m_filling = true;
    const QBrush wrong(m_theme.tokens().warn);
    for (QTreeWidgetItemIterator it(m_tree); *it != nullptr; ++it) {
        QTreeWidgetItem *item = *it;
        if (pathOf(item).isEmpty())
            continue;
        const std::string path = pathOf(item).toStdString();
        const QString error = m_edit->errorOf(path);
        item->setText(Note, error.isEmpty() ? models::limitWords(m_edit->wanted(), path).meaning : tr("✕ %1").arg(error));
        item->setForeground(Note, error.isEmpty() ? QBrush(m_theme.tokens().textSecondary) : wrong);
    }
    m_filling = false;
    QStringList problems;
    for (const auto &error : m_edit->errors())
        problems << tr("%1 %2").arg(QString::fromStdString(error.field), QString::fromStdString(error.rule));
    m_problem->setText(problems.join(u'\n'));
    m_problem->setVisible(!problems.isEmpty());
    const QStringList changes = models::LimitsTexts::changes(*m_edit, m_snapshot->at);
    m_changes->setPlainText(changes.isEmpty() ? tr("Nothing.") : changes.join(u'\n'));
    m_now->setText(models::LimitsTexts::now(m_snapshot->guard, account(), m_edit->wanted()).join(u'\n'));
    const bool reasoned = !m_reason->text().trimmed().isEmpty();
    m_save->setEnabled(m_edit->canSave() && reasoned);
    m_save->setToolTip(!problems.isEmpty() ? problems.join(u'\n')
                       : !m_edit->canSave() ? tr("Nothing differs from what holds.")
                       : !reasoned          ? tr("Say why: the reason is kept with the version.")
                                            : QString());
}

void LimitsDialog::showSnapshot(const TerminalSnapshot &snapshot)
{
    m_snapshot = std::make_shared<const TerminalSnapshot>(snapshot);
    if (m_edit)
        m_now->setText(models::LimitsTexts::now(snapshot.guard, account(), m_edit->wanted()).join(u'\n'));
}

void LimitsDialog::showPast(std::shared_ptr<const core::runtime::Past> past)
{
    if (past == m_past)
        return;
    m_past = std::move(past);
    if (m_edit)
        refreshPast();
}

void LimitsDialog::refreshPast()
{
    const models::LimitsPast past(m_past.get(), account(), m_edit->wanted());
    m_before->setText(past.summary());
    m_filling = true;
    const auto &breakers = m_edit->wanted().breakers;
    for (std::size_t i = 0; i < breakers.size(); ++i) {
        const auto node = m_breakers.find("breaker[" + std::to_string(i) + ']');
        if (node == m_breakers.end())
            continue;
        node->second->setText(Note, past.of(breakers[i]));
        node->second->setForeground(Note, QBrush(m_theme.tokens().textSecondary));
    }
    m_filling = false;
}

QString LimitsDialog::pastText() const
{
    return m_before->text();
}

QString LimitsDialog::changesText() const
{
    return m_changes->toPlainText();
}

QString LimitsDialog::nowText() const
{
    return m_now->text();
}

} // namespace ui::shell
