#pragma once

#include <cstddef>
#include <memory>
#include <ostream>
#include <string_view>

class QDebug;

namespace core::net
{

/// A key or a secret. Cannot be printed, copied or compared; its bytes are wiped when it goes. `expose` is
/// for the one place that hands it on (a request header, a signer). One thread.
class Secret
{
public:
    Secret() = default;
    explicit Secret(std::string_view text);
    ~Secret();
    Secret(Secret &&other) noexcept;
    Secret &operator=(Secret &&other) noexcept;
    Secret(const Secret &) = delete;
    Secret &operator=(const Secret &) = delete;

    [[nodiscard]] bool empty() const { return m_size == 0; }
    /// Valid while this object lives.
    [[nodiscard]] std::string_view expose() const { return {m_bytes.get(), m_size}; }

    friend std::ostream &operator<<(std::ostream &, const Secret &) = delete;
    friend QDebug operator<<(QDebug, const Secret &) = delete;

private:
    void wipe() noexcept;

    std::unique_ptr<char[]> m_bytes;
    std::size_t m_size{0};
};

} // namespace core::net
