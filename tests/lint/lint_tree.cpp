// Both checkers over any tree, for use at the desk: build/release/tests/lint_tree [DIR]
#include <cstdio>

#include <QtCore/QDir>
#include <QtCore/QFileInfo>

#include "tests/lint/layering.h"
#include "tests/lint/source_rules.h"

using namespace Qt::StringLiterals;

int main(int argc, char **argv)
{
    const QString root = argc > 1 ? QFile::decodeName(argv[1]) : QDir::currentPath();
    if (argc > 2 || !QFileInfo(root + u"/core"_s).isDir()) {
        std::fputs("lint_tree [DIR]: prints each place in the tree that breaks a rule; DIR holds core/\n",
                   stderr);
        return 2;
    }
    const QStringList found = tests::lint::lines(tests::lint::checkLayering(root)) +
                              tests::lint::lines(tests::lint::checkSources(root));
    for (const QString &line : found)
        std::puts(qUtf8Printable(line));
    return found.isEmpty() ? 0 : 1;
}
