#include "tests/lint/source_text.h"

#include <algorithm>

#include <QtCore/QDir>
#include <QtCore/QDirIterator>
#include <QtCore/QFile>

#include "tests/lint/finding.h"

using namespace Qt::StringLiterals;

namespace tests::lint
{

namespace
{

bool isWord(QChar c)
{
    return c.isLetterOrNumber() || c == u'_';
}

/// 1'000: the quote is inside a number, so it opens no literal.
bool isDigitSeparator(const QString &text, qsizetype quote)
{
    qsizetype start = quote;
    while (start > 0 && (isWord(text[start - 1]) || text[start - 1] == u'\'' || text[start - 1] == u'.'))
        --start;
    return start < quote && text[start].isDigit();
}

/// R"…, u8R"…, LR"… and so on.
bool isRawString(const QString &text, qsizetype quote)
{
    qsizetype start = quote;
    while (start > 0 && isWord(text[start - 1]))
        --start;
    const QStringView prefix = QStringView(text).mid(start, quote - start);
    return prefix == u"R" || prefix == u"u8R" || prefix == u"uR" || prefix == u"UR" || prefix == u"LR";
}

} // namespace

QStringList lines(const Findings &findings)
{
    QStringList out;
    for (const Finding &finding : findings)
        out << u"%1:%2: [%3] %4"_s.arg(finding.path).arg(finding.line).arg(finding.rule, finding.detail);
    return out;
}

SourceText::SourceText(QString text)
    : m_original(std::move(text)), m_withoutComments(m_original), m_code(m_original)
{
    qsizetype at = 0;
    while (at < m_original.size()) {
        const QChar c = m_original[at];
        if (c == u'/')
            at = skipComment(at);
        else if (c == u'"' && isRawString(m_original, at))
            at = skipRawString(at);
        else if (c == u'"' || (c == u'\'' && !isDigitSeparator(m_original, at)))
            at = skipLiteral(at);
        else
            ++at;
    }
}

void SourceText::blank(QString &form, qsizetype from, qsizetype to) const
{
    for (qsizetype i = from; i < std::min(to, form.size()); ++i) {
        if (form[i] != u'\n')
            form[i] = u' ';
    }
}

qsizetype SourceText::skipComment(qsizetype slash)
{
    const QStringView two = QStringView(m_original).mid(slash, 2);
    qsizetype end = 0;
    if (two == u"//") {
        end = m_original.indexOf(u'\n', slash);
        while (end > 0 && m_original[end - 1] == u'\\') // a comment continued on the next line
            end = m_original.indexOf(u'\n', end + 1);
    } else if (two == u"/*") {
        end = m_original.indexOf("*/"_L1, slash + 2);
        end = end < 0 ? end : end + 2;
    } else {
        return slash + 1;
    }
    end = end < 0 ? m_original.size() : end;
    blank(m_withoutComments, slash, end);
    blank(m_code, slash, end);
    return end;
}

qsizetype SourceText::skipRawString(qsizetype quote)
{
    const qsizetype open = m_original.indexOf(u'(', quote);
    if (open < 0)
        return m_original.size();
    const QString closing = u")%1\""_s.arg(QStringView(m_original).mid(quote + 1, open - quote - 1));
    const qsizetype close = m_original.indexOf(closing, open);
    const qsizetype end = close < 0 ? m_original.size() : close + closing.size();
    blank(m_code, quote + 1, close < 0 ? end : end - 1);
    return end;
}

qsizetype SourceText::skipLiteral(qsizetype quote)
{
    const QChar mark = m_original[quote];
    qsizetype end = quote + 1;
    while (end < m_original.size() && m_original[end] != mark && m_original[end] != u'\n')
        end += m_original[end] == u'\\' ? 2 : 1;
    blank(m_code, quote + 1, end);
    return std::min(end + 1, m_original.size());
}

int SourceText::lineOf(qsizetype offset) const
{
    return static_cast<int>(QStringView(m_original).first(std::min(offset, m_original.size())).count(u'\n')) +
           1;
}

int SourceText::lineCount() const
{
    const auto breaks = static_cast<int>(m_original.count(u'\n'));
    return m_original.isEmpty() || m_original.endsWith(u'\n') ? breaks : breaks + 1;
}

qsizetype behindClosing(const QString &code, qsizetype open)
{
    const bool angle = code[open] == u'<';
    int depth = 0;
    for (qsizetype i = open; i < code.size(); ++i) {
        const QChar c = code[i];
        const bool opens = c == u'(' || c == u'[' || c == u'{' || (angle && c == u'<');
        const bool closes = c == u')' || c == u']' || c == u'}' || (angle && c == u'>');
        if (opens)
            ++depth;
        else if (closes && --depth == 0)
            return i + 1;
        else if (angle && c == u';')
            return -1; // a comparison, not a template
    }
    return -1;
}

std::vector<std::pair<qsizetype, qsizetype>> argumentsOf(const QString &code, qsizetype open)
{
    std::vector<std::pair<qsizetype, qsizetype>> arguments;
    const qsizetype end = behindClosing(code, open);
    if (end < 0)
        return arguments;
    qsizetype start = open + 1;
    for (qsizetype i = start; i < end - 1;) {
        const QChar c = code[i];
        // qOverload<int, int>(…): the comma inside belongs to the template.
        const bool nested =
            c == u'(' || c == u'[' || c == u'{' || (c == u'<' && i > 0 && isWord(code[i - 1]));
        const qsizetype behind = nested ? behindClosing(code, i) : -1;
        if (behind > 0 && behind < end) {
            i = behind;
            continue;
        }
        if (c == u',') {
            arguments.emplace_back(start, i);
            start = i + 1;
        }
        ++i;
    }
    if (!QStringView(code).mid(start, end - 1 - start).trimmed().isEmpty() || !arguments.empty())
        arguments.emplace_back(start, end - 1);
    return arguments;
}

QStringList filesOf(const QString &root, const QStringList &tops)
{
    const QDir base(root);
    QStringList files = base.entryList(QDir::Files | QDir::Hidden);
    for (const QString &top : tops) {
        QDirIterator walk(base.filePath(top), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (walk.hasNext())
            files << base.relativeFilePath(walk.next());
    }
    files.removeIf([](const QString &path) { return path.contains("/build/"_L1) || path == ".git"_L1; });
    files.sort();
    return files;
}

QString textOf(const QString &file)
{
    QFile source(file);
    constexpr qint64 kLargestSource = 1'000'000;
    if (source.size() > kLargestSource || !source.open(QIODevice::ReadOnly))
        return {};
    const QByteArray bytes = source.readAll();
    return bytes.contains('\0') ? QString() : QString::fromUtf8(bytes);
}

} // namespace tests::lint
