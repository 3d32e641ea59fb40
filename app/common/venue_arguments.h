#pragma once

#include <QtCore/QCommandLineParser>

#include "core/runtime/venue_host.h"

namespace app
{

/// The options that choose the loopback exchange's market, for the desktop's demo and `etrms-cli venue`.
void addMarketOptions(QCommandLineParser &parser);
/// `scenario`: name of the generated market, empty for the flash crash. InvalidArgument names the option.
[[nodiscard]] core::Result<core::runtime::DemoVenue> demoFromArguments(const QCommandLineParser &parser,
                                                                       const QString &scenario);

} // namespace app
