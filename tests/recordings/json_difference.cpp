#include "tests/recordings/json_difference.h"

#include "core/exchange/wire/general_reader.h"

using namespace Qt::StringLiterals;

namespace tests
{

QString difference(const QJsonValue &kept, const QJsonValue &original, const QString &path)
{
    if (kept.isObject()) {
        const QJsonObject members = kept.toObject();
        for (auto it = members.begin(); it != members.end(); ++it) {
            const QString found =
                difference(it.value(), original.toObject().value(it.key()), path + u'.' + it.key());
            if (!found.isEmpty())
                return found;
        }
        return {};
    }
    if (kept.isArray()) {
        const QJsonArray ours = kept.toArray();
        const QJsonArray theirs = original.toArray();
        if (ours.size() != theirs.size())
            return u"%1: %2 rows instead of %3"_s.arg(path).arg(ours.size()).arg(theirs.size());
        for (qsizetype i = 0; i < ours.size(); ++i) {
            const QString found = difference(ours.at(i), theirs.at(i), u"%1[%2]"_s.arg(path).arg(i));
            if (!found.isEmpty())
                return found;
        }
        return {};
    }
    if (kept == original)
        return {};
    const std::string sent = original.toString().trimmed().toStdString();
    if (kept.isString() && original.isString()) {
        const auto ours = core::exchange::wire::parseRounded(kept.toString().toStdString());
        const auto theirs = core::exchange::wire::parseRounded(sent);
        if (ours && theirs && *ours == *theirs)
            return {};
    }
    if (kept.isDouble() && original.isString() && QString::fromStdString(sent).toDouble() == kept.toDouble())
        return {};
    return u"%1: %2 instead of %3"_s.arg(path, kept.toVariant().toString(), original.toVariant().toString());
}

} // namespace tests
