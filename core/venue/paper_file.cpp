#include "core/venue/paper_file.h"

#include <fmt/format.h>

#include <QtCore/QFile>
#include <QtCore/QSaveFile>

namespace core::venue
{

using namespace Qt::StringLiterals;

namespace
{
constexpr qint64 kBytesMax = 64 << 20;
}

Result<std::optional<PaperState>> PaperFile::load(UtcTime now) const
{
    QFile file(m_path);
    if (!file.exists())
        return std::optional<PaperState>();
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::IoFailed, fmt::format("{}: cannot be read: {}", m_path.toStdString(), file.errorString().toStdString()));
    const QByteArray text = file.read(kBytesMax + 1);
    file.close();
    auto state = text.size() > kBytesMax ? Result<PaperState>(fail(ErrorCode::Corrupt, "it is too large"))
                                         : parsePaperState({text.constData(), static_cast<std::size_t>(text.size())});
    if (state)
        return std::optional<PaperState>(std::move(*state));
    if (state.error().code != ErrorCode::Corrupt)
        return fail(state.error().in(m_path.toStdString()));
    const QString aside = u"%1.damaged-%2"_s.arg(m_path).arg(qint64{toMilliseconds(now)});
    const bool moved = QFile::rename(m_path, aside);
    return fail(ErrorCode::Corrupt,
                fmt::format("the paper account {} is damaged ({}) and is not used; {}", m_path.toStdString(), state.error().detail,
                            moved ? "it was kept as " + aside.toStdString() + ", and the next start begins a new account"
                                  : std::string("it could not be moved aside: move it by hand")));
}

Result<void> PaperFile::save(const PaperState &state) const
{
    QSaveFile file(m_path);
    const QByteArray text = QByteArray::fromStdString(paperStateText(state));
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit())
        return fail(ErrorCode::IoFailed,
                    fmt::format("{}: cannot be written: {}", m_path.toStdString(), file.errorString().toStdString()));
    return {};
}

} // namespace core::venue
