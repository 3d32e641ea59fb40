#pragma once

#include <functional>

#include <QtCore/QCoreApplication>
#include <QtCore/QDeadlineTimer>
#include <QtCore/QEvent>
#include <QtCore/QTimer>

namespace tests
{

/// As QTest::qWaitFor without its naps of 10 ms between two looks, for tests with thousands of round trips.
[[nodiscard]] inline bool waitAwake(const std::function<bool()> &condition, int milliseconds = 8000)
{
    QTimer wake; // the loop sleeps until something happens
    wake.start(10);
    for (const QDeadlineTimer deadline(milliseconds); !deadline.hasExpired();) {
        if (condition())
            return true;
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    return condition();
}

} // namespace tests
