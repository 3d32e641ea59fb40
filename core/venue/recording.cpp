#include "core/venue/recording.h"

#include <algorithm>
#include <deque>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "core/venue/line_source.h"
#include "core/venue/recording_line.h"

namespace core::venue
{

namespace
{
constexpr int kGarbledLinesAtStartMax = 20; ///< a file that begins with so many is no recording
constexpr std::size_t kLookAheadMax = 1'000;

/// The messages of one file, in its own order.
class FileSource
{
public:
    FileSource(LineSource lines, bool companion) : m_lines(std::move(lines)), m_companion(companion) {}

    /// Makes `head` the next message; false at the end.
    [[nodiscard]] Result<bool> advance();
    [[nodiscard]] const RecordedMessage &head() const { return m_head; }
    [[nodiscard]] const LineSource &lines() const { return m_lines; }

private:
    /// A message read ahead of its turn, with bytes of its own.
    struct Kept {
        RecordedMessage message;
        std::string payload;
    };
    [[nodiscard]] Result<bool> read(RecordedMessage &out);
    [[nodiscard]] Result<bool> nameSnapshot();
    void learnSymbol(const Symbol &symbol);
    [[nodiscard]] Error located(const Error &error) const
    {
        return error.in(fmt::format("{}:{}", m_lines.name(), m_lines.lineNumber()));
    }

    LineSource m_lines;
    bool m_companion;
    RecordedMessage m_head;
    std::string m_headBytes; ///< behind `m_head` when it was kept
    std::deque<Kept> m_kept;
    std::optional<Error> m_keptError; ///< met while looking ahead; told when its turn comes
    Symbol m_symbol;
    bool m_manySymbols{false};
    int m_garbledAtStart{0};
    bool m_anyMessage{false};
    bool m_givenUp{false};
};

void FileSource::learnSymbol(const Symbol &symbol)
{
    if (symbol.empty())
        return;
    m_manySymbols = m_manySymbols || (!m_symbol.empty() && !(m_symbol == symbol));
    m_symbol = symbol;
}

/// The next message of the file itself.
Result<bool> FileSource::read(RecordedMessage &out)
{
    while (!m_givenUp) {
        const auto line = m_lines.next();
        if (!line)
            return fail(line.error());
        if (!*line) {
            m_givenUp = true;
            if (m_anyMessage || m_garbledAtStart > 0 || m_companion)
                return false;
            return fail(ErrorCode::ParseFailed, m_lines.name() + ": holds no recorded message");
        }
        const auto parsed = parseRecordedLine(**line);
        if (!parsed) {
            if (!m_anyMessage && ++m_garbledAtStart >= kGarbledLinesAtStartMax) {
                m_givenUp = true;
                return fail(ErrorCode::ParseFailed,
                            fmt::format("{}: is no recording: none of its first {} lines has a known form",
                                        m_lines.name(), kGarbledLinesAtStartMax));
            }
            return fail(located(parsed.error()));
        }
        if (parsed->kind == RecordedLine::Kind::Nothing)
            continue;
        m_anyMessage = true;
        out.receivedAt = parsed->receivedAt;
        out.payload = parsed->payload;
        out.symbol = parsed->symbol;
        out.companion = m_companion;
        out.kind = parsed->kind == RecordedLine::Kind::DepthSnapshot  ? RecordedMessage::Kind::DepthSnapshot
                   : parsed->kind == RecordedLine::Kind::ExchangeInfo ? RecordedMessage::Kind::ExchangeInfo
                                                                      : RecordedMessage::Kind::Stream;
        if (out.kind == RecordedMessage::Kind::Stream)
            learnSymbol(out.symbol);
        return true;
    }
    return false;
}

/// A bare REST answer does not say whose book it is: the recording's only symbol does, and when none was seen
/// yet, the messages behind it tell.
Result<bool> FileSource::nameSnapshot()
{
    if (m_symbol.empty() && m_kept.empty()) {
        m_headBytes = m_head.payload;
        m_head.payload = m_headBytes;
        while (m_symbol.empty() && m_kept.size() < kLookAheadMax) {
            RecordedMessage ahead;
            const auto more = read(ahead);
            if (!more) {
                m_keptError = more.error();
                break;
            }
            if (!*more)
                break;
            m_kept.push_back({ahead, std::string(ahead.payload)});
        }
    }
    if (m_symbol.empty())
        return fail(
            located({ErrorCode::ParseFailed, "a depth snapshot, and no message says of which symbol"}));
    if (m_manySymbols)
        return fail(
            located({ErrorCode::ParseFailed, "a depth snapshot without a symbol among several symbols"}));
    m_head.symbol = m_symbol;
    return true;
}

Result<bool> FileSource::advance()
{
    if (!m_kept.empty()) {
        m_head = m_kept.front().message;
        m_headBytes = std::move(m_kept.front().payload);
        m_head.payload = m_headBytes;
        m_kept.pop_front();
    } else if (m_keptError) {
        const Error error = *std::exchange(m_keptError, std::nullopt);
        return fail(error);
    } else {
        const auto more = read(m_head);
        if (!more || !*more)
            return more;
    }
    if (m_head.kind == RecordedMessage::Kind::DepthSnapshot && m_head.symbol.empty())
        return nameSnapshot();
    return true;
}

/// "BINANCE_FUTURES.ws.5.0.zst" → "BINANCE_FUTURES"; nothing for other names.
[[nodiscard]] std::optional<std::string> recorderPrefix(const std::string &fileName)
{
    const auto at = fileName.find(".ws.");
    return at == std::string::npos || at == 0 ? std::nullopt : std::optional(fileName.substr(0, at));
}

[[nodiscard]] bool isCompanionOf(const std::string &fileName, const std::string &prefix)
{
    return fileName.starts_with(prefix + ".http.") || fileName == prefix + ".0" ||
           fileName == prefix + ".0.zst" || fileName == prefix + ".0.gz";
}

/// Regular files in name order; what is plainly no recording (hidden, text about the folder) is left out.
[[nodiscard]] Result<std::vector<std::filesystem::path>> filesIn(const std::filesystem::path &folder)
{
    std::error_code code;
    std::vector<std::filesystem::path> files;
    std::filesystem::directory_iterator entry(folder, code);
    const std::filesystem::directory_iterator end;
    for (; !code && entry != end; entry.increment(code)) {
        const std::string name = entry->path().filename().string();
        const std::string extension = entry->path().extension().string();
        std::error_code ignored;
        if (name.starts_with('.') || extension == ".md" || extension == ".txt" || name == "SHA256SUMS" ||
            !entry->is_regular_file(ignored))
            continue;
        files.push_back(entry->path());
    }
    if (code)
        return fail(ErrorCode::IoFailed, folder.string() + ": " + code.message());
    std::sort(files.begin(), files.end());
    return files;
}

struct Chosen {
    std::filesystem::path path;
    bool companion{false};
};

[[nodiscard]] Result<std::vector<Chosen>> chooseInFolder(const std::filesystem::path &folder)
{
    const auto files = filesIn(folder);
    if (!files)
        return fail(files.error());
    if (files->empty())
        return fail(ErrorCode::NotFound, folder.string() + ": no recording in this folder");
    std::vector<Chosen> chosen;
    for (const auto &file : *files) {
        const std::string name = file.filename().string();
        const bool companion =
            std::any_of(files->begin(), files->end(), [&](const std::filesystem::path &other) {
                const auto prefix = recorderPrefix(other.filename().string());
                return prefix && isCompanionOf(name, *prefix);
            });
        chosen.push_back({file, companion});
    }
    return chosen;
}

[[nodiscard]] Result<std::vector<Chosen>> chooseFile(const std::filesystem::path &path)
{
    std::vector<Chosen> chosen{{path, false}};
    const auto prefix = recorderPrefix(path.filename().string());
    if (!prefix)
        return chosen;
    const auto files = filesIn(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
    if (!files)
        return chosen; // the folder cannot be listed: the file alone still plays
    for (const auto &file : *files) {
        if (isCompanionOf(file.filename().string(), *prefix))
            chosen.push_back({file, true});
    }
    return chosen;
}
} // namespace

struct RecordingReader::Impl {
    struct Lane {
        FileSource source;
        bool loaded{false};
        bool ended{false};
    };
    std::vector<Lane> lanes;
    RecordingDefects defects;
    std::optional<UtcTime> last;

    void note(const Error &error)
    {
        if (!defects.first)
            defects.first = error;
    }
    [[nodiscard]] Result<void> load(Lane &lane);
    [[nodiscard]] Lane *earliest();
};

Result<void> RecordingReader::Impl::load(Lane &lane)
{
    const auto more = lane.source.advance();
    if (!more) {
        note(more.error());
        if (more.error().code == ErrorCode::ParseFailed)
            ++defects.garbledLines;
        return fail(more.error());
    }
    lane.loaded = *more;
    lane.ended = !*more;
    return {};
}

RecordingReader::Impl::Lane *RecordingReader::Impl::earliest()
{
    Lane *best = nullptr;
    for (Lane &lane : lanes) {
        if (lane.loaded &&
            (best == nullptr || lane.source.head().receivedAt < best->source.head().receivedAt))
            best = &lane;
    }
    return best;
}

RecordingReader::RecordingReader(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
RecordingReader::RecordingReader(RecordingReader &&) noexcept = default;
RecordingReader &RecordingReader::operator=(RecordingReader &&) noexcept = default;
RecordingReader::~RecordingReader() = default;

Result<RecordingReader> RecordingReader::open(const std::filesystem::path &path)
{
    std::error_code code;
    auto chosen = std::filesystem::is_directory(path, code) ? chooseInFolder(path) : chooseFile(path);
    if (!chosen)
        return fail(chosen.error());
    auto impl = std::make_unique<Impl>();
    for (const Chosen &one : *chosen) {
        auto lines = LineSource::open(one.path);
        if (!lines)
            return fail(lines.error());
        impl->lanes.push_back({FileSource(*std::move(lines), one.companion)});
    }
    return RecordingReader(std::move(impl));
}

Result<std::optional<RecordedMessage>> RecordingReader::next()
{
    for (Impl::Lane &lane : m_impl->lanes) {
        if (lane.loaded || lane.ended)
            continue;
        const auto loaded = m_impl->load(lane);
        if (!loaded)
            return fail(loaded.error());
    }
    Impl::Lane *const lane = m_impl->earliest();
    if (lane == nullptr)
        return std::nullopt;
    lane->loaded = false; // its bytes stay valid until it is asked for the next one
    const RecordedMessage &message = lane->source.head();
    if (m_impl->last && message.receivedAt < *m_impl->last) {
        ++m_impl->defects.outOfOrder;
        m_impl->note({ErrorCode::OutOfSync,
                      fmt::format("{}:{}: the receive time lies before the one of the previous message",
                                  lane->source.lines().name(), lane->source.lines().lineNumber())});
    }
    m_impl->last = message.receivedAt;
    return message;
}

const RecordingDefects &RecordingReader::defects() const
{
    return m_impl->defects;
}

double RecordingReader::progress() const
{
    std::uint64_t total = 0;
    std::uint64_t read = 0;
    for (const Impl::Lane &lane : m_impl->lanes) {
        total += lane.source.lines().bytesTotal();
        read += lane.source.lines().bytesRead();
    }
    return total == 0 ? 1.0 : std::min(1.0, static_cast<double>(read) / static_cast<double>(total));
}

Result<RecordingSequence> RecordingSequence::open(const std::vector<std::filesystem::path> &paths)
{
    if (paths.empty())
        return fail(ErrorCode::InvalidArgument, "no recording is named");
    RecordingSequence sequence;
    for (const auto &path : paths) {
        auto reader = RecordingReader::open(path);
        if (!reader)
            return fail(reader.error());
        sequence.m_readers.push_back(*std::move(reader));
    }
    return sequence;
}

Result<std::optional<RecordedMessage>> RecordingSequence::next()
{
    while (m_current < m_readers.size()) {
        const auto message = m_readers[m_current].next();
        if (!message)
            return message;
        if (!*message) {
            ++m_current;
            m_switched = true;
            continue;
        }
        if (std::exchange(m_switched, false) && m_last && (*message)->receivedAt < *m_last)
            ++m_outOfOrder;
        m_last = (*message)->receivedAt;
        return message;
    }
    return std::nullopt;
}

RecordingDefects RecordingSequence::defects() const
{
    RecordingDefects sum;
    sum.outOfOrder = m_outOfOrder;
    for (const RecordingReader &reader : m_readers) {
        sum.garbledLines += reader.defects().garbledLines;
        sum.outOfOrder += reader.defects().outOfOrder;
        if (!sum.first)
            sum.first = reader.defects().first;
    }
    return sum;
}

double RecordingSequence::progress() const
{
    double sum = 0;
    for (const RecordingReader &reader : m_readers)
        sum += reader.progress();
    return m_readers.empty() ? 1.0 : sum / static_cast<double>(m_readers.size());
}

} // namespace core::venue
