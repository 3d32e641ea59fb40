#pragma once

#include <QtCore/QStringList>

#include "core/runtime/accounts.h"

namespace tests
{

/// Answers at once, and remembers what it was asked.
class FakeAccounts final : public core::runtime::Accounts
{
public:
    std::vector<core::secrets::AccountProfile> list;
    core::runtime::KeyPlace place{core::runtime::KeyPlace::SystemStore};
    core::Result<core::ports::KeyRights> rights{core::ports::KeyRights{}};
    QStringList calls;
    std::string secretSeen;

    const std::vector<core::secrets::AccountProfile> &accounts() const override { return list; }
    core::runtime::KeyPlace keyPlace() const override { return place; }
    core::Result<void> unlock(const core::net::Secret &passphrase) override
    {
        calls << QStringLiteral("unlock");
        if (passphrase.expose() != "open sesame")
            return core::fail(core::ErrorCode::Unauthorized, "does not open");
        place = core::runtime::KeyPlace::OpenFile;
        emit changed();
        return {};
    }
    void test(const core::secrets::AccountProfile &profile, core::runtime::AccountKeys keys, Done<core::ports::KeyRights> done) override
    {
        calls << QStringLiteral("test ") + QString::fromStdString(profile.label);
        secretSeen = keys.secret.expose();
        done(rights);
    }
    void testStored(const std::string &label, Done<core::ports::KeyRights> done) override
    {
        calls << QStringLiteral("stored ") + QString::fromStdString(label);
        done(rights);
    }
    void add(const core::secrets::AccountProfile &profile, core::runtime::AccountKeys keys, Done<core::ports::KeyRights> done) override
    {
        calls << QStringLiteral("add ") + QString::fromStdString(profile.label);
        secretSeen = keys.secret.expose();
        if (rights) {
            list.push_back(profile);
            emit changed();
        }
        done(rights);
    }
    void remove(const std::string &label, Done<void> done) override
    {
        calls << QStringLiteral("remove ") + QString::fromStdString(label);
        std::erase_if(list, [&](const auto &p) { return p.label == label; });
        emit changed();
        done({});
    }
};

} // namespace tests
