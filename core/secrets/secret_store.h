#pragma once

#include <functional>
#include <string>

#include "core/base/result.h"
#include "core/net/secret.h"

namespace core::secrets
{

/// Named secrets of this user on this machine. Asynchronous, on one thread with an event loop; an answer comes once,
/// never from inside the call. Errors: NotFound (no such entry), Unauthorized (locked, refused), Unavailable (no key
/// store here), Corrupt, IoFailed. No text that leaves here holds a secret.
class SecretStore
{
public:
    template <class T> using Done = std::function<void(Result<T>)>;

    virtual ~SecretStore() = default;
    /// For people: "the system's key store", "the sealed file /home/…/keys.sealed".
    [[nodiscard]] virtual std::string place() const = 0;
    virtual void read(const std::string &name, Done<net::Secret> done) = 0;
    virtual void write(const std::string &name, net::Secret secret, Done<void> done) = 0;
    /// Also when there was none.
    virtual void remove(const std::string &name, Done<void> done) = 0;
};

} // namespace core::secrets
