#include "ui/shell/accounts_dialog.h"

#include <QtCore/QPointer>
#include <QtWidgets/QGroupBox>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTableWidget>
#include <QtWidgets/QVBoxLayout>

#include "ui/format/format.h"
#include "ui/format/words.h"

using namespace Qt::StringLiterals;

namespace ui::shell
{

using core::ports::KeyRights;
using core::runtime::KeyPlace;
using core::secrets::AccountProfile;
using core::secrets::Environment;
using core::secrets::KeyType;

namespace
{
class Sentences
{
    Q_DECLARE_TR_FUNCTIONS(ui::shell::AccountsDialog)

public:
    static QString keyType(KeyType type)
    {
        switch (type) {
        case KeyType::Hmac:
            return tr("HMAC");
        case KeyType::Ed25519:
            return tr("Ed25519");
        case KeyType::Agent:
            return tr("agent");
        }
        return {};
    }
    static QString right(const QString &what, const std::optional<bool> &value)
    {
        if (!value)
            return tr("%1: the venue does not say").arg(what);
        return *value ? tr("%1: yes").arg(what) : tr("%1: no").arg(what);
    }
    static QString rights(const KeyRights &rights)
    {
        QStringList lines{right(tr("Read"), rights.reads), right(tr("Trade"), rights.trades),
                          right(tr("Withdraw"), rights.withdraws),
                          right(tr("Restricted to an address"), rights.restrictedToAddress)};
        if (rights.expires)
            lines << tr("Ends: %1").arg(format::iso(*rights.expires));
        if (!rights.signer.empty())
            lines << tr("Signs as: %1").arg(format::text(rights.signer));
        for (const std::string &remark : rights.remarks)
            lines << format::text(remark);
        return lines.join(u'\n');
    }
    /// The cause in the program's words, with what to do; the detail is English.
    static QString error(const core::Error &error)
    {
        return tr("Not done: %1").arg(format::text(error.detail));
    }
};
} // namespace

AccountsDialog::AccountsDialog(core::runtime::Accounts &accounts, QWidget *parent)
    : QDialog(parent), m_accounts(accounts)
{
    setWindowTitle(tr("Accounts"));
    setObjectName(u"accountsDialog"_s);
    setAccessibleName(windowTitle());
    setMinimumWidth(640);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(12);
    buildPassphrase();
    buildList();
    buildForm();
    m_outcome = new QLabel(this);
    m_outcome->setObjectName(u"accountsOutcome"_s);
    m_outcome->setWordWrap(true);
    m_outcome->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_outcome);
    auto *close = new QPushButton(tr("Close"), this);
    close->setAutoDefault(false);
    auto *row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(close);
    column->addLayout(row);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    connect(this, &QDialog::finished, m_form, &AccountForm::clear); // no key stays in a field
    connect(&m_accounts, &core::runtime::Accounts::changed, this, &AccountsDialog::refresh);
    refresh();
}

QString AccountsDialog::outcome() const
{
    return m_outcome->text();
}

void AccountsDialog::buildPassphrase()
{
    m_passphraseBox = new QGroupBox(tr("Where keys are kept"), this);
    auto *box = new QVBoxLayout(m_passphraseBox);
    m_passphraseText = new QLabel(m_passphraseBox);
    m_passphraseText->setWordWrap(true);
    m_passphrase = new QLineEdit(m_passphraseBox);
    m_passphrase->setObjectName(u"passphrase"_s);
    m_passphrase->setAccessibleName(tr("Passphrase"));
    m_passphrase->setEchoMode(QLineEdit::Password);
    m_unlock = new QPushButton(m_passphraseBox);
    m_unlock->setObjectName(u"unlock"_s);
    m_unlock->setAutoDefault(false);
    auto *row = new QHBoxLayout;
    row->addWidget(m_passphrase, 1);
    row->addWidget(m_unlock);
    box->addWidget(m_passphraseText);
    box->addLayout(row);
    layout()->addWidget(m_passphraseBox);
    connect(m_unlock, &QPushButton::clicked, this, &AccountsDialog::unlock);
    connect(m_passphrase, &QLineEdit::returnPressed, this, &AccountsDialog::unlock);
}

void AccountsDialog::buildList()
{
    m_table = new QTableWidget(0, 4, this);
    m_table->setObjectName(u"accountsTable"_s);
    m_table->setAccessibleName(tr("Accounts"));
    m_table->setHorizontalHeaderLabels({tr("Name"), tr("Venue"), tr("Environment"), tr("Key")});
    m_table->verticalHeader()->hide();
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->setMinimumHeight(120);
    layout()->addWidget(m_table);
    m_test = new QPushButton(tr("Test: what can this key do?"), this);
    m_test->setObjectName(u"testStored"_s);
    m_remove = new QPushButton(tr("Remove…"), this);
    m_remove->setObjectName(u"removeAccount"_s);
    auto *row = new QHBoxLayout;
    for (QPushButton *button : {m_test, m_remove}) {
        button->setAutoDefault(false);
        row->addWidget(button);
    }
    row->addStretch(1);
    static_cast<QVBoxLayout *>(layout())->addLayout(row);
    connect(m_test, &QPushButton::clicked, this, &AccountsDialog::testChosen);
    connect(m_remove, &QPushButton::clicked, this, &AccountsDialog::removeChosen);
    connect(m_table, &QTableWidget::itemSelectionChanged, this, [this] {
        m_removing.clear();
        refreshButtons();
    });
}

void AccountsDialog::buildForm()
{
    auto *group = new QGroupBox(tr("Add an account"), this);
    auto *box = new QVBoxLayout(group);
    m_form = new AccountForm(group);
    box->addWidget(m_form);
    m_testTyped = new QPushButton(tr("Test"), group);
    m_testTyped->setObjectName(u"testTyped"_s);
    m_add = new QPushButton(tr("Test and add"), group);
    m_add->setObjectName(u"addAccount"_s);
    auto *row = new QHBoxLayout;
    row->addStretch(1);
    for (QPushButton *button : {m_testTyped, m_add}) {
        button->setAutoDefault(false);
        row->addWidget(button);
    }
    box->addLayout(row);
    layout()->addWidget(group);
    connect(m_form, &AccountForm::edited, this, &AccountsDialog::refreshButtons);
    connect(m_testTyped, &QPushButton::clicked, this, &AccountsDialog::testTyped);
    connect(m_add, &QPushButton::clicked, this, &AccountsDialog::add);
}

void AccountsDialog::refresh()
{
    const std::string chosen = chosenLabel();
    m_table->setRowCount(0);
    for (const AccountProfile &account : m_accounts.accounts()) {
        const int row = m_table->rowCount();
        m_table->insertRow(row);
        const QStringList cells{QString::fromStdString(account.label), format::Words::venue(account.venue),
                                account.environment == Environment::Testnet ? tr("TESTNET") : tr("production"),
                                Sentences::keyType(account.keyType)};
        for (int i = 0; i < cells.size(); ++i)
            m_table->setItem(row, i, new QTableWidgetItem(cells.at(i)));
        if (account.label == chosen)
            m_table->selectRow(row);
    }
    const KeyPlace place = m_accounts.keyPlace();
    const bool needed = place == KeyPlace::NewSealedFile || place == KeyPlace::LockedFile;
    m_passphraseText->setText(
        place == KeyPlace::SystemStore ? tr("Keys go to this system's key store.")
        : place == KeyPlace::OpenFile  ? tr("Keys go to the sealed file of the data directory. It is open.")
        : place == KeyPlace::LockedFile
            ? tr("Keys are in a sealed file. Its passphrase opens it; nobody can recover a lost one.")
        : place == KeyPlace::NewSealedFile
            ? tr("This system offers no key store. Choose a passphrase of at least 8 characters: keys will be sealed with "
                 "it in a file that opens on this machine only. Nobody can recover a lost one.")
            : tr("Looking for this system's key store…"));
    m_passphrase->setVisible(needed);
    m_unlock->setVisible(needed);
    m_unlock->setText(place == KeyPlace::LockedFile ? tr("Open") : tr("Make the sealed file"));
    refreshButtons();
}

void AccountsDialog::refreshButtons()
{
    const KeyPlace place = m_accounts.keyPlace();
    const bool reachable = place == KeyPlace::SystemStore || place == KeyPlace::OpenFile;
    const bool chosen = !chosenLabel().empty();
    m_test->setEnabled(chosen && reachable && !m_waiting);
    m_remove->setEnabled(chosen && reachable && !m_waiting);
    m_remove->setText(!m_removing.empty() && m_removing == chosenLabel() ? tr("Remove for good") : tr("Remove…"));
    m_testTyped->setEnabled(m_form->isComplete() && !m_waiting);
    m_add->setEnabled(m_form->isComplete() && reachable && !m_waiting);
    m_add->setToolTip(reachable ? QString() : tr("A place for the key is needed first: see above."));
}

std::string AccountsDialog::chosenLabel() const
{
    const auto rows = m_table->selectionModel()->selectedRows();
    return rows.isEmpty() ? std::string() : m_table->item(rows.first().row(), 0)->text().toStdString();
}

void AccountsDialog::busy(const QString &sentence)
{
    m_waiting = true;
    m_outcome->setText(sentence);
    refreshButtons();
}

void AccountsDialog::say(const QString &sentence, bool good)
{
    m_waiting = false;
    m_outcome->setProperty("good", good);
    m_outcome->setText(sentence);
    refreshButtons();
}

void AccountsDialog::showRights(const QString &label, const core::Result<KeyRights> &rights)
{
    if (rights)
        say(tr("%1 is connected. This key can:\n%2").arg(label, Sentences::rights(*rights)), true);
    else
        say(Sentences::error(rights.error()), false);
}

void AccountsDialog::unlock()
{
    QByteArray typed = m_passphrase->text().toUtf8();
    m_passphrase->clear();
    const core::net::Secret passphrase(std::string_view(typed.constData(), static_cast<std::size_t>(typed.size())));
    typed.fill('\0');
    const auto opened = m_accounts.unlock(passphrase);
    say(opened ? tr("The sealed key file is open.") : Sentences::error(opened.error()), opened.has_value());
    refresh();
}

void AccountsDialog::testTyped()
{
    const AccountProfile profile = m_form->profile();
    const QString label = QString::fromStdString(profile.label);
    busy(tr("Connecting as %1…").arg(label));
    m_accounts.test(profile, m_form->keys(),
                    [self = QPointer(this), label](const core::Result<KeyRights> &rights) {
                        if (self)
                            self->showRights(label, rights);
                    });
}

void AccountsDialog::add()
{
    const AccountProfile profile = m_form->profile();
    const QString label = QString::fromStdString(profile.label);
    busy(tr("Connecting as %1…").arg(label));
    m_accounts.add(profile, m_form->keys(), [self = QPointer(this), label](const core::Result<KeyRights> &rights) {
        if (!self)
            return;
        if (rights)
            self->m_form->clear();
        self->showRights(label, rights);
    });
}

void AccountsDialog::testChosen()
{
    const std::string label = chosenLabel();
    busy(tr("Connecting as %1…").arg(QString::fromStdString(label)));
    m_accounts.testStored(label, [self = QPointer(this), label](const core::Result<KeyRights> &rights) {
        if (self)
            self->showRights(QString::fromStdString(label), rights);
    });
}

void AccountsDialog::removeChosen()
{
    const std::string label = chosenLabel();
    if (m_removing != label) { // asked for once; the same button, pressed again, does it
        m_removing = label;
        say(tr("Removing %1 deletes its key here. The venue keeps the key until you delete it there. Press again to remove.")
                .arg(QString::fromStdString(label)),
            false);
        return;
    }
    m_removing.clear();
    m_accounts.remove(label, [self = QPointer(this), label](const core::Result<void> &removed) {
        if (self)
            self->say(removed ? tr("%1 has been removed.").arg(QString::fromStdString(label))
                              : Sentences::error(removed.error()),
                      removed.has_value());
    });
}

} // namespace ui::shell
