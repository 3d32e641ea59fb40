#include "core/net/secret.h"

#include <algorithm>
#include <utility>

#include <openssl/crypto.h>

namespace core::net
{

// On the heap and moved by pointer: a short std::string would leave a copy of itself behind on every move.
Secret::Secret(std::string_view text) : m_bytes(std::make_unique<char[]>(text.size())), m_size(text.size())
{
    std::copy(text.begin(), text.end(), m_bytes.get());
}

Secret::~Secret()
{
    wipe();
}

Secret::Secret(Secret &&other) noexcept
    : m_bytes(std::move(other.m_bytes)), m_size(std::exchange(other.m_size, 0))
{
}

Secret &Secret::operator=(Secret &&other) noexcept
{
    if (this != &other) {
        wipe();
        m_bytes = std::move(other.m_bytes);
        m_size = std::exchange(other.m_size, 0);
    }
    return *this;
}

void Secret::wipe() noexcept
{
    if (m_bytes)
        OPENSSL_cleanse(m_bytes.get(), m_size);
}

} // namespace core::net
