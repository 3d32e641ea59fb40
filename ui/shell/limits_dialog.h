#pragma once

#include <map>
#include <memory>
#include <optional>

#include <QtWidgets/QDialog>

#include "core/runtime/past.h"
#include "core/runtime/snapshots.h"
#include "ui/models/limits_edit.h"
#include "ui/theme/theme.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace ui::shell
{

/// Limits of one account or of all accounts together: every value with its plain sentence, what is wrong with it, what changes
/// and from when, and what it would do with today's numbers. Nothing is sent before "Save"; Cancel and Esc send nothing.
class LimitsDialog final : public QDialog
{
    Q_OBJECT

public:
    LimitsDialog(const theme::Theme &theme, QWidget *parent);
    /// Opens on what holds now. Later snapshots only refresh the texts below.
    void begin(const core::runtime::TerminalSnapshot &snapshot);
    void showSnapshot(const core::runtime::TerminalSnapshot &snapshot);
    /// What is on record of the accounts; null: not read yet.
    void showPast(std::shared_ptr<const core::runtime::Past> past);
    [[nodiscard]] const models::LimitsEdit *edit() const { return m_edit.get(); }
    [[nodiscard]] QString changesText() const;
    [[nodiscard]] QString nowText() const;
    [[nodiscard]] QString pastText() const;

signals:
    void saveRequested(const core::runtime::SetLimits &wish);

private:
    void chooseAccount();
    void choosePreset(int index);
    void fill();
    void onItemChanged(QTreeWidgetItem *item, int column);
    void refresh();
    void refreshPast();
    void buildTexts();
    [[nodiscard]] QTreeWidgetItem *group(const QString &name);
    [[nodiscard]] std::optional<core::Venue> account() const;

    const theme::Theme &m_theme;
    std::shared_ptr<const core::runtime::TerminalSnapshot> m_snapshot;
    std::unique_ptr<models::LimitsEdit> m_edit;
    std::shared_ptr<const core::runtime::Past> m_past;
    std::map<std::string, QTreeWidgetItem *> m_breakers; ///< by "breaker[3]"; items of the tree
    QComboBox *m_accounts;     // child
    QComboBox *m_presets;      // child
    QTreeWidget *m_tree;       // child
    QLabel *m_problem;         // child
    QPlainTextEdit *m_changes; // child
    QLabel *m_now;             // child
    QLabel *m_before;          // child
    QLineEdit *m_reason;       // child
    QPushButton *m_save;       // child
    bool m_filling{false};
};

} // namespace ui::shell
