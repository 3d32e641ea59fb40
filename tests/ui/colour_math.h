#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <QtGui/QColor>

/// Colour arithmetic for the theme's test: WCAG 2 contrast, CIEDE2000 (Sharma, Wu, Dalal 2005) and dichromacy
/// after Machado, Oliveira, Fernandes 2009 (severity 1), in linear sRGB, D65.
namespace tests::colour
{

using Triple = std::array<double, 3>;
using Matrix = std::array<Triple, 3>;

inline constexpr Matrix kIdentity{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
inline constexpr Matrix kProtan{
    {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
inline constexpr Matrix kDeutan{
    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};

inline double linear(int channel)
{
    const double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

inline Triple linearOf(const QColor &colour)
{
    return {linear(colour.red()), linear(colour.green()), linear(colour.blue())};
}

inline double luminance(const QColor &colour)
{
    const Triple l = linearOf(colour);
    return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2];
}

inline double contrast(const QColor &a, const QColor &b)
{
    const double brighter = std::max(luminance(a), luminance(b));
    const double darker = std::min(luminance(a), luminance(b));
    return (brighter + 0.05) / (darker + 0.05);
}

inline Triple labOf(const QColor &colour, const Matrix &sight)
{
    const Triple l = linearOf(colour);
    Triple seen{};
    for (std::size_t i = 0; i < 3; ++i)
        seen[i] = std::clamp(sight[i][0] * l[0] + sight[i][1] * l[1] + sight[i][2] * l[2], 0.0, 1.0);
    const auto f = [](double t) { return t > 0.008856451679 ? std::cbrt(t) : (903.2962963 * t + 16) / 116; };
    const double x = f((0.4124564 * seen[0] + 0.3575761 * seen[1] + 0.1804375 * seen[2]) / 0.95047);
    const double y = f(0.2126729 * seen[0] + 0.7151522 * seen[1] + 0.0721750 * seen[2]);
    const double z = f((0.0193339 * seen[0] + 0.1191920 * seen[1] + 0.9503041 * seen[2]) / 1.08883);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

inline double ciede2000(const Triple &first, const Triple &second)
{
    const auto radians = [](double degrees) { return degrees * std::numbers::pi / 180; };
    const auto pow7 = [](double c) { return std::pow(c, 7.0); };
    const double k25 = pow7(25.0);
    const double meanC = (std::hypot(first[1], first[2]) + std::hypot(second[1], second[2])) / 2;
    const double g = 0.5 * (1 - std::sqrt(pow7(meanC) / (pow7(meanC) + k25)));
    const double a1 = first[1] * (1 + g);
    const double a2 = second[1] * (1 + g);
    const double c1 = std::hypot(a1, first[2]);
    const double c2 = std::hypot(a2, second[2]);
    const auto hue = [](double a, double b) {
        const double degrees = std::atan2(b, a) * 180 / std::numbers::pi;
        return degrees < 0 ? degrees + 360 : degrees;
    };
    const double h1 = hue(a1, first[2]);
    const double h2 = hue(a2, second[2]);
    const bool grey = c1 * c2 == 0;
    double dh = grey ? 0 : h2 - h1;
    if (dh > 180)
        dh -= 360;
    else if (dh < -180)
        dh += 360;
    double meanH = h1 + h2;
    if (!grey)
        meanH = std::abs(h1 - h2) <= 180 ? meanH / 2 : meanH < 360 ? (meanH + 360) / 2 : (meanH - 360) / 2;
    const double bigH = 2 * std::sqrt(c1 * c2) * std::sin(radians(dh / 2));
    const double meanL = (first[0] + second[0]) / 2;
    const double c = (c1 + c2) / 2;
    const double t = 1 - 0.17 * std::cos(radians(meanH - 30)) + 0.24 * std::cos(radians(2 * meanH)) +
                     0.32 * std::cos(radians(3 * meanH + 6)) - 0.20 * std::cos(radians(4 * meanH - 63));
    const double rotation = 30 * std::exp(-std::pow((meanH - 275) / 25, 2));
    const double rc = 2 * std::sqrt(pow7(c) / (pow7(c) + k25));
    const double sl = 1 + 0.015 * std::pow(meanL - 50, 2) / std::sqrt(20 + std::pow(meanL - 50, 2));
    const double sc = 1 + 0.045 * c;
    const double sh = 1 + 0.015 * c * t;
    const double rt = -std::sin(radians(2 * rotation)) * rc;
    const double l = (second[0] - first[0]) / sl;
    const double dc = (c2 - c1) / sc;
    const double dH = bigH / sh;
    return std::sqrt(l * l + dc * dc + dH * dH + rt * dc * dH);
}

inline double distance(const QColor &a, const QColor &b, const Matrix &sight = kIdentity)
{
    return ciede2000(labOf(a, sight), labOf(b, sight));
}

} // namespace tests::colour
