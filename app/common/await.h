#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <QtCore/QCoreApplication>
#include <QtCore/QTimer>

#include "core/base/result.h"

namespace app
{

/// Begins something and turns the application's event loop, as the outermost one, until it has answered. Main thread; with a
/// screen, before there is a window.
template <class T> [[nodiscard]] core::Result<T> await(const std::function<void(std::function<void(core::Result<T>)>)> &begin)
{
    const auto answer = std::make_shared<std::optional<core::Result<T>>>();
    QTimer::singleShot(0, QCoreApplication::instance(), [begin, answer] {
        begin([answer](core::Result<T> result) {
            *answer = std::move(result);
            QCoreApplication::quit();
        });
    });
    QCoreApplication::exec();
    if (!answer->has_value())
        return core::fail(core::ErrorCode::Unavailable, "ended before there was an answer");
    return std::move(**answer);
}

} // namespace app
