#include "tests/lint/source_rules.h"

#include <algorithm>

#include <QtCore/QFileInfo>
#include <QtCore/QRegularExpression>

#include "tests/lint/layering.h"

using namespace Qt::StringLiterals;

namespace tests::lint
{

namespace
{

bool isCpp(const QString &path)
{
    static const QRegularExpression pattern(u"\\.(h|hpp|hh|ipp|inl|cpp|cc|cxx|c)$"_s);
    return pattern.match(path).hasMatch();
}
bool isHeader(const QString &path)
{
    return path.endsWith(".h"_L1) || path.endsWith(".hpp"_L1);
}
bool inTests(const QString &path)
{
    return path.startsWith("tests/"_L1);
}
bool inCore(const QString &path)
{
    return path.startsWith("core/"_L1);
}
bool isCoreCpp(const QString &path)
{
    return inCore(path) && isCpp(path);
}
bool isUiCpp(const QString &path)
{
    return path.startsWith("ui/"_L1) && isCpp(path);
}
bool isProgramCpp(const QString &path)
{
    return isCpp(path) && (inCore(path) || path.startsWith("app/"_L1) || path.startsWith("ui/"_L1));
}
bool isAnyCpp(const QString &path)
{
    return isCpp(path) && (isProgramCpp(path) || inTests(path));
}
bool isTestCpp(const QString &path)
{
    return isCpp(path) && inTests(path);
}
bool isProgramHeader(const QString &path)
{
    return isProgramCpp(path) && isHeader(path);
}
bool isAnyHeader(const QString &path)
{
    return isAnyCpp(path) && isHeader(path);
}
bool isCoreOrUiCpp(const QString &path)
{
    return isCoreCpp(path) || isUiCpp(path);
}
bool isCoreBuildFile(const QString &path)
{
    return inCore(path) && path.endsWith("CMakeLists.txt"_L1);
}

/// What people wrote, not what was recorded or taken over.
bool isWritten(const QString &path)
{
    return path != "LICENSE"_L1 && !path.startsWith("tests/data/"_L1);
}
bool isOutsideSystemClock(const QString &path)
{
    return isProgramCpp(path) && !path.startsWith("core/net/system_clock."_L1);
}
bool isOutsideRuntime(const QString &path)
{
    return isProgramCpp(path) && !path.startsWith("core/runtime/"_L1);
}
bool isOnTheMarketDataPath(const QString &path)
{
    if (!isCpp(path))
        return false;
    // Beside the pure files: what carries a frame from the socket to its decoder.
    static const QStringList carriers = {u"market_streams"_s, u"connection"_s, u"client_socket"_s};
    const auto startsFile = [&](const QString &stem) { return QFileInfo(path).fileName().startsWith(stem); };
    return path.startsWith("core/market/"_L1) || path.startsWith("core/domain/"_L1) ||
           path == "core/net/web_socket.cpp"_L1 ||
           (path.startsWith("core/exchange/"_L1) &&
            (std::any_of(pureVenueFiles().begin(), pureVenueFiles().end(), startsFile) ||
             std::any_of(carriers.begin(), carriers.end(), startsFile)));
}
bool isLimitedInLength(const QString &path)
{
    return isAnyCpp(path) || path.endsWith(".sh"_L1) || path.endsWith("CMakeLists.txt"_L1) ||
           path.endsWith(".cmake"_L1);
}

Hits hitsOf(const QString &text, const QRegularExpression &pattern, const QString &why)
{
    Hits hits;
    for (auto matches = pattern.globalMatch(text); matches.hasNext();) {
        const auto match = matches.next();
        hits.push_back({match.capturedStart(), u"%1: %2"_s.arg(match.captured().trimmed(), why)});
    }
    return hits;
}

Hits numberParsers(const QString &, const SourceText &source)
{
    static const QRegularExpression pattern(
        u"\\b(std::)?(stod|stof|stold|strtod|strtof|strtold|atof|wcstod|wcstof)\\s*\\("_s);
    return hitsOf(source.code(), pattern,
                  u"reads the C locale's decimal point; use from_chars or our parser"_s);
}

Hits localeFunctions(const QString &, const SourceText &source)
{
    static const QRegularExpression pattern(
        u"\\b(setlocale|localeconv|newlocale|uselocale|std::locale|std::use_facet|QLocale::setDefault)\\b|\\.imbue\\s*\\("_s);
    return hitsOf(source.code(), pattern, u"changes or reads the locale of the process"_s);
}

Hits localeInCore(const QString &, const SourceText &source)
{
    static const QRegularExpression pattern(u"\\bQLocale\\b(?!\\s*::\\s*c\\s*\\()(?!>)"_s);
    return hitsOf(source.code(), pattern, u"numbers for people belong to ui/format"_s);
}

Hits wallClocks(const QString &, const SourceText &source)
{
    static const QRegularExpression pattern(
        u"\\b(system_clock|steady_clock|high_resolution_clock|utc_clock)\\s*::\\s*now\\b|"
        "\\bQ(Date|Time|DateTime)::current\\w+|\\b(clock_gettime|gettimeofday|timespec_get)\\s*\\(|\\bstd::"
        "time\\s*\\(|"
        "(?<![\\w:.>])time\\s*\\(\\s*(nullptr|NULL|0|&)"_s);
    return hitsOf(source.code(), pattern,
                  u"now comes from an injected Clock (core/net/system_clock makes it)"_s);
}

Hits sleeps(const QString &, const SourceText &source)
{
    static const QRegularExpression pattern(
        u"\\b(sleep|usleep|msleep|nanosleep|clock_nanosleep|qSleep|sleep_for|sleep_until)\\s*\\(|\\bprocessEvents\\s*\\("_s);
    return hitsOf(source.code(), pattern, u"nothing waits here: use a timer or a signal"_s);
}

Hits sleepsInTests(const QString &, const SourceText &source)
{
    static const QRegularExpression pattern(
        u"\\b(sleep|usleep|msleep|nanosleep|clock_nanosleep|qSleep|sleep_for|sleep_until|qWait)\\s*\\("_s);
    return hitsOf(source.code(), pattern, u"a test polls with a deadline or drives a ManualClock"_s);
}

Hits blockingWaits(const QString &, const SourceText &source)
{
    static const QRegularExpression pattern(u"\\bwaitFor(ReadyRead|Connected|Encrypted|BytesWritten|"
                                            u"Disconnected|NewConnection|Finished|Started)\\s*\\(|"
                                            "\\bBlockingQueuedConnection\\b"_s);
    return hitsOf(source.code(), pattern, u"no blocking wait on the gui and engine threads"_s);
}

Hits nestedLoops(const QString &, const SourceText &source)
{
    static const QRegularExpression pattern(u"\\bQEventLoop\\s+\\w+\\s*[;({]"_s);
    return hitsOf(source.code(), pattern, u"no nested event loop on the gui thread"_s);
}

Hits threadsMadeHere(const QString &, const SourceText &source)
{
    static const QRegularExpression pattern(
        u"\\bstd::(j?thread|async)\\b|\\bQThread::create\\b|\\bnew\\s+QThread\\b|\\bpublic\\s+QThread\\b|\\bQThread\\s+\\w+;"_s);
    return hitsOf(source.code(), pattern, u"core/runtime is the only creator of threads"_s);
}

Hits translations(const QString &, const SourceText &source)
{
    static const QRegularExpression pattern(
        u"(?<![\\w.>])tr\\s*\\(|\\bQCoreApplication::translate\\b|\\bQT_TR\\w*_NOOP\\b|\\bqtTrId\\b"_s);
    return hitsOf(source.code(), pattern, u"core gives codes; ui turns them into sentences"_s);
}

Hits screens(const QString &, const SourceText &source)
{
    static const QRegularExpression pattern(
        u"\\bQt(Gui|Widgets)/|\\bQ(Widget|Window|Color|Image|Pixmap|Painter|Font|Icon|Action|Application|GuiApplication)\\b"_s);
    return hitsOf(source.withoutComments(), pattern, u"core has no screen"_s);
}

Hits screenLibraries(const QString &, const SourceText &source)
{
    static const QRegularExpression comment(u"#[^\\n]*"_s);
    static const QRegularExpression pattern(
        u"\\b(Qt6::)?(Gui|Widgets|PrintSupport|Svg|SvgWidgets|Charts|OpenGL|OpenGLWidgets)\\b|\\bQCustomPlot\\w*"_s);
    QString text = source.original();
    for (auto matches = comment.globalMatch(source.original()); matches.hasNext();) {
        const auto match = matches.next();
        text.replace(match.capturedStart(), match.capturedLength(), QString(match.capturedLength(), u' '));
    }
    return hitsOf(text, pattern, u"core has no screen"_s);
}

Hits qtJson(const QString &, const SourceText &source)
{
    static const QRegularExpression pattern(u"\\bQJson\\w+"_s);
    return hitsOf(source.withoutComments(), pattern,
                  u"QJson is for cold REST answers; market data has its scanner"_s);
}

Hits missingPragmaOnce(const QString &, const SourceText &source)
{
    static const QRegularExpression pattern(u"^[ \\t]*#[ \\t]*pragma[ \\t]+once\\b"_s,
                                            QRegularExpression::MultilineOption);
    return pattern.match(source.code()).hasMatch() ? Hits{}
                                                   : Hits{{0, u"a header begins with #pragma once"_s}};
}

Hits tooLong(const QString &, const SourceText &source)
{
    constexpr int kLinesMax = 900;
    if (source.lineCount() <= kLinesMax)
        return {};
    return {{0, u"%1 lines, at most %2: look for the second thing it does"_s.arg(source.lineCount())
                    .arg(kLinesMax)}};
}

// The folder names and words stand apart from their slash and brackets, so that this file breaks neither
// rule.
Hits machinePaths(const QString &, const SourceText &source)
{
    static const QRegularExpression pattern(
        u"(?<![\\w.})\\]~/*$-])/(home|root|work|tmp|Users)(?=/\\w|\"|'|`|\\s|$)"_s,
        QRegularExpression::MultilineOption);
    return hitsOf(source.original(), pattern,
                  u"a path of one machine; use a path relative to the tree, or QTemporaryDir"_s);
}

Hits unfinishedWork(const QString &, const SourceText &source)
{
    static const QRegularExpression marks(u"\\b(TO"
                                          u"DO|FIX"
                                          u"ME|XX"
                                          u"X|HA"
                                          u"CK|TB"
                                          u"D|WI"
                                          u"P)\\b"_s);
    static const QRegularExpression words(u"\\b(not (yet )?imple"
                                          u"mented|unimple"
                                          u"mented|coming so"
                                          u"on|lorem ip"
                                          u"sum)\\b"_s,
                                          QRegularExpression::CaseInsensitiveOption);
    Hits hits = hitsOf(source.original(), marks, u"a word of unfinished work"_s);
    const Hits more = hitsOf(source.original(), words, u"words of unfinished work"_s);
    hits.insert(hits.end(), more.begin(), more.end());
    return hits;
}

QString lineAt(const QString &text, qsizetype offset)
{
    const qsizetype start = offset == 0 ? 0 : text.lastIndexOf(u'\n', offset - 1) + 1;
    const qsizetype end = text.indexOf(u'\n', offset);
    return text.mid(start, end < 0 ? -1 : end - start);
}

Findings checkAll(const QString &path, const QString &text, const QString &only, bool withAllowed)
{
    Findings findings;
    const SourceText source(text);
    for (const Rule &rule : rules()) {
        if ((!only.isEmpty() && rule.name != only) || !rule.applies(path))
            continue;
        for (const Hit &hit : rule.find(path, source)) {
            const QString line = lineAt(text, hit.offset);
            const bool mayStay = std::any_of(allowed().begin(), allowed().end(), [&](const Allowed &entry) {
                return entry.rule == rule.name && entry.path == path && line.contains(entry.line);
            });
            if (withAllowed || !mayStay)
                findings.push_back({path, source.lineOf(hit.offset), rule.name, hit.detail});
        }
    }
    return findings;
}

} // namespace

const std::vector<Rule> &rules()
{
    static const std::vector<Rule> table = {
        {u"number-parser"_s, &isAnyCpp, &numberParsers},
        {u"to-string-of-double"_s, &isAnyCpp, &textOfFloatingPoint},
        {u"printf-of-double"_s, &isAnyCpp, &printfOfFloatingPoint},
        {u"locale"_s, &isProgramCpp, &localeFunctions},
        {u"locale-in-core"_s, &isCoreCpp, &localeInCore},
        {u"nodiscard-result"_s, &isProgramHeader, &resultsThatMayBeDropped},
        {u"connect-context"_s, &isAnyCpp, &connectsWithoutContext},
        {u"wall-clock"_s, &isOutsideSystemClock, &wallClocks},
        {u"sleep"_s, &isProgramCpp, &sleeps},
        {u"sleep-in-test"_s, &isTestCpp, &sleepsInTests},
        {u"blocking-wait"_s, &isCoreOrUiCpp, &blockingWaits},
        {u"nested-event-loop"_s, &isUiCpp, &nestedLoops},
        {u"thread"_s, &isOutsideRuntime, &threadsMadeHere},
        {u"translation-in-core"_s, &isCoreCpp, &translations},
        {u"screen-in-core"_s, &isCoreCpp, &screens},
        {u"screen-library-in-core"_s, &isCoreBuildFile, &screenLibraries},
        {u"qjson-on-market-path"_s, &isOnTheMarketDataPath, &qtJson},
        {u"pragma-once"_s, &isAnyHeader, &missingPragmaOnce},
        {u"file-length"_s, &isLimitedInLength, &tooLong},
        {u"machine-path"_s, &isWritten, &machinePaths},
        {u"unfinished-work"_s, &isWritten, &unfinishedWork},
    };
    return table;
}

const std::vector<Allowed> &allowed()
{
    static const std::vector<Allowed> table = {
        {u"blocking-wait"_s, u"core/runtime/worker_thread.h"_s, u"Qt::BlockingQueuedConnection"_s,
         u"a thread is waited for when it starts and when it stops, nowhere else"_s},
    };
    return table;
}

Findings checkSource(const QString &path, const QString &text, const QString &rule)
{
    return checkAll(path, text, rule, false);
}

Findings checkSources(const QString &root)
{
    Findings findings;
    const QStringList tops = {u".ci"_s,  u"app"_s,       u"core"_s,      u"ui"_s,          u"tests"_s,
                              u"docs"_s, u"packaging"_s, u"resources"_s, u"translations"_s};
    for (const QString &path : filesOf(root, tops)) {
        const Findings ofFile = checkSource(path, textOf(root + u'/' + path));
        findings.insert(findings.end(), ofFile.begin(), ofFile.end());
    }
    return findings;
}

QStringList unusedAllowances(const QString &root)
{
    QStringList unused;
    for (const Allowed &entry : allowed()) {
        const QString file = root + u'/' + entry.path;
        if (!QFileInfo::exists(file))
            continue;
        const QString text = textOf(file);
        const QStringList textLines = text.split(u'\n');
        const Findings findings = checkAll(entry.path, text, entry.rule, true);
        const bool used = std::any_of(findings.begin(), findings.end(), [&](const Finding &finding) {
            return textLines.value(finding.line - 1).contains(entry.line);
        });
        if (!used)
            unused << u"%1 in %2"_s.arg(entry.rule, entry.path);
    }
    return unused;
}

} // namespace tests::lint
