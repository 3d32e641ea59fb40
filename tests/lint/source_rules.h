#pragma once

#include <QtCore/QString>
#include <QtCore/QStringList>

#include "tests/lint/finding.h"
#include "tests/lint/source_text.h"

namespace tests::lint
{

/// A place inside one text, before the rule's name and the path are known.
struct Hit {
    qsizetype offset{0};
    QString detail;
};
using Hits = std::vector<Hit>;

/// One rule over the text of one file.
struct Rule {
    QString name;
    bool (*applies)(const QString &path);
    Hits (*find)(const QString &path, const SourceText &source);
};

/// A finding that may stay. `line` is a part of the line it stands on; `reason` says why.
struct Allowed {
    QString rule;
    QString path;
    QString line;
    QString reason;
};

[[nodiscard]] const std::vector<Rule> &rules();
[[nodiscard]] const std::vector<Allowed> &allowed();

/// Every rule that applies to `path`, or only the named one; allowed findings are left out.
[[nodiscard]] Findings checkSource(const QString &path, const QString &text, const QString &rule = {});
/// Walks the sources, tests, packaging, docs and the files in the root.
[[nodiscard]] Findings checkSources(const QString &root);
/// Entries of the allow-list that name an existing file in which nothing is left to allow.
[[nodiscard]] QStringList unusedAllowances(const QString &root);

// The rules that look at whole calls and declarations (call_rules.cpp).
[[nodiscard]] Hits connectsWithoutContext(const QString &path, const SourceText &source);
[[nodiscard]] Hits printfOfFloatingPoint(const QString &path, const SourceText &source);
[[nodiscard]] Hits textOfFloatingPoint(const QString &path, const SourceText &source);
[[nodiscard]] Hits resultsThatMayBeDropped(const QString &path, const SourceText &source);

} // namespace tests::lint
