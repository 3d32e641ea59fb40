#include "tests/lint/layering.h"

#include <algorithm>
#include <optional>

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QMap>
#include <QtCore/QRegularExpression>
#include <QtCore/QSet>

#include "tests/lint/source_text.h"

using namespace Qt::StringLiterals;

namespace tests::lint
{

namespace
{

QString base()
{
    return u"core/base"_s;
}
QString domain()
{
    return u"core/domain"_s;
}
QString market()
{
    return u"core/market"_s;
}
QString analysis()
{
    return u"core/analysis"_s;
}
QString risk()
{
    return u"core/risk"_s;
}
QString orders()
{
    return u"core/orders"_s;
}
QString assistant()
{
    return u"core/assistant"_s;
}
QString ports()
{
    return u"core/ports"_s;
}
QString net()
{
    return u"core/net"_s;
}

QStringList qtOfServices()
{
    return {u"QtCore"_s, u"QtNetwork"_s, u"QtWebSockets"_s, u"QtHttpServer"_s, u"QtSql"_s};
}

QStringList qtOfScreens()
{
    return {u"QtCore"_s,         u"QtGui"_s,    u"QtWidgets"_s, u"QtSvg"_s,          u"QtSvgWidgets"_s,
            u"QtPrintSupport"_s, u"QtCharts"_s, u"QtOpenGL"_s,  u"QtOpenGLWidgets"_s};
}

/// Everything that stands below the services.
QStringList values()
{
    return {base(), domain(), market(), analysis(), risk(), orders(), assistant(), ports()};
}

/// What the loopback exchange may know of a venue folder: where bytes become values, and the signatures to
/// check.
QStringList codecsOf(const QString &venueFolder)
{
    return {venueFolder + u"/codec"_s, venueFolder + u"/user_codec"_s, venueFolder + u"/rest_codec"_s,
            venueFolder + u"/messages"_s, venueFolder + u"/signer"_s, venueFolder + u"/action_ids"_s,
            venueFolder + u"/action_value"_s};
}

std::vector<Room> picture()
{
    const QString binance = u"core/exchange/binance"_s;
    const QString hyperliquid = u"core/exchange/hyperliquid"_s;
    const QString wire = u"core/exchange/wire"_s; // digits and JSON readers; knows no venue
    const QStringList services = {binance,         hyperliquid,      u"core/storage"_s,
                                  u"core/venue"_s, u"core/notify"_s, u"core/secrets"_s, net()};
    const QStringList runtime = {u"core/runtime"_s};
    const QStringList uiValues = {base(), domain(), market(), analysis(), risk(), orders(), ports()};
    const QStringList noQt;
    const QStringList qt = qtOfServices();
    return {
        {base(), {}, noQt, true},
        {domain(), {base()}, noQt, true},
        {market(), {base(), domain()}, noQt, true},
        {analysis(), {base(), domain(), market()}, noQt, true},
        // risk and orders get a volatility, a liquidity estimate, a correlation matrix as values
        {risk(), {base(), domain(), market()}, noQt, true},
        {orders(), {base(), domain(), market(), risk()}, noQt, true},
        // it proposes: of risk it may use the sizing, and nothing that could place an order
        {assistant(), {base(), domain(), market(), analysis(), u"core/risk/sizing"_s}, noQt, true},
        {ports(), {base(), domain(), market(), analysis(), risk(), orders(), assistant()}, noQt, true},
        {net(), values(), qt, false},
        {u"core/notify"_s, values() << net(), qt, false},
        {wire, {base(), domain()}, {u"QtCore"_s}, false},
        {u"core/venue"_s, values() << net() << codecsOf(binance) << codecsOf(hyperliquid) << wire, qt, false},
        {u"core/secrets"_s, {base(), domain(), net()}, {u"QtCore"_s}, false},
        {u"core/storage"_s, values(), qt, false},
        {binance, values() << net() << wire, qt, false},
        {hyperliquid, values() << net() << wire, qt, false},
        {u"core/runtime"_s, values() + services, qt, false},
        {u"ui"_s, uiValues + runtime, qtOfScreens(), false},
        {u"app"_s, values() + services + runtime + QStringList{u"ui"_s}, qt + qtOfScreens(), false},
    };
}

/// An include that breaks the picture and may stay, and why.
struct Exception {
    QLatin1StringView path;
    QLatin1StringView target;
    QLatin1StringView reason;
};
constexpr Exception kExceptions[] = {
    {"core/base/assert.cpp"_L1, "cstdio"_L1, "prints the broken invariant before it aborts"_L1},
    {"core/storage/job_queue.h"_L1, "mutex"_L1, "the writer waits for jobs, and storage stands below runtime"_L1},
    {"core/storage/job_queue.h"_L1, "condition_variable"_L1,
     "the writer waits for jobs, and storage stands below runtime"_L1},
};

bool isException(const QString &path, const QString &target)
{
    return std::any_of(std::begin(kExceptions), std::end(kExceptions),
                       [&](const Exception &e) { return path == e.path && target == e.target; });
}

/// The standard headers that pure code may use: no threads, locks, files, streams, time of day, locale.
const QSet<QString> &pureStandardHeaders()
{
    static const QStringList names =
        u"algorithm array atomic bit bitset cassert cctype cerrno cfloat charconv chrono cinttypes climits "
        u"cmath "
        "compare complex concepts cstdarg cstddef cstdint cstdlib cstring deque exception forward_list "
        "functional "
        "initializer_list iterator limits list map memory memory_resource new numbers numeric optional queue "
        "random "
        "ranges ratio scoped_allocator set source_location span stack stdexcept string string_view "
        "system_error tuple "
        "type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector version"_s
            .split(u' ');
    static const QSet<QString> set(names.begin(), names.end());
    return set;
}

/// Of these only runtime's primitives and WorkerThread are made.
bool isThreadHeader(const QString &target)
{
    static const QRegularExpression pattern(
        u"^(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token|"
        u"syncstream|"
        "pthread\\.h|threads\\.h|(QtCore/"
        ")?Q(Mutex|ReadWriteLock|Semaphore|WaitCondition|ThreadPool|Runnable|Future.*)|"
        "QtConcurrent.*)$"_s);
    return pattern.match(target).hasMatch();
}

bool isPureThirdParty(const QString &path, const QString &target)
{
    static const QStringList everywhere = {u"tl/"_s, u"fmt/"_s};
    static const QStringList mathematics = {u"Eigen/"_s};
    static const QStringList venueFolder = {u"simdjson"_s, u"openssl/"_s, u"secp256k1"_s};
    const auto startsWithAny = [&](const QStringList &starts) {
        return std::any_of(starts.begin(), starts.end(),
                           [&](const QString &s) { return target.startsWith(s); });
    };
    if (startsWithAny(everywhere))
        return true;
    if (path.startsWith("core/exchange/"_L1))
        return startsWithAny(venueFolder);
    if (path.startsWith("core/assistant/"_L1) && target.startsWith("xgboost/"_L1))
        return true;
    return startsWithAny(mathematics);
}

/// "core/domain" fits "core/domain/ids.h", not "core/domainish/x.h"; "core/risk/sizing" fits
/// "core/risk/sizing_caps.h".
bool fits(const QString &entry, const QString &target)
{
    const bool isRoom =
        std::any_of(rooms().begin(), rooms().end(), [&](const Room &r) { return r.name == entry; });
    return target.startsWith(isRoom ? entry + u'/' : entry);
}

const Room *roomOf(const QString &path)
{
    for (const Room &room : rooms()) {
        if (path.startsWith(room.name + u'/'))
            return &room;
    }
    return nullptr;
}

bool beginsPurity(const QString &path)
{
    if (!path.startsWith("core/exchange/"_L1))
        return false;
    const QString name = QFileInfo(path).fileName();
    return std::any_of(pureVenueFiles().begin(), pureVenueFiles().end(),
                       [&](const QString &stem) { return name.startsWith(stem); });
}

/// The Qt module of an angle include, "" for a Qt header without its module, nullopt for something else.
std::optional<QString> qtModuleOf(const QString &target)
{
    if (target == "qcustomplot.h"_L1)
        return std::nullopt;
    static const QRegularExpression withModule(u"^(Qt[A-Z]\\w*)/"_s);
    if (const auto match = withModule.match(target); match.hasMatch())
        return match.captured(1);
    static const QRegularExpression bare(u"^(Q[A-Z]\\w*|q[a-z_0-9]+\\.h)$"_s);
    return bare.match(target).hasMatch() ? std::optional<QString>(QString()) : std::nullopt;
}

/// The sources of etrms-cli and those it shares with the desktop: "cli" or "common" as a word in the path.
bool isHeadless(const QString &path)
{
    static const QRegularExpression pattern(u"^app/(.*[/_-])?(cli|common)([/_.-]|$)"_s);
    return pattern.match(path).hasMatch();
}

struct Include {
    QString target;
    bool angle{false};
    int line{0};
};

/// What is wrong with a Qt or library header; empty when nothing is.
QString faultOfLibrary(const QString &path, const Room &room, const Include &include, bool pure)
{
    const QString &target = include.target;
    if (isThreadHeader(target) && room.name != "core/runtime"_L1)
        return u"<%1>: threads and locks are made in core/runtime only"_s.arg(target);
    if (const auto module = qtModuleOf(target)) {
        if (pure || room.qtModules.isEmpty())
            return u"<%1>: no Qt here"_s.arg(target);
        if (module->isEmpty())
            return u"<%1>: write the module too (<QtCore/…>), so that the picture can be checked"_s.arg(
                target);
        if (isHeadless(path) && !qtOfServices().contains(*module))
            return u"<%1>: the headless program stays without a screen"_s.arg(target);
        return room.qtModules.contains(*module) ? QString()
                                                : u"<%1>: not one of this room's Qt modules"_s.arg(target);
    }
    if (target == "qcustomplot.h"_L1)
        return room.name == "ui"_L1 ? QString() : u"<%1>: plots belong to ui"_s.arg(target);
    if (pure && !pureStandardHeaders().contains(target) && !isPureThirdParty(path, target))
        return u"<%1>: a pure room has no I/O, threads, locks or operating system"_s.arg(target);
    if (room.name == "ui"_L1) {
        static const QRegularExpression services(
            u"^(openssl/|sqlite3|simdjson|zlib|zstd|sys/|netinet/|arpa/|fstream$|filesystem$)"_s);
        if (services.match(target).hasMatch())
            return u"<%1>: ui sees neither files, sockets, SQL nor wire formats"_s.arg(target);
    }
    return {};
}

QString faultOfArrow(const QString &path, const Room &room, const QString &target, bool pure)
{
    const Room *other = roomOf(target);
    if (!other)
        return u"\"%1\": a room that the picture lacks, or not a path from the root"_s.arg(target);
    if (isHeadless(path) && other->name == "ui"_L1)
        return u"\"%1\": the headless program stays without a screen"_s.arg(target);
    if (pure && path.startsWith("core/exchange/"_L1)) {
        // in the same folder the included file becomes pure and is judged itself
        if (other != &room && !other->pure && !beginsPurity(target))
            return u"\"%1\": a codec, and what it includes, uses pure rooms only"_s.arg(target);
    }
    if (other == &room)
        return {};
    const bool allowed = std::any_of(room.mayInclude.begin(), room.mayInclude.end(),
                                     [&](const QString &entry) { return fits(entry, target); });
    return allowed ? QString() : u"\"%1\": the picture has no arrow from %2 to it"_s.arg(target, room.name);
}

std::vector<Include> includesOf(const SourceText &source, Findings &findings, const QString &path)
{
    static const QRegularExpression pattern(
        u"^[ \\t]*#[ \\t]*(?:include|import)\\b[ \\t]*(<[^>\\n]*>|\"[^\"\\n]*\"|[^\\n]*)"_s,
        QRegularExpression::MultilineOption);
    std::vector<Include> includes;
    for (auto matches = pattern.globalMatch(source.withoutComments()); matches.hasNext();) {
        const auto match = matches.next();
        const QString what = match.captured(1).trimmed();
        if (source.code()[source.original().indexOf(u'#', match.capturedStart())] != u'#')
            continue; // inside a literal
        const int line = source.lineOf(match.capturedStart(1));
        if (what.startsWith(u'<') || what.startsWith(u'"'))
            includes.push_back({what.mid(1, what.size() - 2), what.startsWith(u'<'), line});
        else
            findings.push_back(
                {path, line, u"layering"_s, u"an include that cannot be read: %1"_s.arg(what)});
    }
    return includes;
}

using Texts = QMap<QString, QString>; ///< by path

/// Header and source of one name belong together: the path without its suffix.
QString unitOf(const QString &path)
{
    return path.left(path.lastIndexOf(u'.'));
}

/// The units of the venue folders that have to be pure because a pure one includes them.
QSet<QString> pureUnits(const Texts &texts)
{
    QSet<QString> pure;
    qsizetype before = -1;
    while (before != pure.size()) {
        before = pure.size();
        for (auto text = texts.cbegin(); text != texts.cend(); ++text) {
            if (!beginsPurity(text.key()) && !pure.contains(unitOf(text.key())))
                continue;
            Findings ignored;
            for (const Include &include : includesOf(SourceText(text.value()), ignored, text.key())) {
                if (include.target.startsWith("core/exchange/"_L1))
                    pure.insert(unitOf(include.target));
            }
        }
    }
    return pure;
}

bool isGenerated(const QString &target)
{
    static const QRegularExpression pattern(u"^(\\w+\\.moc|moc_\\w+\\.cpp|ui_\\w+\\.h)$"_s);
    return pattern.match(target).hasMatch();
}

} // namespace

const std::vector<Room> &rooms()
{
    static const std::vector<Room> table = picture();
    return table;
}

const QStringList &pureVenueFiles()
{
    static const QStringList stems = {u"codec"_s,    u"user_codec"_s, u"scanner"_s,
                                      u"schema"_s,   u"general_"_s,   u"market_events"_s,
                                      u"messages"_s, u"signer"_s,     u"book_sync"_s,
                                      u"swar"_s,     u"cursor"_s,     u"keys"_s,       u"keccak"_s,
                                      u"msgpack"_s,  u"action."_s,    u"wire_number"_s,
                                      u"action_ids"_s, u"action_value"_s, u"action_canonical"_s,
                                      u"nonce"_s,    u"instruments"_s, u"margin"_s};
    return stems;
}

Findings checkIncludes(const QString &path, const QString &text, bool pure)
{
    Findings findings;
    const Room *room = roomOf(path);
    if (!room) {
        findings.push_back({path, 1, u"layering"_s, u"a room that the picture lacks"_s});
        return findings;
    }
    pure = pure || room->pure || beginsPurity(path);
    for (const Include &include : includesOf(SourceText(text), findings, path)) {
        if (isGenerated(include.target) || isException(path, include.target))
            continue;
        static const QRegularExpression ours(u"^(app|core|ui|tests)/"_s);
        const bool fromRoot = ours.match(include.target).hasMatch();
        QString fault;
        if (fromRoot)
            fault = faultOfArrow(path, *room, include.target, pure);
        else if (include.angle)
            fault = faultOfLibrary(path, *room, include, pure);
        else
            fault = u"\"%1\": our own headers are included by their path from the root"_s.arg(include.target);
        if (!fault.isEmpty())
            findings.push_back({path, include.line, u"layering"_s, fault});
    }
    return findings;
}

Findings checkLayering(const QString &root)
{
    static const QRegularExpression source(u"^(app|core|ui)/.*\\.(h|hpp|hh|ipp|inl|cpp|cc|cxx|c)$"_s);
    static const QRegularExpression build(u"^(app|core|ui)/.*(CMakeLists\\.txt|\\.cmake)$"_s);
    Texts texts;
    Findings findings;
    for (const QString &path : filesOf(root, {u"app"_s, u"core"_s, u"ui"_s})) {
        if (source.match(path).hasMatch())
            texts.insert(path, textOf(root + u'/' + path));
        if (build.match(path).hasMatch()) {
            const Findings links = checkLinks(path, textOf(root + u'/' + path));
            findings.insert(findings.end(), links.begin(), links.end());
        }
    }
    const QSet<QString> pure = pureUnits(texts);
    for (auto text = texts.cbegin(); text != texts.cend(); ++text) {
        const Findings ofFile = checkIncludes(text.key(), text.value(), pure.contains(unitOf(text.key())));
        findings.insert(findings.end(), ofFile.begin(), ofFile.end());
    }
    return findings;
}

} // namespace tests::lint
