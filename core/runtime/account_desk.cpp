#include "core/runtime/account_desk.h"

#include <algorithm>
#include <utility>

#include <QtCore/QPointer>

namespace core::runtime
{

using namespace Qt::StringLiterals;
using secrets::AccountProfile;

namespace
{
AccountKeys copyOf(const AccountKeys &keys)
{
    return {net::Secret(keys.apiKey.expose()), net::Secret(keys.secret.expose())};
}

Error locked()
{
    return {ErrorCode::Unauthorized, "the sealed key file is locked: its passphrase is needed first"};
}
} // namespace

AccountDesk::AccountDesk(QString dataDir, Addresses addresses, const Clock &clock, bool useSystemStore,
                         secrets::ScryptCost cost)
    : m_dataDir(std::move(dataDir)), m_addresses(std::move(addresses)), m_clock(clock),
      m_useSystemStore(useSystemStore), m_cost(cost), m_book(m_dataDir + u"/accounts.json"_s)
{
    m_tester.start([&clock] { return std::make_unique<KeyTest>(clock); });
}

AccountDesk::~AccountDesk()
{
    m_tester.stop();
}

void AccountDesk::open(Done<void> done)
{
    auto loaded = m_book.load();
    if (loaded)
        m_accounts = std::move(*loaded);
    Result<void> outcome = loaded ? Result<void>() : fail(std::move(loaded.error()));
    const auto settle = [this, outcome = std::move(outcome), done = std::move(done)](bool hasStore) {
        const bool sealed = secrets::SealedStore::exists(m_dataDir + u"/keys.sealed"_s);
        // A sealed file that is there holds keys: it goes on being used.
        m_place = sealed ? KeyPlace::LockedFile : hasStore ? KeyPlace::SystemStore : KeyPlace::NewSealedFile;
        emit changed();
        done(outcome);
    };
    if (m_useSystemStore)
        m_keychain.probe([settle](const Result<void> &answer) { settle(answer.has_value()); });
    else
        QMetaObject::invokeMethod(this, [settle] { settle(false); }, Qt::QueuedConnection);
}

Result<void> AccountDesk::unlock(const net::Secret &passphrase)
{
    auto opened = secrets::SealedStore::open(m_dataDir + u"/keys.sealed"_s, passphrase, m_cost);
    if (!opened)
        return fail(std::move(opened.error()));
    m_sealed = std::move(*opened);
    m_place = KeyPlace::OpenFile;
    emit changed();
    return {};
}

secrets::SecretStore *AccountDesk::store()
{
    if (m_place == KeyPlace::SystemStore)
        return &m_keychain;
    return m_sealed.get();
}

const AccountProfile *AccountDesk::find(const std::string &label) const
{
    const auto found = std::find_if(m_accounts.begin(), m_accounts.end(),
                                    [&](const AccountProfile &profile) { return profile.label == label; });
    return found == m_accounts.end() ? nullptr : &*found;
}

void AccountDesk::test(const AccountProfile &profile, AccountKeys keys, Done<ports::KeyRights> done)
{
    auto shared = std::make_shared<AccountKeys>(std::move(keys));
    QPointer<AccountDesk> self(this);
    m_tester.post([self, this, profile, shared, addresses = m_addresses(profile.environment),
                   done = std::move(done)](KeyTest &tester) {
        tester.start(profile, std::move(*shared), addresses, [self, this, done](Result<ports::KeyRights> rights) {
            QMetaObject::invokeMethod(
                this, // outlives the tester's thread, which its destructor ends
                [self, done, rights = std::move(rights)] {
                    if (self)
                        done(rights);
                },
                Qt::QueuedConnection);
        });
    });
}

void AccountDesk::testStored(const std::string &label, Done<ports::KeyRights> done)
{
    const AccountProfile *profile = find(label);
    if (profile == nullptr) {
        done(fail(ErrorCode::NotFound, "no account " + label));
        return;
    }
    keysOf(label, [this, profile = *profile, done = std::move(done)](Result<AccountKeys> keys) {
        if (keys)
            test(profile, std::move(*keys), done);
        else
            done(fail(std::move(keys.error())));
    });
}

Result<void> AccountDesk::checkNew(const AccountProfile &profile) const
{
    if (auto valid = validate(profile); !valid)
        return valid;
    if (find(profile.label) != nullptr)
        return fail(ErrorCode::InvalidArgument, "label: there is an account of this name already");
    return {};
}

void AccountDesk::add(const AccountProfile &profile, AccountKeys keys, Done<ports::KeyRights> done)
{
    if (auto fits = checkNew(profile); !fits) {
        done(fail(std::move(fits.error())));
        return;
    }
    if (store() == nullptr) {
        done(fail(locked()));
        return;
    }
    auto kept = std::make_shared<AccountKeys>(copyOf(keys));
    test(profile, std::move(keys), [this, profile, kept, done = std::move(done)](const Result<ports::KeyRights> &rights) {
        if (!rights) {
            done(rights);
            return;
        }
        storeKeys(profile, kept, [this, profile, rights, done](const Result<void> &stored) {
            if (!stored) {
                done(fail(stored.error()));
                return;
            }
            m_accounts.push_back(profile);
            auto saved = m_book.save(m_accounts);
            if (!saved)
                m_accounts.pop_back();
            emit changed();
            done(saved ? rights : fail(std::move(saved.error())));
        });
    });
}

void AccountDesk::storeKeys(const AccountProfile &profile, std::shared_ptr<AccountKeys> keys, Done<void> done)
{
    secrets::SecretStore *const target = store();
    const auto writeSecret = [target, name = secretName(profile), keys, done](const Result<void> &written) {
        if (written)
            target->write(name, std::move(keys->secret), done);
        else
            done(written);
    };
    if (keys->apiKey.empty())
        writeSecret({});
    else
        target->write(apiKeyName(profile), std::move(keys->apiKey), writeSecret);
}

void AccountDesk::remove(const std::string &label, Done<void> done)
{
    const AccountProfile *profile = find(label);
    secrets::SecretStore *const target = store();
    if (profile == nullptr || target == nullptr) {
        done(fail(profile == nullptr ? Error{ErrorCode::NotFound, "no account " + label} : locked()));
        return;
    }
    const auto unlist = [this, label, done](const Result<void> &removed) {
        if (!removed) {
            done(removed);
            return;
        }
        std::erase_if(m_accounts, [&](const AccountProfile &p) { return p.label == label; });
        const auto saved = m_book.save(m_accounts);
        emit changed();
        done(saved);
    };
    target->remove(apiKeyName(*profile), [target, name = secretName(*profile), unlist](const Result<void> &removed) {
        if (removed)
            target->remove(name, unlist);
        else
            unlist(removed);
    });
}

void AccountDesk::keysOf(const std::string &label, Done<AccountKeys> done)
{
    const AccountProfile *profile = find(label);
    secrets::SecretStore *const source = store();
    if (profile == nullptr || source == nullptr) {
        done(fail(profile == nullptr ? Error{ErrorCode::NotFound, "no account " + label} : locked()));
        return;
    }
    const bool hasApiKey = profile->venue == Venue::Binance;
    source->read(secretName(*profile), [source, hasApiKey, name = apiKeyName(*profile),
                                        done = std::move(done)](Result<net::Secret> secret) {
        if (!secret) {
            done(fail(std::move(secret.error())));
            return;
        }
        if (!hasApiKey) {
            done(AccountKeys{net::Secret(), std::move(*secret)});
            return;
        }
        auto kept = std::make_shared<net::Secret>(std::move(*secret));
        source->read(name, [kept, done](Result<net::Secret> apiKey) {
            if (apiKey)
                done(AccountKeys{std::move(*apiKey), std::move(*kept)});
            else
                done(fail(std::move(apiKey.error())));
        });
    });
}

} // namespace core::runtime
