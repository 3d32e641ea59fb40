#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <QtCore/QThread>

namespace tests
{

/// A WebSocket server on a thread of its own: it goes on sending while the test's thread stands still. Every
/// connection gets one frame per tick from the first on; frames are numbered from 1 for all of them together.
class StreamThread
{
public:
    using Frame = std::function<std::string(int number)>; ///< called on the server's thread

    StreamThread(Frame frame, std::chrono::milliseconds every);
    ~StreamThread();

    [[nodiscard]] std::string url() const; ///< "ws://127.0.0.1:PORT"
    void run(bool on) { m_on = on; }
    [[nodiscard]] int sent() const { return m_sent; }
    [[nodiscard]] int connections() const { return m_connections; }

private:
    void serve();

    Frame m_frame;
    std::chrono::milliseconds m_every;
    std::atomic<int> m_port{0};
    std::atomic<int> m_sent{0};
    std::atomic<int> m_connections{0};
    std::atomic<bool> m_on{false};
    std::atomic<bool> m_over{false};
    std::unique_ptr<QThread> m_thread;
};

} // namespace tests
