#pragma once

#include <memory>
#include <optional>

#include <QtWidgets/QDialog>

#include "core/runtime/snapshots.h"
#include "ui/models/ticket.h"
#include "ui/theme/theme.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace ui::controls
{
class HoldButton;
}

namespace ui::shell
{

/// One order before it is sent: size with every constraint, what it would mean, room of each limit after the fill. Sends after
/// a hold; what the guard refuses stands here in words. Nothing is filled in that was not measured or typed.
class OrderTicket final : public QDialog
{
    Q_OBJECT

public:
    OrderTicket(const theme::Theme &theme, QWidget *parent);
    void begin(const core::runtime::TerminalSnapshot &snapshot);
    void showSnapshot(const core::runtime::TerminalSnapshot &snapshot);
    /// The order has gone under this id: its answer is awaited.
    void sent(const std::string &id);
    [[nodiscard]] QString text() const;
    [[nodiscard]] QString outcome() const;
    [[nodiscard]] controls::HoldButton *holdButton() const { return m_hold; }

signals:
    void previewRequested(const core::runtime::AskPreview &question);
    void orderRequested(const core::orders::OrderIntent &order);

private:
    [[nodiscard]] models::TicketForm form() const;
    void edited();
    void refresh();
    void showFees();
    void showAnswer();

    const theme::Theme &m_theme;
    std::shared_ptr<const core::runtime::TerminalSnapshot> m_snapshot;
    models::TicketView m_view;
    std::uint64_t m_question{0};
    std::string m_sent; ///< id of the order that waits for its answer; empty: none
    QComboBox *m_symbol;         // child
    QComboBox *m_side;           // child
    QComboBox *m_type;           // child
    QLineEdit *m_price;          // child
    QLineEdit *m_stop;           // child
    QLineEdit *m_fee;            // child
    QLineEdit *m_size;           // child
    QPushButton *m_use;          // child
    QCheckBox *m_reduceOnly;     // child
    QLineEdit *m_setup;          // child
    QLineEdit *m_reason;         // child
    QLabel *m_text;              // child
    QLabel *m_outcome;           // child
    controls::HoldButton *m_hold; // child
};

} // namespace ui::shell
