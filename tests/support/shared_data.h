#pragma once

#include <QtCore/QString>
#include <QtTest/QTest>

namespace tests
{

/// The folder with recordings and oracles that stands beside the repository; empty in a user's clone.
[[nodiscard]] QString sharedDir();
/// True where a missing shared folder is a failure, not a reason to skip.
[[nodiscard]] bool sharedIsMandatory();
/// Root of the source tree.
[[nodiscard]] QString sourceDir();

} // namespace tests

/// First line of a test that reads ../shared: skips with a sentence in a user's clone, fails in CI.
#define REQUIRE_SHARED()                                                                                     \
    do {                                                                                                     \
        if (tests::sharedDir().isEmpty()) {                                                                  \
            if (tests::sharedIsMandatory())                                                                  \
                QFAIL("the recordings and oracles are not beside the repository, and CI must not skip");     \
            QSKIP("the recordings and oracles are not beside this clone");                                   \
        }                                                                                                    \
    } while (false)
