#include "tests/lint/source_rules.h"

#include <QtCore/QRegularExpression>
#include <QtCore/QSet>

using namespace Qt::StringLiterals;

namespace tests::lint
{

namespace
{

struct Call {
    qsizetype start{0};             ///< of the name
    std::vector<QString> arguments; ///< from `text`, trimmed
};

/// The calls whose name fits; the brackets are found in the code, the arguments cut out of `text` (same
/// offsets).
std::vector<Call> callsOf(const SourceText &source, const QString &text, const QString &name)
{
    const QRegularExpression pattern(u"(?<![\\w])(?:%1)\\s*\\("_s.arg(name));
    std::vector<Call> calls;
    for (auto matches = pattern.globalMatch(source.code()); matches.hasNext();) {
        const auto match = matches.next();
        Call call{match.capturedStart(), {}};
        for (const auto &[start, end] : argumentsOf(source.code(), match.capturedEnd() - 1))
            call.arguments.push_back(text.mid(start, end - start).trimmed());
        calls.push_back(std::move(call));
    }
    return calls;
}

bool isLambda(const QString &argument)
{
    return argument.startsWith(u'[');
}

} // namespace

/// connect(sender, &Class::signal, functor) lives until the sender dies, on whatever thread emits; the same
/// for a singleShot without a receiver.
Hits connectsWithoutContext(const QString &, const SourceText &source)
{
    static const QRegularExpression signal(
        u"^(&\\s*\\w+(\\s*<.*>)?\\s*::|q\\w*Overload\\b|Q\\w*Overload\\b)"_s);
    Hits hits;
    for (const Call &call : callsOf(source, source.code(), u"connect"_s)) {
        if (call.arguments.size() == 3 && signal.match(call.arguments[1]).hasMatch())
            hits.push_back(
                {call.start, u"connect without a receiver: give it the object that owns the reaction"_s});
    }
    for (const Call &call : callsOf(source, source.code(), u"singleShot"_s)) {
        const bool lambdaSecond = call.arguments.size() == 2 && isLambda(call.arguments[1]);
        const bool lambdaThird = call.arguments.size() == 3 && isLambda(call.arguments[2]) &&
                                 call.arguments[1].startsWith("Qt::"_L1);
        if (lambdaSecond || lambdaThird)
            hits.push_back({call.start, u"singleShot without a receiver"_s});
    }
    return hits;
}

/// The decimal point of printf is the C locale's, which QCoreApplication changes.
Hits printfOfFloatingPoint(const QString &, const SourceText &source)
{
    static const QRegularExpression conversion(
        u"(?<!%)(?:%%)*%[-+ #0']*(\\*|\\d+)?(\\.(\\*|\\d+)?)?(hh|h|l|ll|L)?[fFeEgGaA]"_s);
    Hits hits;
    const QString names =
        u"\\w*printf(?:_s)?|asprintf|vasprintf|q(?:Debug|Info|Warning|Critical|Fatal)|\\w*scanf"_s;
    for (const Call &call : callsOf(source, source.withoutComments(), names)) {
        for (const QString &argument : call.arguments) {
            if (argument.contains(u'"') && conversion.match(argument).hasMatch()) {
                hits.push_back({call.start, u"floating point through the C locale: use fmt or QLocale"_s});
                break;
            }
        }
    }
    return hits;
}

/// std::to_string of something that is visibly a double: printed with six digits by the C locale.
Hits textOfFloatingPoint(const QString &, const SourceText &source)
{
    static const QRegularExpression declared(
        u"\\b(?:double|float)\\s*(?:const\\b\\s*)?&?\\s*(\\w+)\\s*[;,={()]"_s);
    static const QRegularExpression floating(
        u"(?<![\\w.])(\\d+\\.\\d*|\\.\\d+|\\d+[eE][-+]?\\d+)|\\btoDouble\\s*\\(|\\b(double|float)\\b"_s);
    static const QRegularExpression lastName(u"^(?:[\\w.:]|->)*?(\\w+)$"_s);
    QSet<QString> doubles;
    for (auto matches = declared.globalMatch(source.code()); matches.hasNext();)
        doubles.insert(matches.next().captured(1));
    Hits hits;
    for (const Call &call : callsOf(source, source.code(), u"std::to_string"_s)) {
        const QString argument = call.arguments.empty() ? QString() : call.arguments.front();
        if (floating.match(argument).hasMatch() || doubles.contains(lastName.match(argument).captured(1)))
            hits.push_back({call.start, u"std::to_string of a double: use fmt"_s});
    }
    return hits;
}

/// tl::expected is not nodiscard, so each function that returns one has to be.
Hits resultsThatMayBeDropped(const QString &, const SourceText &source)
{
    static const QRegularExpression result(u"(?<![\\w])Result\\s*<"_s);
    static const QRegularExpression function(
        u"^\\s*[&*]?\\s*((?:\\w+::)*(?:\\w+|operator\\s*[^\\s\\w(]+))\\s*\\("_s);
    static const QRegularExpression arrow(u"->\\s*(?:core::)?$"_s);
    static const QRegularExpression trailing(u"\\bauto\\s+\\w+\\s*\\("_s);
    const QString &code = source.code();
    Hits hits;
    for (auto matches = result.globalMatch(code); matches.hasNext();) {
        const auto match = matches.next();
        const qsizetype end = behindClosing(code, match.capturedEnd() - 1);
        if (end < 0)
            continue;
        qsizetype start = match.capturedStart();
        while (start > 0 && code[start - 1] != u';' && code[start - 1] != u'{' && code[start - 1] != u'}')
            --start;
        const QString before = code.mid(start, match.capturedStart() - start);
        const bool named = function.match(code.mid(end, 200)).hasMatch() && !before.contains("return"_L1) &&
                           !before.contains(u'=') && before.count(u'(') == before.count(u')');
        const bool afterArrow = arrow.match(before).hasMatch() && trailing.match(before).hasMatch();
        if ((named || afterArrow) && !before.contains("[[nodiscard]]"_L1))
            hits.push_back(
                {match.capturedStart(), u"a function returns a Result and is not [[nodiscard]]"_s});
    }
    return hits;
}

} // namespace tests::lint
