#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QtCore/QObject>

#include "core/runtime/account_desk.h"
#include "core/runtime/doctor.h"

namespace app::cli
{

/// What each stored key may do, asked at its own venue, one account after the other. A sealed key file is opened with
/// `passphrase`; without one the accounts are named and not tried.
class AccountChecks final : public QObject
{
    Q_OBJECT
public:
    using Finding = core::runtime::Finding;
    using Done = std::function<void(std::vector<Finding>)>;

    AccountChecks(const QString &accountsDir, core::runtime::AccountDesk::Addresses addresses, core::net::Secret passphrase,
                  const core::Clock &clock);

    /// REQUIRES: called once. One finding an account, "account LABEL"; none when there are no accounts.
    void run(Done done);

private:
    void begin(const core::Result<void> &opened);
    void next();
    void finish();

    core::runtime::AccountDesk m_desk;
    core::net::Secret m_passphrase;
    std::vector<Finding> m_findings;
    std::size_t m_at{0};
    Done m_done;
};

} // namespace app::cli
