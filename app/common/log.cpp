#include "app/common/log.h"

#include <QtCore/QDir>

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

using namespace Qt::StringLiterals;

namespace app
{

namespace
{
void fromQt(QtMsgType type, const QMessageLogContext &, const QString &message)
{
    const std::string text = message.toStdString();
    switch (type) {
    case QtDebugMsg: spdlog::debug("qt: {}", text); break;
    case QtInfoMsg: spdlog::info("qt: {}", text); break;
    case QtWarningMsg: spdlog::warn("qt: {}", text); break;
    case QtCriticalMsg:
    case QtFatalMsg: spdlog::critical("qt: {}", text); break;
    }
}
} // namespace

void startLog(const QString &dataDir)
{
    constexpr std::size_t kBytesMax = 5'000'000;
    constexpr std::size_t kFilesMax = 3;
    spdlog::drop("etrms");
    const auto toStderr = [] {
        auto logger = spdlog::stderr_logger_mt("etrms-stderr");
        logger->set_level(spdlog::level::err); // a command says what went wrong itself, in one line
        spdlog::set_default_logger(logger);
    };
    try {
        if (!dataDir.isEmpty() && QDir().mkpath(dataDir)) {
            spdlog::set_default_logger(spdlog::rotating_logger_mt(
                "etrms", QDir(dataDir).filePath(u"etrms.log"_s).toStdString(), kBytesMax, kFilesMax));
        } else {
            toStderr();
        }
    } catch (const spdlog::spdlog_ex &) {
        // An unwritable log is no reason not to guard; the data directory itself is checked where it matters.
        toStderr();
    }
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    spdlog::flush_on(spdlog::level::warn);
    qInstallMessageHandler(&fromQt);
}

} // namespace app
