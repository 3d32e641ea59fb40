#include "core/net/http_client.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

#include <QtCore/QTimer>

#include "core/net/backoff.h"
#include "core/net/http_connection.h"

namespace core::net
{
namespace
{
using namespace std::chrono_literals;

constexpr int kConnectionsPerOrigin = 6;
constexpr std::size_t kOriginsKept = 16;
/// Routers and servers forget idle connections; an answer from one of those would be a needless unknown.
constexpr Duration kIdleLimit = 50s;
constexpr auto kCareInterval = 250ms;

std::string encode(const HttpRequest &request, const Origin &origin)
{
    std::string bytes;
    bytes.reserve(request.target.size() + request.body.size() + 256);
    bytes += name(request.method);
    bytes += ' ';
    bytes += request.target;
    bytes += " HTTP/1.1\r\nHost: ";
    bytes += origin.text();
    bytes += "\r\nAccept: application/json\r\nUser-Agent: etrms\r\n";
    for (const auto &[field, value] : request.headers) {
        bytes += field;
        bytes += ": ";
        bytes += value;
        bytes += "\r\n";
    }
    if (request.method != HttpMethod::Get)
        bytes += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    bytes += "\r\n";
    bytes += request.body;
    return bytes;
}

/// A line break or a blank in it would let a value become a header of its own.
bool isCleanLine(std::string_view text, bool blanksAllowed)
{
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return static_cast<unsigned char>(c) > 0x20 || (c == ' ' && blanksAllowed);
    });
}

bool isClean(const HttpRequest &request)
{
    if (request.method == HttpMethod::Get && !request.body.empty())
        return false;
    return request.target.starts_with('/') && isCleanLine(request.target, false) &&
           std::all_of(request.headers.begin(), request.headers.end(), [](const auto &field) {
               return isCleanLine(field.first, false) && isCleanLine(field.second, true);
           });
}

} // namespace

std::string_view name(HttpMethod method)
{
    switch (method) {
    case HttpMethod::Get:
        return "GET";
    case HttpMethod::Post:
        return "POST";
    case HttpMethod::Put:
        return "PUT";
    case HttpMethod::Delete:
        return "DELETE";
    }
    return "?";
}

struct HttpClient::Impl {
    struct Job {
        HttpRequest request;
        Origin origin;
        Callback done;
        Duration deadline{0};
        HttpConnection *connection{nullptr}; ///< observer; in `connections`
        bool repeated{false};
    };
    struct Warm {
        Origin origin;
        int connections{0};
        Backoff backoff{1s, 15s, 1};
        Duration notBefore{0};
    };

    Impl(HttpClient &owner, const Clock &time) : q(owner), clock(time)
    {
        QObject::connect(&care, &QTimer::timeout, &q, [this] { takeCare(); });
        care.setInterval(kCareInterval);
    }

    HttpClient &q;
    const Clock &clock;
    QTimer care;
    std::vector<std::unique_ptr<HttpConnection>> connections;
    std::deque<std::unique_ptr<Job>> jobs; ///< waiting and running, oldest first
    std::vector<Warm> warm;
    std::uint64_t generation{0};
    std::vector<std::pair<std::string, Origin>> origins; ///< the few addresses that were sent to, taken apart once

    Result<Origin> originOf(const std::string &address)
    {
        const auto known = std::find_if(origins.begin(), origins.end(),
                                        [&](const auto &origin) { return origin.first == address; });
        if (known != origins.end())
            return known->second;
        auto origin = parseOrigin(address);
        if (origin && origins.size() < kOriginsKept)
            origins.emplace_back(address, *origin);
        return origin;
    }

    void answer(std::unique_ptr<Job> job, HttpResult result)
    {
        QMetaObject::invokeMethod(
            &q,
            [this, born = generation, done = std::move(job->done), result = std::move(result)]() mutable {
                if (born == generation)
                    done(std::move(result));
            },
            Qt::QueuedConnection);
    }

    std::unique_ptr<Job> takeJob(const HttpConnection *connection)
    {
        for (auto it = jobs.begin(); it != jobs.end(); ++it) {
            if ((*it)->connection == connection) {
                std::unique_ptr<Job> job = std::move(*it);
                jobs.erase(it);
                return job;
            }
        }
        return nullptr;
    }

    int count(const Origin &origin, std::optional<HttpConnection::State> state) const
    {
        return static_cast<int>(
            std::count_if(connections.begin(), connections.end(), [&](const auto &connection) {
                return connection->origin() == origin &&
                       connection->state() != HttpConnection::State::Closed &&
                       (!state || connection->state() == *state);
            }));
    }

    void open(const Origin &origin)
    {
        connections.push_back(std::make_unique<HttpConnection>(origin, clock, nullptr));
        HttpConnection *connection = connections.back().get();
        QObject::connect(connection, &HttpConnection::ready, &q, [this] { pump(); });
        QObject::connect(connection, &HttpConnection::replied, &q, [this, connection](HttpReply reply) {
            const int status = reply.status;
            if (auto job = takeJob(connection))
                answer(std::move(job), std::move(reply));
            // It wants no more. What has not gone out stays here: each further request may make a pause a ban.
            if (status == 403 || status == 418 || status == 429)
                failWaiting(connection->origin(),
                            Error{ErrorCode::RateLimited, "held back after HTTP " + std::to_string(status)});
        });
        QObject::connect(connection, &HttpConnection::closed, &q,
                         [this, connection](const Error &why) { onClosed(connection, why); });
        connection->open();
    }

    void retire(HttpConnection *connection)
    {
        const auto it = std::find_if(connections.begin(), connections.end(),
                                     [&](const auto &owned) { return owned.get() == connection; });
        if (it == connections.end())
            return;
        // We may stand inside a signal of this connection.
        it->release()->deleteLater();
        connections.erase(it);
    }

    void onClosed(HttpConnection *connection, const Error &why)
    {
        const Origin origin = connection->origin();
        const bool stale = connection->used() && !connection->replyStarted();
        std::unique_ptr<Job> job = takeJob(connection);
        retire(connection);
        const bool reads = job && (job->request.method == HttpMethod::Get || job->request.onlyReads);
        if (reads && stale && !job->repeated) {
            // A kept connection that ended before it answered: reading again does no harm.
            job->repeated = true;
            job->connection = nullptr;
            jobs.push_front(std::move(job));
        } else if (job) {
            answer(std::move(job), tl::unexpected<HttpFailure>({why.in(origin.text()), true}));
        } else if (count(origin, std::nullopt) == 0) {
            failWaiting(origin, why);
        }
        pump();
    }

    /// Those who wait for a connection to this origin learn it now, not at their deadline: nothing went out.
    void failWaiting(const Origin &origin, const Error &why)
    {
        for (auto it = jobs.begin(); it != jobs.end();) {
            if ((*it)->connection || !((*it)->origin == origin)) {
                ++it;
                continue;
            }
            answer(std::move(*it), tl::unexpected<HttpFailure>({why.in(origin.text()), false}));
            it = jobs.erase(it);
        }
    }

    HttpConnection *idle(const Origin &origin)
    {
        for (const auto &connection : connections) {
            if (connection->state() == HttpConnection::State::Idle && connection->origin() == origin)
                return connection.get();
        }
        return nullptr;
    }

    void pump()
    {
        // By index: writing may end a connection at once, which comes back here.
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            Job &job = *jobs[i];
            if (job.connection)
                continue;
            if (HttpConnection *connection = idle(job.origin)) {
                job.connection = connection;
                connection->write(encode(job.request, job.origin));
                i = static_cast<std::size_t>(-1);
            }
        }
        std::map<std::string, std::pair<Origin, int>> waiting;
        for (const auto &job : jobs) {
            if (!job->connection) {
                auto &entry = waiting[job->origin.text() + (job->origin.secure ? " tls" : "")];
                entry.first = job->origin;
                ++entry.second;
            }
        }
        for (const auto &[key, entry] : waiting) {
            int connecting = count(entry.first, HttpConnection::State::Connecting);
            for (; connecting < entry.second && count(entry.first, std::nullopt) < kConnectionsPerOrigin;
                 ++connecting)
                open(entry.first);
        }
        if (!care.isActive() && (!jobs.empty() || !warm.empty() || !connections.empty()))
            care.start();
    }

    void takeCare()
    {
        const Duration now = clock.monotonic();
        for (std::size_t i = 0; i < jobs.size();) {
            if (jobs[i]->deadline > now) {
                ++i;
                continue;
            }
            std::unique_ptr<Job> job = std::move(jobs[i]);
            jobs.erase(jobs.begin() + static_cast<std::ptrdiff_t>(i));
            const bool sent = job->connection != nullptr;
            if (sent) {
                job->connection->close();
                retire(job->connection);
            }
            const std::string where = job->origin.text();
            answer(std::move(job), tl::unexpected<HttpFailure>(
                                       {Error{ErrorCode::TimedOut, where + ": no answer in time"}, sent}));
        }
        recycleIdle(now);
        for (Warm &entry : warm)
            keep(entry, now);
        if (jobs.empty() && warm.empty() && connections.empty())
            care.stop();
        else
            pump();
    }

    void recycleIdle(Duration now)
    {
        std::vector<HttpConnection *> old;
        for (const auto &connection : connections) {
            if (connection->state() == HttpConnection::State::Idle &&
                now - connection->idleSince() > kIdleLimit)
                old.push_back(connection.get());
        }
        for (HttpConnection *connection : old) {
            connection->close();
            retire(connection);
        }
    }

    void keep(Warm &entry, Duration now)
    {
        const int ready = count(entry.origin, HttpConnection::State::Idle);
        const int coming = count(entry.origin, HttpConnection::State::Connecting);
        if (ready > 0)
            entry.backoff.reset();
        if (ready + coming >= entry.connections || now < entry.notBefore ||
            count(entry.origin, std::nullopt) >= kConnectionsPerOrigin)
            return;
        entry.notBefore = now + entry.backoff.next();
        for (int i = ready + coming; i < entry.connections; ++i)
            open(entry.origin);
    }
};

HttpClient::HttpClient(const Clock &clock, QObject *parent)
    : QObject(parent), m_impl(std::make_unique<Impl>(*this, clock))
{
}

HttpClient::~HttpClient() = default;

void HttpClient::send(HttpRequest request, Callback done)
{
    auto job = std::make_unique<Impl::Job>();
    job->done = std::move(done);
    const auto origin = m_impl->originOf(request.address);
    if (!origin) {
        m_impl->answer(std::move(job), tl::unexpected<HttpFailure>({origin.error(), false}));
        return;
    }
    if (!isClean(request)) {
        m_impl->answer(
            std::move(job),
            tl::unexpected<HttpFailure>(
                {Error{ErrorCode::InvalidArgument, "request: blank or control character in it, or a body where none belongs"}, false}));
        return;
    }
    job->origin = *origin;
    job->deadline = m_impl->clock.monotonic() + request.timeout;
    job->request = std::move(request);
    m_impl->jobs.push_back(std::move(job));
    m_impl->pump();
}

void HttpClient::keepWarm(const std::string &address, int connections)
{
    const auto origin = parseOrigin(address);
    if (!origin)
        return; // the first request says why
    m_impl->warm.push_back({.origin = *origin, .connections = connections});
    m_impl->keep(m_impl->warm.back(), m_impl->clock.monotonic());
    m_impl->pump();
}

void HttpClient::abortAll()
{
    ++m_impl->generation;
    m_impl->jobs.clear();
    m_impl->warm.clear();
    for (const auto &connection : m_impl->connections)
        connection->close();
    while (!m_impl->connections.empty())
        m_impl->retire(m_impl->connections.back().get());
    m_impl->care.stop();
}

} // namespace core::net
