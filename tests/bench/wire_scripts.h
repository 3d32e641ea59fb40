#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <QtCore/QString>

#include "core/base/clock.h"
#include "core/domain/ids.h"
#include "core/ports/exchange_client.h"
#include "tests/bench/wire_venue.h"

namespace bench
{

/// One account with one bitcoin contract at one venue, in that venue's words: long 0.5 at 60000 with 20 × leverage, or flat.
/// Reduce-only orders fill at once, others rest. Server's thread.
class VenueScript
{
public:
    virtual ~VenueScript() = default;

    [[nodiscard]] virtual std::string answer(const WireRequest &request) = 0;
    /// The one that closes the position: sell, reduce-only, the whole of it. Nothing else may stand in it.
    [[nodiscard]] virtual bool isWholeClose(const WireRequest &request) const = 0;
    /// Its signature is checked against a second way of making it.
    [[nodiscard]] virtual bool isSignedRight(const WireRequest &request) const = 0;
    [[nodiscard]] virtual bool asksPositions(const WireRequest &request) const = 0;
    [[nodiscard]] virtual QString mark(std::string_view price) = 0;
    [[nodiscard]] virtual QString opened() = 0;
    [[nodiscard]] virtual std::vector<QString> closed() = 0;
    /// What the recording needs so that the venue's clock fits.
    virtual void freshen(std::string &) {}

protected:
    /// Milliseconds, each one later than the one before.
    [[nodiscard]] std::int64_t stamp();
    bool m_open{false};

private:
    std::int64_t m_last{0};
};

[[nodiscard]] std::unique_ptr<VenueScript> scriptOf(core::Venue venue);
[[nodiscard]] core::InstrumentKey contractOf(core::Venue venue);
/// The real client in front of the server, with a key of nobody.
[[nodiscard]] std::unique_ptr<core::ports::ExchangeClient> clientOf(core::Venue venue, std::uint16_t httpPort,
                                                                    std::uint16_t webSocketPort,
                                                                    const core::Clock &clock);
/// The capture of that venue, snapshot of the book included in what the script answers. Empty when it is not there.
[[nodiscard]] std::vector<ReplayFrame> recordingOf(core::Venue venue);

} // namespace bench
