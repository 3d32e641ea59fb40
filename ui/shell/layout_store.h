#pragma once

#include <optional>

#include <QtCore/QByteArray>
#include <QtCore/QString>

namespace ui::shell
{

/// Window geometry and dock layout in one small checked file. Anything that is not exactly what `save` wrote
/// is garbage: `load` then moves it aside to "*.bad" and says so. Gui thread; the file is tiny.
class LayoutStore
{
public:
    struct Layout {
        QByteArray geometry;
        QByteArray docks;
        bool locked{false};
    };
    enum class Outcome { Loaded, Absent, SetAside };

    /// An empty directory means: nothing is loaded and nothing is kept.
    explicit LayoutStore(QString directory);
    [[nodiscard]] Outcome load(Layout &layout) const;
    /// False when the file could not be written.
    [[nodiscard]] bool save(const Layout &layout) const;
    /// For a layout that read well but that the window refused.
    void setAside() const;
    [[nodiscard]] QString path() const;

private:
    QString m_directory;
};

} // namespace ui::shell
