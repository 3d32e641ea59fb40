#pragma once

#include <functional>
#include <memory>

#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QThread>

namespace core::runtime
{

/// One named thread with an event loop and the one object that lives on it. Created and destroyed on the owner's thread;
/// the worker is made, used and deleted on its own. `stop` quits, waits and deletes; it is idempotent.
template <class Worker> class WorkerThread
{
public:
    explicit WorkerThread(const QString &name) { m_thread.setObjectName(name); }
    ~WorkerThread() { stop(); }
    WorkerThread(const WorkerThread &) = delete;
    WorkerThread &operator=(const WorkerThread &) = delete;

    /// Starts the thread, makes the worker on it and returns when it exists. REQUIRES: called once.
    void start(std::function<std::unique_ptr<Worker>()> make)
    {
        m_thread.start();
        m_context = std::make_unique<QObject>();
        m_context->moveToThread(&m_thread);
        QMetaObject::invokeMethod(
            m_context.get(), [this, make = std::move(make)] { m_worker = make(); }, Qt::BlockingQueuedConnection);
    }
    /// Runs `task(worker)` on the thread, later. Tasks run in the order of the calls.
    template <class Task> void post(Task task)
    {
        QMetaObject::invokeMethod(
            m_context.get(),
            [this, task = std::move(task)]() mutable {
                if (m_worker)
                    task(*m_worker);
            },
            Qt::QueuedConnection);
    }
    /// Runs `task(worker)` on the thread and waits for it. Never from the gui thread while it draws: start and stop only.
    template <class Task> void call(Task task)
    {
        QMetaObject::invokeMethod(
            m_context.get(),
            [this, &task] {
                if (m_worker)
                    task(*m_worker);
            },
            Qt::BlockingQueuedConnection);
    }
    void stop()
    {
        if (!m_thread.isRunning())
            return;
        QMetaObject::invokeMethod(
            m_context.get(), [this] { m_worker.reset(); }, Qt::BlockingQueuedConnection);
        m_thread.quit();
        m_thread.wait();
    }
    [[nodiscard]] bool isRunning() const { return m_thread.isRunning(); }

private:
    QThread m_thread;
    std::unique_ptr<QObject> m_context;
    std::unique_ptr<Worker> m_worker; // touched on m_thread only
};

} // namespace core::runtime
