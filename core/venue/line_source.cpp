#include "core/venue/line_source.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

namespace core::venue
{

namespace
{
constexpr std::size_t kChunkBytes = 128U << 10U;

struct FileCloser {
    void operator()(std::FILE *file) const { std::fclose(file); }
};
struct ZstdDeleter {
    void operator()(ZSTD_DCtx *context) const { ZSTD_freeDCtx(context); }
};
} // namespace

/// The decompressed bytes of one file.
class LineSource::Bytes
{
public:
    explicit Bytes(std::FILE *file) : m_file(file), m_input(kChunkBytes) {}
    Bytes(const Bytes &) = delete;
    Bytes &operator=(const Bytes &) = delete;
    ~Bytes()
    {
        if (m_format == Format::Gzip)
            inflateEnd(&m_gzip);
    }

    [[nodiscard]] Result<void> start();
    /// Writes up to `size` bytes; 0 at the end.
    [[nodiscard]] Result<std::size_t> read(char *out, std::size_t size);
    [[nodiscard]] std::uint64_t consumed() const { return m_consumed; }

private:
    enum class Format { Plain, Gzip, Zstd };
    [[nodiscard]] Result<bool> refill();
    [[nodiscard]] Result<std::size_t> readPlain(char *out, std::size_t size);
    [[nodiscard]] Result<std::size_t> readGzip(char *out, std::size_t size);
    [[nodiscard]] Result<std::size_t> readZstd(char *out, std::size_t size);

    std::unique_ptr<std::FILE, FileCloser> m_file;
    std::vector<char> m_input;
    std::size_t m_at{0};
    std::size_t m_size{0};
    std::uint64_t m_consumed{0};
    Format m_format{Format::Plain};
    z_stream m_gzip{};
    std::unique_ptr<ZSTD_DCtx, ZstdDeleter> m_zstd;
    bool m_insideFrame{false}; ///< a compressed stream has begun and not ended
};

Result<bool> LineSource::Bytes::refill()
{
    m_at = 0;
    m_size = std::fread(m_input.data(), 1, m_input.size(), m_file.get());
    m_consumed += m_size;
    if (m_size == 0 && std::ferror(m_file.get()) != 0)
        return fail(ErrorCode::IoFailed, "cannot be read");
    return m_size > 0;
}

Result<void> LineSource::Bytes::start()
{
    const auto any = refill();
    if (!any)
        return fail(any.error());
    constexpr std::array<unsigned char, 2> kGzipMagic{0x1f, 0x8b};
    constexpr std::array<unsigned char, 4> kZstdMagic{0x28, 0xb5, 0x2f, 0xfd};
    if (m_size >= kGzipMagic.size() &&
        std::memcmp(m_input.data(), kGzipMagic.data(), kGzipMagic.size()) == 0) {
        constexpr int kGzipOnly = 16 + MAX_WBITS;
        if (inflateInit2(&m_gzip, kGzipOnly) != Z_OK)
            return fail(ErrorCode::IoFailed, "zlib cannot be prepared");
        m_format = Format::Gzip;
    } else if (m_size >= kZstdMagic.size() &&
               std::memcmp(m_input.data(), kZstdMagic.data(), kZstdMagic.size()) == 0) {
        m_zstd.reset(ZSTD_createDCtx());
        if (!m_zstd)
            return fail(ErrorCode::IoFailed, "zstd cannot be prepared");
        m_format = Format::Zstd;
    }
    return {};
}

Result<std::size_t> LineSource::Bytes::read(char *out, std::size_t size)
{
    switch (m_format) {
    case Format::Plain:
        return readPlain(out, size);
    case Format::Gzip:
        return readGzip(out, size);
    case Format::Zstd:
        return readZstd(out, size);
    }
    return std::size_t{0};
}

Result<std::size_t> LineSource::Bytes::readPlain(char *out, std::size_t size)
{
    if (m_at == m_size) {
        const auto more = refill();
        if (!more)
            return fail(more.error());
    }
    const std::size_t count = std::min(size, m_size - m_at);
    std::memcpy(out, m_input.data() + m_at, count);
    m_at += count;
    return count;
}

Result<std::size_t> LineSource::Bytes::readGzip(char *out, std::size_t size)
{
    for (;;) {
        if (m_at == m_size) {
            const auto more = refill();
            if (!more)
                return fail(more.error());
            if (!*more && m_insideFrame)
                return fail(ErrorCode::Corrupt, "the gzip data ends early");
            if (!*more)
                return std::size_t{0};
        }
        m_insideFrame = true;
        m_gzip.next_in = reinterpret_cast<Bytef *>(m_input.data() + m_at);
        m_gzip.avail_in = static_cast<uInt>(m_size - m_at);
        m_gzip.next_out = reinterpret_cast<Bytef *>(out);
        m_gzip.avail_out = static_cast<uInt>(size);
        const int code = inflate(&m_gzip, Z_NO_FLUSH);
        m_at = m_size - m_gzip.avail_in;
        if (code == Z_STREAM_END) { // several members may stand one after the other
            m_insideFrame = false;
            inflateReset(&m_gzip);
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            return fail(ErrorCode::Corrupt, "the gzip data is damaged");
        }
        const std::size_t written = size - m_gzip.avail_out;
        if (written > 0)
            return written;
    }
}

Result<std::size_t> LineSource::Bytes::readZstd(char *out, std::size_t size)
{
    for (;;) {
        if (m_at == m_size) {
            const auto more = refill();
            if (!more)
                return fail(more.error());
            if (!*more && m_insideFrame)
                return fail(ErrorCode::Corrupt, "the zstd data ends early");
            if (!*more)
                return std::size_t{0};
        }
        ZSTD_inBuffer input{m_input.data(), m_size, m_at};
        ZSTD_outBuffer output{out, size, 0};
        const std::size_t code = ZSTD_decompressStream(m_zstd.get(), &output, &input);
        m_at = input.pos;
        if (ZSTD_isError(code) != 0)
            return fail(ErrorCode::Corrupt, "the zstd data is damaged");
        m_insideFrame = code != 0;
        if (output.pos > 0)
            return output.pos;
    }
}

LineSource::LineSource(std::unique_ptr<Bytes> bytes) : m_bytes(std::move(bytes)) {}
LineSource::LineSource(LineSource &&) noexcept = default;
LineSource &LineSource::operator=(LineSource &&) noexcept = default;
LineSource::~LineSource() = default;

std::uint64_t LineSource::bytesRead() const
{
    return m_bytes->consumed();
}

Result<LineSource> LineSource::open(const std::filesystem::path &path)
{
    const std::string shown = path.string();
    std::error_code code;
    if (std::filesystem::is_directory(path, code))
        return fail(ErrorCode::IoFailed, shown + ": is a directory");
    std::FILE *const file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) {
        const int reason = errno;
        return fail(reason == ENOENT ? ErrorCode::NotFound : ErrorCode::IoFailed,
                    shown + ": " + std::generic_category().message(reason));
    }
    LineSource source(std::make_unique<Bytes>(file));
    source.m_name = shown;
    const auto size = std::filesystem::file_size(path, code);
    source.m_bytesTotal = code ? 0 : size;
    const auto started = source.m_bytes->start();
    if (!started)
        return fail(started.error().in(shown));
    return source;
}

Result<bool> LineSource::fill()
{
    if (m_begin > 0) {
        m_buffer.erase(0, m_begin);
        m_scanned -= m_begin;
        m_begin = 0;
    }
    if (m_buffer.size() > kLineBytesMax)
        return fail(ErrorCode::OutOfRange, fmt::format("a line has more than {} bytes", kLineBytesMax));
    const std::size_t before = m_buffer.size();
    m_buffer.resize(before + kChunkBytes);
    const auto count = m_bytes->read(m_buffer.data() + before, kChunkBytes);
    m_buffer.resize(before + (count ? *count : 0));
    if (!count)
        return fail(count.error());
    return *count > 0;
}

Result<std::optional<std::string_view>> LineSource::next()
{
    while (!m_ended) {
        const std::size_t end = m_buffer.find('\n', m_scanned);
        if (end != std::string::npos) {
            const std::string_view line(m_buffer.data() + m_begin, end - m_begin);
            m_begin = m_scanned = end + 1;
            ++m_lineNumber;
            return line;
        }
        m_scanned = m_buffer.size();
        const auto more = fill();
        if (!more) { // what stands in the buffer is half a line: it is not delivered
            m_ended = true;
            return fail(more.error().in(fmt::format("{}:{}", m_name, m_lineNumber + 1)));
        }
        if (!*more) {
            m_ended = true;
            if (m_begin == m_buffer.size())
                break;
            ++m_lineNumber;
            return std::string_view(m_buffer).substr(m_begin);
        }
    }
    return std::nullopt;
}

} // namespace core::venue
