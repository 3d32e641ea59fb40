#pragma once

#include <optional>

#include <QtCore/QString>

#include "core/base/clock.h"
#include "core/venue/paper_state.h"

namespace core::venue
{

/// The file of a paper account. Blocks for the disk; one thread at a time.
class PaperFile
{
public:
    explicit PaperFile(QString path) : m_path(std::move(path)) {}
    /// Absent: there is none yet. A damaged one is renamed ("….damaged-TIME") and refused by name with Corrupt: the next
    /// load finds none. NewerVersion and IoFailed leave it where it is.
    [[nodiscard]] Result<std::optional<PaperState>> load(UtcTime now) const;
    /// Replaces the file as a whole.
    [[nodiscard]] Result<void> save(const PaperState &state) const;

private:
    QString m_path;
};

} // namespace core::venue
