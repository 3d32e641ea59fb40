#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include <QtCore/QProcess>

#include "tests/soak/venues.h"

namespace tests::soak
{

/// The child that runs both exchanges, so that the memory of this process is the clients' alone. Questions are answered
/// in their order. Ends with this object.
class VenueProcess
{
public:
    using Lines = std::vector<std::string>;

    explicit VenueProcess(const SoakSetup &setup);
    ~VenueProcess();
    VenueProcess(const VenueProcess &) = delete;
    VenueProcess &operator=(const VenueProcess &) = delete;

    /// The words of the child's first line; empty when it did not come up.
    [[nodiscard]] Lines start();
    void ask(const std::string &command, std::function<void(const Lines &)> answered);

private:
    void onOutput();

    SoakSetup m_setup;
    QProcess m_process;
    QByteArray m_pending;
    Lines m_lines;
    std::deque<std::function<void(const Lines &)>> m_waiting;
};

} // namespace tests::soak
