#pragma once

#include <vector>

#include <QtCore/QString>
#include <QtCore/QStringList>

namespace tests::lint
{

/// One place that breaks a rule. `path` is relative to the root of the tree, `line` counts from 1.
struct Finding {
    QString path;
    int line{0};
    QString rule;
    QString detail;
};
using Findings = std::vector<Finding>;

/// One line per finding: "path:line: [rule] detail".
[[nodiscard]] QStringList lines(const Findings &findings);

} // namespace tests::lint
