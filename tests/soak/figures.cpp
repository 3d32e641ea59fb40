#include "tests/soak/figures.h"

#include <fstream>
#include <string>

#include <dirent.h>

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
