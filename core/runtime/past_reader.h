#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QtCore/QString>

#include "core/runtime/past.h"
#include "core/runtime/storage_service.h"

namespace core::runtime
{

/// Reads the past from the database with a connection of its own, read-only. Lives on a thread of its own; an error is told in
/// Past::problem.
class PastReader
{
public:
    struct Setup {
        QString database;
        storage::Mode mode{storage::Mode::Live};
        std::vector<GuardedAccount> accounts;
        std::function<void(std::shared_ptr<const Past>)> done; ///< runs on the reader's thread
    };
    PastReader(Setup setup, const Clock &clock) : m_setup(std::move(setup)), m_clock(clock) {}
    void read() const;

private:
    const Setup m_setup;
    const Clock &m_clock;
};

} // namespace core::runtime
