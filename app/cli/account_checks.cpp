#include "app/cli/account_checks.h"

#include <utility>

namespace app::cli
{

using core::runtime::KeyPlace;
using Level = core::runtime::Finding::Level;

namespace
{
std::string word(const std::optional<bool> &right)
{
    return !right ? "not said" : *right ? "yes" : "no";
}

std::string text(const core::ports::KeyRights &rights)
{
    std::string result = "the key works: reads " + word(rights.reads) + ", trades " + word(rights.trades) +
                         ", withdraws " + word(rights.withdraws);
    if (rights.restrictedToAddress)
        result += *rights.restrictedToAddress ? ", restricted to an address" : ", not restricted to an address";
    if (rights.expires)
        result += ", ends " + core::isoMilliseconds(*rights.expires);
    return result;
}

std::string adviceFor(const core::ports::KeyRights &rights)
{
    return rights.restrictedToAddress.value_or(true) ? "" : "restrict the key to your own address at the venue";
}
} // namespace

AccountChecks::AccountChecks(const QString &accountsDir, core::runtime::AccountDesk::Addresses addresses,
                             core::net::Secret passphrase, const core::Clock &clock)
    : m_desk(accountsDir, std::move(addresses), clock), m_passphrase(std::move(passphrase))
{
}

void AccountChecks::run(Done done)
{
    m_done = std::move(done);
    m_desk.open([this](const core::Result<void> &opened) { begin(opened); });
}

void AccountChecks::begin(const core::Result<void> &opened)
{
    if (!opened) {
        m_findings.push_back({"accounts", Level::Failed, opened.error().detail, "mend the file, or add the accounts again"});
        finish();
        return;
    }
    if (!m_desk.accounts().empty() && m_desk.keyPlace() == KeyPlace::LockedFile && !m_passphrase.empty()) {
        if (const auto unlocked = m_desk.unlock(m_passphrase); !unlocked) {
            m_findings.push_back({"accounts", Level::Failed, unlocked.error().detail, "check the passphrase"});
            finish();
            return;
        }
    }
    next();
}

void AccountChecks::next()
{
    if (m_at == m_desk.accounts().size()) {
        finish();
        return;
    }
    const std::string label = m_desk.accounts()[m_at++].label;
    const std::string check = "account " + label;
    if (m_desk.keyPlace() == KeyPlace::NewSealedFile) {
        m_findings.push_back({check, Level::Failed, "its key is not on this machine",
                              "add the account again here: a sealed key file opens only where it was made"});
        next();
        return;
    }
    if (m_desk.keyPlace() == KeyPlace::LockedFile) {
        m_findings.push_back({check, Level::Warning, "its key is in the sealed file, which is locked",
                              "put the passphrase into the environment variable ETRMS_PASSPHRASE to have the key tried"});
        next();
        return;
    }
    m_desk.testStored(label, [this, check](const core::Result<core::ports::KeyRights> &rights) {
        if (rights)
            m_findings.push_back({check, Level::Ok, text(*rights), adviceFor(*rights)});
        else
            m_findings.push_back({check, Level::Failed, rights.error().detail,
                                  "make a new key (docs/exchanges.md says with which rights) and add the account again"});
        next();
    });
}

void AccountChecks::finish()
{
    std::exchange(m_done, nullptr)(std::move(m_findings));
}

} // namespace app::cli
