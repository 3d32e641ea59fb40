#include "ui/shell/layout_store.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QDataStream>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QSaveFile>

using namespace Qt::StringLiterals;

namespace ui::shell
{

namespace
{
constexpr quint32 kMagic = 0x4554524D; // "ETRM"
constexpr quint32 kFormat = 1;
constexpr qint64 kBytesMax = 1 << 20;
} // namespace

LayoutStore::LayoutStore(QString directory) : m_directory(std::move(directory)) {}

QString LayoutStore::path() const
{
    return m_directory + u"/layout.bin"_s;
}

void LayoutStore::setAside() const
{
    QFile::remove(path() + u".bad"_s);
    QFile::rename(path(), path() + u".bad"_s);
}

LayoutStore::Outcome LayoutStore::load(Layout &layout) const
{
    if (m_directory.isEmpty())
        return Outcome::Absent;
    QFile file(path());
    if (!file.exists())
        return Outcome::Absent;
    const auto parse = [&file](Layout &out) {
        if (!file.open(QIODevice::ReadOnly) || file.size() > kBytesMax)
            return false;
        QDataStream stream(&file);
        stream.setVersion(QDataStream::Qt_6_4);
        quint32 magic = 0;
        quint32 format = 0;
        QByteArray digest;
        QByteArray payload;
        stream >> magic >> format >> digest >> payload;
        if (stream.status() != QDataStream::Ok || magic != kMagic || format != kFormat || !stream.atEnd() ||
            QCryptographicHash::hash(payload, QCryptographicHash::Sha256) != digest)
            return false;
        QDataStream inner(payload);
        inner.setVersion(QDataStream::Qt_6_4);
        inner >> out.geometry >> out.docks >> out.locked;
        return inner.status() == QDataStream::Ok;
    };
    if (parse(layout))
        return Outcome::Loaded;
    layout = {};
    file.close();
    setAside();
    return Outcome::SetAside;
}

bool LayoutStore::save(const Layout &layout) const
{
    if (m_directory.isEmpty())
        return true;
    if (!QDir().mkpath(m_directory))
        return false;
    QByteArray payload;
    QDataStream inner(&payload, QIODevice::WriteOnly);
    inner.setVersion(QDataStream::Qt_6_4);
    inner << layout.geometry << layout.docks << layout.locked;
    QSaveFile file(path());
    if (!file.open(QIODevice::WriteOnly))
        return false;
    QDataStream stream(&file);
    stream.setVersion(QDataStream::Qt_6_4);
    stream << kMagic << kFormat << QCryptographicHash::hash(payload, QCryptographicHash::Sha256) << payload;
    return stream.status() == QDataStream::Ok && file.commit();
}

} // namespace ui::shell
