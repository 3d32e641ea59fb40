#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <zlib.h>

namespace bench
{

/// Lines "<nanoseconds> <frame>" of a packed capture; empty when it is not there.
[[nodiscard]] inline std::vector<std::pair<std::int64_t, std::string>> timedLinesOf(const std::string &path)
{
    std::string bytes;
    const gzFile file = gzopen(path.c_str(), "rb");
    std::vector<char> block(1U << 20);
    for (int read = 0; file != nullptr && (read = gzread(file, block.data(), static_cast<unsigned>(block.size()))) > 0;)
        bytes.append(block.data(), static_cast<std::size_t>(read));
    if (file != nullptr)
        gzclose(file);
    std::vector<std::pair<std::int64_t, std::string>> lines;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
        std::int64_t time = 0;
        const auto [stop, error] = std::from_chars(bytes.data() + at, bytes.data() + end, time);
        const auto blank = static_cast<std::size_t>(stop - bytes.data());
        if (error == std::errc{} && blank + 1 < end)
            lines.emplace_back(time, bytes.substr(blank + 1, end - blank - 1));
        at = end + 1;
    }
    return lines;
}

/// The frames alone.
[[nodiscard]] inline std::vector<std::string> linesOf(const std::string &path)
{
    std::vector<std::string> frames;
    for (auto &[time, frame] : timedLinesOf(path))
        frames.push_back(std::move(frame));
    return frames;
}

} // namespace bench
