#include "tests/ui/fake_accounts.h"
#include "ui/shell/accounts_dialog.h"

#include <QtWidgets/QComboBox>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTableWidget>

using namespace core;
using namespace core::runtime;
using tests::FakeAccounts;
using namespace Qt::StringLiterals;

namespace
{
void type(QWidget &dialog, const QString &name, const QString &text)
{
    auto *edit = dialog.findChild<QLineEdit *>(name);
    QVERIFY(edit != nullptr);
    edit->clear();
    QTest::keyClicks(edit, text);
}

void fillBinance(QWidget &dialog)
{
    type(dialog, u"accountLabel"_s, u"main"_s);
    type(dialog, u"accountApiKey"_s, u"KEY"_s);
    type(dialog, u"accountSecret"_s, u"s3cr3t-canary"_s);
}

QPushButton *button(QWidget &dialog, const QString &name)
{
    return dialog.findChild<QPushButton *>(name);
}
} // namespace

class TestAccountsDialog : public QObject
{
    Q_OBJECT

private slots:
    void addsAnAccountAfterItsTestAndForgetsTheKey()
    {
        FakeAccounts accounts;
        accounts.rights = ports::KeyRights{.reads = true, .trades = true, .withdraws = false, .restrictedToAddress = {},
                                           .expires = {}, .signer = {}, .remarks = {}};
        ui::shell::AccountsDialog dialog(accounts, nullptr);
        dialog.show();
        QVERIFY(!button(dialog, u"addAccount"_s)->isEnabled());
        fillBinance(dialog);
        QVERIFY(button(dialog, u"addAccount"_s)->isEnabled());
        button(dialog, u"addAccount"_s)->click();
        QCOMPARE(accounts.calls, QStringList{u"add main"_s});
        QCOMPARE(QString::fromStdString(accounts.secretSeen), u"s3cr3t-canary"_s);
        QVERIFY(dialog.outcome().contains(u"Withdraw: no"_s));
        QVERIFY(dialog.outcome().contains(u"Restricted to an address: the venue does not say"_s));
        QCOMPARE(dialog.findChild<QTableWidget *>()->rowCount(), 1);
        QVERIFY(dialog.findChild<QLineEdit *>(u"accountSecret"_s)->text().isEmpty());
    }

    void aRefusedKeyIsNotAddedAndMayBeCorrected()
    {
        FakeAccounts accounts;
        accounts.rights = fail(ErrorCode::Unauthorized, "this key may withdraw money, and is not used");
        ui::shell::AccountsDialog dialog(accounts, nullptr);
        dialog.show();
        fillBinance(dialog);
        button(dialog, u"addAccount"_s)->click();
        QCOMPARE(dialog.findChild<QTableWidget *>()->rowCount(), 0);
        QVERIFY(dialog.outcome().contains(u"may withdraw"_s));
        QVERIFY(!dialog.outcome().contains(u"canary"_s));
        QVERIFY(!dialog.findChild<QLineEdit *>(u"accountSecret"_s)->text().isEmpty());
        dialog.accept();
        QVERIFY(dialog.findChild<QLineEdit *>(u"accountSecret"_s)->text().isEmpty());
    }

    void hyperliquidAsksForAddressAndAgentKeyOnly()
    {
        FakeAccounts accounts;
        ui::shell::AccountsDialog dialog(accounts, nullptr);
        dialog.show();
        dialog.findChild<QComboBox *>(u"accountVenue"_s)->setCurrentIndex(1);
        QVERIFY(!dialog.findChild<QLineEdit *>(u"accountApiKey"_s)->isVisible());
        QVERIFY(dialog.findChild<QLineEdit *>(u"accountAgentKey"_s)->isVisible());
        type(dialog, u"accountLabel"_s, u"hl"_s);
        type(dialog, u"accountAddress"_s, u"0x14791697260E4c9A71f18484C9f997B308e59325"_s);
        type(dialog, u"accountAgentKey"_s, u"0xabc"_s);
        button(dialog, u"addAccount"_s)->click();
        QCOMPARE(accounts.list.size(), std::size_t{1});
        QCOMPARE(QString::fromStdString(accounts.list[0].address), u"0x14791697260e4c9a71f18484c9f997b308e59325"_s);
        QVERIFY(accounts.list[0].keyType == secrets::KeyType::Agent);
    }

    void anEd25519KeyIsPastedAsText()
    {
        FakeAccounts accounts;
        ui::shell::AccountsDialog dialog(accounts, nullptr);
        dialog.show();
        type(dialog, u"accountLabel"_s, u"ed"_s);
        type(dialog, u"accountApiKey"_s, u"KEY"_s);
        dialog.findChild<QComboBox *>(u"accountKeyType"_s)->setCurrentIndex(1);
        auto *pem = dialog.findChild<QPlainTextEdit *>(u"accountPrivateKey"_s);
        QVERIFY(pem->isVisible());
        pem->setPlainText(u"-----BEGIN PRIVATE KEY-----\nMC4\n-----END PRIVATE KEY-----"_s);
        button(dialog, u"testTyped"_s)->click();
        QCOMPARE(accounts.calls, QStringList{u"test ed"_s});
        QVERIFY(accounts.secretSeen.starts_with("-----BEGIN"));
    }

    void withoutAKeyStoreAPassphraseIsAskedFirst()
    {
        FakeAccounts accounts;
        accounts.place = KeyPlace::LockedFile;
        ui::shell::AccountsDialog dialog(accounts, nullptr);
        dialog.show();
        fillBinance(dialog);
        QVERIFY(!button(dialog, u"addAccount"_s)->isEnabled());
        QVERIFY(dialog.findChild<QLineEdit *>(u"passphrase"_s)->isVisible());
        type(dialog, u"passphrase"_s, u"wrong"_s);
        button(dialog, u"unlock"_s)->click();
        QVERIFY(dialog.outcome().contains(u"does not open"_s));
        type(dialog, u"passphrase"_s, u"open sesame"_s);
        button(dialog, u"unlock"_s)->click();
        QVERIFY(!dialog.findChild<QLineEdit *>(u"passphrase"_s)->isVisible());
        QVERIFY(button(dialog, u"addAccount"_s)->isEnabled());
    }

    void removingTakesASecondPress()
    {
        FakeAccounts accounts;
        accounts.list.push_back({.label = "old", .address = {}, .vaultAddress = {}});
        ui::shell::AccountsDialog dialog(accounts, nullptr);
        dialog.show();
        dialog.findChild<QTableWidget *>()->selectRow(0);
        button(dialog, u"testStored"_s)->click();
        button(dialog, u"removeAccount"_s)->click();
        QCOMPARE(accounts.list.size(), std::size_t{1});
        button(dialog, u"removeAccount"_s)->click();
        QVERIFY(accounts.list.empty());
        QCOMPARE(accounts.calls, (QStringList{u"stored old"_s, u"remove old"_s}));
    }

    void aTestnetAccountIsMarked()
    {
        FakeAccounts accounts;
        accounts.list.push_back({.label = "play", .environment = secrets::Environment::Testnet, .address = {}, .vaultAddress = {}});
        ui::shell::AccountsDialog dialog(accounts, nullptr);
        QCOMPARE(dialog.findChild<QTableWidget *>()->item(0, 2)->text(), u"TESTNET"_s);
    }
};

QTEST_MAIN(TestAccountsDialog)
#include "tst_accounts_dialog.moc"
