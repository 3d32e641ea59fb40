#pragma once

#include <QtCore/QString>
#include <QtCore/QStringList>

#include "tests/lint/finding.h"

namespace tests::lint
{

/// The picture of rooms and arrows as a table. A room may include itself and what its row names; an entry is
/// a room
/// ("core/domain"), or a path that starts file names inside one ("core/risk/sizing").
struct Room {
    QString name;
    QStringList mayInclude;
    QStringList qtModules; ///< empty: no Qt at all
    bool pure{false};      ///< no I/O, threads, locks or operating system either
};

/// Every room of the picture; the one with the longest fitting name is the one a file lives in.
[[nodiscard]] const std::vector<Room> &rooms();
/// Starts of names of the files in a venue folder with which purity begins: codecs, signer, book_sync,
/// messages. What they include from the same folder is pure too.
[[nodiscard]] const QStringList &pureVenueFiles();

/// Findings of one file of app/, core/ or ui/. `path` is relative to the root. `pure` adds to what the table
/// says: a file that a pure one includes.
[[nodiscard]] Findings checkIncludes(const QString &path, const QString &text, bool pure = false);
/// Findings of one CMake file: the rooms that a room's target links follow the same arrows.
[[nodiscard]] Findings checkLinks(const QString &path, const QString &text);
/// Walks app/, core/ and ui/ below `root`: includes and links.
[[nodiscard]] Findings checkLayering(const QString &root);

} // namespace tests::lint
