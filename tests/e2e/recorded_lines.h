#pragma once

#include <vector>

#include <QtCore/QByteArray>

namespace tests
{

struct NamedLine {
    const char *name;
    QByteArray line;
};

/// A recorded trade of 0.006 with a field that nobody knows.
[[nodiscard]] QByteArray goodRecordedLine();
/// Lines that cannot be used. Apart from the Qt Test file: moc 6.4 loses a class behind such raw strings.
[[nodiscard]] std::vector<NamedLine> badRecordedLines();

} // namespace tests
