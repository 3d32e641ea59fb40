#include "tests/lint/layering.h"

#include <algorithm>

#include <QtCore/QRegularExpression>

using namespace Qt::StringLiterals;

namespace tests::lint
{

namespace
{

/// "etrms_binance_codec" is a target of core/exchange/binance: the room whose last name starts the target's.
/// Null for targets that are no room (etrms_zstd).
const Room *roomOfTarget(const QString &target)
{
    const QString name = target.mid(target.indexOf(u'_') + 1);
    if (name == "recording"_L1)
        return roomOfTarget(u"etrms_venue"_s);
    for (const Room &room : rooms()) {
        const QString last = room.name.mid(room.name.lastIndexOf(u'/') + 1);
        if (name == last || name.startsWith(last + u'_'))
            return &room;
    }
    return nullptr;
}

bool mayLink(const Room &from, const QString &target, const Room &to)
{
    return std::any_of(from.mayInclude.begin(), from.mayInclude.end(), [&](const QString &entry) {
        const bool partOfRoom = entry.startsWith(to.name + u'/');
        // venue may use the codecs and signatures of a venue folder, so it links their targets and not the client's
        if (partOfRoom && to.name.startsWith("core/exchange/"_L1))
            return target.endsWith("_codec"_L1) || target.endsWith("_signing"_L1);
        return partOfRoom || entry == to.name;
    });
}

} // namespace

Findings checkLinks(const QString &path, const QString &text)
{
    static const QRegularExpression comment(u"#[^\\n]*"_s);
    static const QRegularExpression call(u"\\b(etrms_room|target_link_libraries)\\s*\\(([^)]*)\\)"_s);
    static const QRegularExpression words(u"[\\w:.]+"_s);
    QString code = text;
    for (auto matches = comment.globalMatch(text); matches.hasNext();) {
        const auto match = matches.next();
        code.replace(match.capturedStart(), match.capturedLength(), QString(match.capturedLength(), u' '));
    }
    Findings findings;
    for (auto calls = call.globalMatch(code); calls.hasNext();) {
        const auto match = calls.next();
        bool links = match.captured(1) == "target_link_libraries"_L1;
        const Room *from = nullptr;
        for (auto parts = words.globalMatch(match.captured(2)); parts.hasNext();) {
            const auto part = parts.next();
            const QString word = part.captured();
            if (!from) { // the first word is the target itself
                from = roomOfTarget(links ? word : u"etrms_"_s + word);
                if (!from)
                    break;
                continue;
            }
            if (word == "LINK"_L1 || word == "SOURCES"_L1 || word == "QT"_L1)
                links = word == "LINK"_L1;
            const Room *to = links && word.startsWith("etrms_"_L1) ? roomOfTarget(word) : nullptr;
            if (to && to != from && !mayLink(*from, word, *to)) {
                const qsizetype offset = match.capturedStart(2) + part.capturedStart();
                const auto line = static_cast<int>(QStringView(code).first(offset).count(u'\n')) + 1;
                findings.push_back({path, line, u"layering"_s,
                                    u"%1: the picture has no arrow from %2 to it"_s.arg(word, from->name)});
            }
        }
    }
    return findings;
}

} // namespace tests::lint
