#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace core::exchange::binance
{

/// `name=value` appended to `query` with '&' where needed; value percent-encoded as UTF-8 (unreserved
/// characters stay, space is %20). What is appended is exactly what is signed and sent.
void appendParameter(std::string &query, std::string_view name, std::string_view value);
[[nodiscard]] std::string percentEncoded(std::string_view value);

/// HMAC-SHA256 over the query bytes, lower-case hex. Keeps one prepared context per key; the secret is wiped
/// on destruction and cannot be printed. Not copyable; one thread. Source: reference/binance-usdm.md
/// section 2.
class HmacSigner
{
public:
    explicit HmacSigner(std::string_view secret);
    ~HmacSigner();
    HmacSigner(HmacSigner &&) noexcept;
    HmacSigner &operator=(HmacSigner &&) noexcept;

    [[nodiscard]] std::string signature(std::string_view payload) const;
    /// Appends "&signature=…" as the last parameter, without allocating beyond the growth of `query`.
    void sign(std::string &query) const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::exchange::binance
