#include "tests/soak/figures.h"

#include <algorithm>
#include <fstream>
#include <string>

#include <dirent.h>
#include <malloc.h>

namespace tests::soak
{

std::int64_t residentKilobytes()
{
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word) {
        std::int64_t kilobytes = 0;
        if (word == "VmRSS:" && status >> kilobytes)
            return kilobytes;
    }
    return 0;
}

std::int64_t heapKilobytes()
{
#if defined(__GLIBC__)
    const auto info = mallinfo2();
    return static_cast<std::int64_t>((info.uordblks + info.hblkhd) / 1'024);
#else
    return 0;
#endif
}

double leastBetween(const std::vector<std::pair<double, double>> &points, double from, double to)
{
    double least = 0;
    bool isFound = false;
    for (const auto &[at, value] : points) {
        if (at < from || at >= to)
            continue;
        least = isFound ? std::min(least, value) : value;
        isFound = true;
    }
    return least;
}

int openDescriptors()
{
    int count = 0;
    if (DIR *directory = opendir("/proc/self/fd")) {
        while (readdir(directory) != nullptr)
            ++count;
        closedir(directory);
    }
    return count - 3; // ".", ".." and the directory itself
}

double slopePerHour(const std::vector<std::pair<double, double>> &points)
{
    if (points.size() < 3)
        return 0;
    const auto count = static_cast<double>(points.size());
    double meanX = 0;
    double meanY = 0;
    for (const auto &[x, y] : points) {
        meanX += x / count;
        meanY += y / count;
    }
    double upper = 0;
    double lower = 0;
    for (const auto &[x, y] : points) {
        upper += (x - meanX) * (y - meanY);
        lower += (x - meanX) * (x - meanX);
    }
    return lower > 0 ? upper / lower * 3'600 : 0;
}

} // namespace tests::soak
