#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <QtCore/QStringList>

#include "core/orders/guard.h"
#include "core/risk/limits.h"

namespace ui::models
{

/// Limits while a person edits them: what holds, what is asked for, and what is wrong with it, field by field. Values are the
/// texts of the limits file ("30 %", "armed"); a preset replaces all of them.
class LimitsEdit
{
public:
    explicit LimitsEdit(core::risk::Limits holding);

    void usePreset(core::risk::Limits preset);
    void setValue(const std::string &path, const std::string &value);
    /// What is asked for; while a field is wrong, the last whole set that was right.
    [[nodiscard]] const core::risk::Limits &wanted() const { return m_wanted; }
    [[nodiscard]] const core::risk::Limits &holding() const { return m_holding; }
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> values() const; ///< with what was typed, right or wrong
    [[nodiscard]] const std::vector<core::risk::FieldError> &errors() const { return m_errors; }
    [[nodiscard]] QString errorOf(const std::string &path) const;
    [[nodiscard]] std::vector<core::risk::LimitChange> changes() const;
    /// Everything is right and something differs.
    [[nodiscard]] bool canSave() const { return m_errors.empty() && !(m_wanted == m_holding); }

private:
    void judge();

    core::risk::Limits m_holding;
    core::risk::Limits m_base; ///< what the typed values are laid over
    core::risk::Limits m_wanted;
    std::map<std::string, std::string> m_typed;
    std::vector<core::risk::FieldError> m_errors;
};

/// Sentences for people about a set of limits.
struct LimitsTexts {
    /// "At once: …" for what tightens, then what loosens, with the time until which it would have to wait.
    [[nodiscard]] static QStringList changes(const LimitsEdit &edit, core::UtcTime now);
    /// What `limits` would do with today's readings of `account` (absent: all accounts together): a line for each limit whose
    /// reading is already past one of its steps that acts, and one that counts those without a reading.
    [[nodiscard]] static QStringList now(const core::orders::GuardView &guard, std::optional<core::Venue> account,
                                         const core::risk::Limits &limits);
};

} // namespace ui::models
