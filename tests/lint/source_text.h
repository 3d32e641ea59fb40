#pragma once

#include <utility>
#include <vector>

#include <QtCore/QString>
#include <QtCore/QStringList>

namespace tests::lint
{

/// A C++ text with its comments, and the contents of its literals, replaced by blanks. Offsets and lines are
/// those of the original in all three forms, so a hit in one of them can be looked up in another.
class SourceText
{
public:
    explicit SourceText(QString text);

    [[nodiscard]] const QString &original() const { return m_original; }
    /// Comments blanked, literals kept.
    [[nodiscard]] const QString &withoutComments() const { return m_withoutComments; }
    /// Comments and the contents of string and character literals blanked.
    [[nodiscard]] const QString &code() const { return m_code; }
    /// Line of an offset, from 1.
    [[nodiscard]] int lineOf(qsizetype offset) const;
    [[nodiscard]] int lineCount() const;

private:
    qsizetype skipRawString(qsizetype quote);
    qsizetype skipLiteral(qsizetype quote);
    qsizetype skipComment(qsizetype slash);
    void blank(QString &form, qsizetype from, qsizetype to) const;

    QString m_original;
    QString m_withoutComments;
    QString m_code;
};

/// Offset just behind the bracket that closes the one at `open` ( ( [ { or < ); -1 when it never closes.
[[nodiscard]] qsizetype behindClosing(const QString &code, qsizetype open);
/// Offsets in `code` of the arguments of the call whose '(' is at `open`: (start, end) pairs, split at
/// top-level commas.
[[nodiscard]] std::vector<std::pair<qsizetype, qsizetype>> argumentsOf(const QString &code, qsizetype open);

/// Relative paths of the files below the given top folders and of the files directly in the root, without
/// build output.
[[nodiscard]] QStringList filesOf(const QString &root, const QStringList &tops);
/// The text of a file; empty for one that holds a NUL or is larger than 1 MB (data, not source).
[[nodiscard]] QString textOf(const QString &file);

} // namespace tests::lint
