#pragma once

#include <optional>

#include <QtCore/QString>

#include "core/risk/what_if.h"
#include "core/runtime/past.h"

namespace ui::models
{

/// What a set of limits would have done in the last 90 days, in words. Nothing is invented: a limit that the record cannot
/// judge says so, and so does an empty record.
class LimitsPast
{
public:
    /// `past` null: not read yet. `account` absent: the limits over all accounts together.
    LimitsPast(const core::runtime::Past *past, std::optional<core::Venue> account, const core::risk::Limits &limits);

    /// "From 2026-08-25 to 2026-11-23, 212 trades: limits would have acted 3 times. …"
    [[nodiscard]] QString summary() const { return m_summary; }
    /// "In 90 days: alert 3×, close 1×"; of a limit that is not watched: empty.
    [[nodiscard]] QString of(const core::risk::Breaker &breaker) const;

private:
    std::optional<core::risk::WhatIf> m_report;
    QString m_summary;
};

} // namespace ui::models
