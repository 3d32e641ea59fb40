#pragma once

#include <QtWidgets/QDialog>

#include "core/runtime/accounts.h"
#include "ui/shell/account_form.h"

class QLabel;
class QLineEdit;
class QPushButton;
class QTableWidget;

namespace ui::shell
{

/// Add, test and remove accounts. "Test" connects and shows what the key can do; adding tests first, and a key that may
/// withdraw is not kept. Where the machine has no key store, the passphrase of the sealed file is asked here. Gui thread;
/// `accounts` outlives it.
class AccountsDialog final : public QDialog
{
    Q_OBJECT

public:
    AccountsDialog(core::runtime::Accounts &accounts, QWidget *parent);

    /// What the label under the buttons says now.
    [[nodiscard]] QString outcome() const;

private:
    void buildList();
    void buildForm();
    void buildPassphrase();
    void refresh();
    void refreshButtons();
    void unlock();
    void add();
    void testTyped();
    void testChosen();
    void removeChosen();
    void busy(const QString &sentence);
    void say(const QString &sentence, bool good);
    void showRights(const QString &label, const core::Result<core::ports::KeyRights> &rights);
    [[nodiscard]] std::string chosenLabel() const;

    core::runtime::Accounts &m_accounts;
    QTableWidget *m_table{nullptr};
    QPushButton *m_test{nullptr};
    QPushButton *m_remove{nullptr};
    AccountForm *m_form{nullptr};
    QPushButton *m_testTyped{nullptr};
    QPushButton *m_add{nullptr};
    QWidget *m_passphraseBox{nullptr};
    QLabel *m_passphraseText{nullptr};
    QLineEdit *m_passphrase{nullptr};
    QPushButton *m_unlock{nullptr};
    QLabel *m_outcome{nullptr};
    std::string m_removing; ///< label that the next press on Remove removes
    bool m_waiting{false};
};

} // namespace ui::shell
