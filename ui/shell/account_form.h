#pragma once

#include <QtWidgets/QWidget>

#include "core/runtime/accounts.h"

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;

namespace ui::shell
{

/// What describes a new account. Shows the fields of the chosen venue only; keys are hidden as they are typed and go
/// with `clear`.
class AccountForm final : public QWidget
{
    Q_OBJECT

public:
    explicit AccountForm(QWidget *parent);

    [[nodiscard]] core::secrets::AccountProfile profile() const;
    [[nodiscard]] core::runtime::AccountKeys keys() const;
    /// Enough is filled in to try it.
    [[nodiscard]] bool isComplete() const;
    void clear();

signals:
    void edited();

private:
    void showFieldsOfVenue();
    [[nodiscard]] bool isHyperliquid() const;
    [[nodiscard]] bool isEd25519() const;
    [[nodiscard]] QLineEdit *line(const QString &name, const QString &label, const QString &hint);

    QFormLayout *m_rows;
    QLineEdit *m_label;
    QComboBox *m_venue;
    QComboBox *m_environment;
    QComboBox *m_keyType;
    QLineEdit *m_apiKey;
    QLineEdit *m_secret;
    QPlainTextEdit *m_privateKey;
    QLineEdit *m_address;
    QLineEdit *m_vault;
    QLineEdit *m_agentKey;
    QLabel *m_advice;
};

} // namespace ui::shell
