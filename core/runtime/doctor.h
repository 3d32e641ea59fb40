#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QString>

#include "core/base/clock.h"
#include "core/net/http_client.h"
#include "core/net/web_socket.h"
#include "core/runtime/venue_addresses.h"
#include "core/secrets/keychain_store.h"

namespace core::runtime
{

/// What one check found, in plain English, and what to do about it (empty when there is nothing to do).
struct Finding {
    enum class Level { Ok, Warning, Failed };
    std::string check; ///< stable: "data-directory", "binance-rest", …
    Level level{Level::Ok};
    std::string text{};
    std::string advice{};
};
[[nodiscard]] std::string_view name(Finding::Level level);

struct DoctorOptions {
    QString dataDir;
    VenueAddresses addresses;
    bool network{true}; ///< false: nothing is sent anywhere
};

/// Looks at everything that the program needs: data directory, disk, database, key store, the venues by REST and
/// WebSocket, the clock against theirs. Makes the data directory when it is missing. Needs an event loop; at most about
/// eight seconds. Sends no key. One thread.
class Doctor final : public QObject
{
    Q_OBJECT
public:
    Doctor(DoctorOptions options, const Clock &clock, QObject *parent = nullptr);
    ~Doctor() override;

    /// REQUIRES: called once. Findings in a fixed order.
    void run(std::function<void(std::vector<Finding>)> done);

private:
    struct Probe;

    void checkDataDir();
    void checkDatabase();
    void checkKeyStore();
    void checkEncryption();
    void checkReply(const std::string &check, const std::string &venue, net::HttpRequest request,
                    std::function<std::optional<std::int64_t>(const std::string &body)> timeOf);
    void checkSocket(const std::string &check, const std::string &venue, const std::string &address);
    void judgeClock();
    void add(Finding finding);
    /// One answer is in.
    void settle();

    DoctorOptions m_options;
    const Clock &m_clock;
    net::HttpClient m_http;
    secrets::KeychainStore m_keychain;
    std::vector<std::unique_ptr<net::WebSocket>> m_sockets;
    std::map<std::string, Finding> m_findings;
    std::map<std::string, Duration> m_offsets; ///< of the venues' clocks, by venue
    std::function<void(std::vector<Finding>)> m_done;
    int m_outstanding{0};
};

} // namespace core::runtime
