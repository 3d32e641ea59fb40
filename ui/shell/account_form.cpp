#include "ui/shell/account_form.h"

#include <QtWidgets/QComboBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPlainTextEdit>

using namespace Qt::StringLiterals;

namespace ui::shell
{

using core::secrets::AccountProfile;
using core::secrets::Environment;
using core::secrets::KeyType;

namespace
{
core::net::Secret secretOf(QByteArray bytes)
{
    core::net::Secret secret(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
    bytes.fill('\0');
    return secret;
}
} // namespace

AccountForm::AccountForm(QWidget *parent) : QWidget(parent), m_rows(new QFormLayout(this))
{
    m_rows->setContentsMargins(0, 0, 0, 0);
    m_label = line(u"accountLabel"_s, tr("Name"), tr("for you: main, test, …"));
    m_venue = new QComboBox(this);
    m_venue->setObjectName(u"accountVenue"_s);
    m_venue->addItem(tr("Binance USD-M Futures"), static_cast<int>(core::Venue::Binance));
    m_venue->addItem(tr("Hyperliquid"), static_cast<int>(core::Venue::Hyperliquid));
    m_rows->addRow(tr("Venue"), m_venue);
    m_environment = new QComboBox(this);
    m_environment->setObjectName(u"accountEnvironment"_s);
    m_environment->addItem(tr("Production: real money"), static_cast<int>(Environment::Production));
    m_environment->addItem(tr("Testnet: play money"), static_cast<int>(Environment::Testnet));
    m_rows->addRow(tr("Environment"), m_environment);
    m_keyType = new QComboBox(this);
    m_keyType->setObjectName(u"accountKeyType"_s);
    m_keyType->addItem(tr("HMAC (system-generated)"), static_cast<int>(KeyType::Hmac));
    m_keyType->addItem(tr("Ed25519 (self-generated)"), static_cast<int>(KeyType::Ed25519));
    m_rows->addRow(tr("Kind of key"), m_keyType);
    m_apiKey = line(u"accountApiKey"_s, tr("API key"), {});
    m_secret = line(u"accountSecret"_s, tr("Secret"), {});
    m_privateKey = new QPlainTextEdit(this);
    m_privateKey->setObjectName(u"accountPrivateKey"_s);
    m_privateKey->setPlaceholderText(u"-----BEGIN PRIVATE KEY-----"_s);
    m_privateKey->setFixedHeight(84);
    m_rows->addRow(tr("Private key"), m_privateKey);
    m_address = line(u"accountAddress"_s, tr("Account address"), tr("0x… of the account, never of the agent"));
    m_vault = line(u"accountVault"_s, tr("Sub-account"), tr("optional: 0x…"));
    m_agentKey = line(u"accountAgentKey"_s, tr("Agent's private key"), {});
    m_advice = new QLabel(this);
    m_advice->setObjectName(u"accountAdvice"_s);
    m_advice->setWordWrap(true);
    m_advice->setMinimumHeight(2 * fontMetrics().lineSpacing() + 6); // a form row does not ask for the height of wrapped lines
    m_rows->addRow(m_advice);
    for (QLineEdit *hidden : {m_apiKey, m_secret, m_agentKey})
        hidden->setEchoMode(QLineEdit::Password);
    for (QComboBox *box : {m_venue, m_environment, m_keyType}) {
        connect(box, &QComboBox::currentIndexChanged, this, [this] {
            showFieldsOfVenue();
            emit edited();
        });
    }
    connect(m_privateKey, &QPlainTextEdit::textChanged, this, &AccountForm::edited);
    showFieldsOfVenue();
}

QLineEdit *AccountForm::line(const QString &name, const QString &label, const QString &hint)
{
    auto *edit = new QLineEdit(this);
    edit->setObjectName(name);
    edit->setAccessibleName(label);
    edit->setPlaceholderText(hint);
    m_rows->addRow(label, edit);
    connect(edit, &QLineEdit::textEdited, this, &AccountForm::edited);
    return edit;
}

bool AccountForm::isHyperliquid() const
{
    return m_venue->currentData().toInt() == static_cast<int>(core::Venue::Hyperliquid);
}

bool AccountForm::isEd25519() const
{
    return !isHyperliquid() && m_keyType->currentData().toInt() == static_cast<int>(KeyType::Ed25519);
}

void AccountForm::showFieldsOfVenue()
{
    const bool hyperliquid = isHyperliquid();
    const auto show = [this](QWidget *field, bool visible) {
        field->setVisible(visible);
        m_rows->labelForField(field)->setVisible(visible);
    };
    show(m_keyType, !hyperliquid);
    show(m_apiKey, !hyperliquid);
    show(m_secret, !hyperliquid && !isEd25519());
    show(m_privateKey, isEd25519());
    show(m_address, hyperliquid);
    show(m_vault, hyperliquid);
    show(m_agentKey, hyperliquid);
    m_advice->setText(hyperliquid ? tr("Use an agent (API wallet) that your account has approved. An agent can trade and "
                                       "cannot withdraw. Never enter the wallet's own key.")
                                  : tr("Give the key reading and futures trading, nothing else, and restrict it to your "
                                       "address. A key that may withdraw is refused."));
}

AccountProfile AccountForm::profile() const
{
    AccountProfile profile{.label = m_label->text().trimmed().toStdString(), .address = {}, .vaultAddress = {}};
    profile.venue = isHyperliquid() ? core::Venue::Hyperliquid : core::Venue::Binance;
    profile.environment = static_cast<Environment>(m_environment->currentData().toInt());
    profile.keyType = isHyperliquid() ? KeyType::Agent : isEd25519() ? KeyType::Ed25519 : KeyType::Hmac;
    if (isHyperliquid()) {
        profile.address = m_address->text().trimmed().toLower().toStdString();
        profile.vaultAddress = m_vault->text().trimmed().toLower().toStdString();
    }
    return profile;
}

core::runtime::AccountKeys AccountForm::keys() const
{
    core::runtime::AccountKeys keys;
    if (isHyperliquid()) {
        keys.secret = secretOf(m_agentKey->text().trimmed().toUtf8());
    } else {
        keys.apiKey = secretOf(m_apiKey->text().trimmed().toUtf8());
        keys.secret = secretOf(isEd25519() ? m_privateKey->toPlainText().toUtf8() : m_secret->text().trimmed().toUtf8());
    }
    return keys;
}

bool AccountForm::isComplete() const
{
    if (m_label->text().trimmed().isEmpty())
        return false;
    if (isHyperliquid())
        return !m_address->text().isEmpty() && !m_agentKey->text().isEmpty();
    return !m_apiKey->text().isEmpty() &&
           !(isEd25519() ? m_privateKey->toPlainText().isEmpty() : m_secret->text().isEmpty());
}

void AccountForm::clear()
{
    for (QLineEdit *edit : {m_label, m_apiKey, m_secret, m_address, m_vault, m_agentKey})
        edit->clear();
    m_privateKey->clear();
    emit edited();
}

} // namespace ui::shell
