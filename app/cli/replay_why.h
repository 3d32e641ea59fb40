#pragma once

#include <QtCore/QCommandLineParser>

namespace app::cli
{

/// `replay --journal DB --why DECISION`. Returns the exit status.
[[nodiscard]] int explainDecision(const QCommandLineParser &parser, std::optional<std::int64_t> session);

} // namespace app::cli
