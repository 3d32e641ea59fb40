#include "ui/theme/tokens.h"

namespace ui::theme
{

namespace
{

QList<QColor> colours(std::initializer_list<QRgb> values)
{
    QList<QColor> list;
    list.reserve(static_cast<qsizetype>(values.size()));
    for (const QRgb value : values)
        list.append(QColor(value));
    return list;
}

} // namespace

Tokens tokensFor(Scheme scheme)
{
    Tokens t;
    t.window = QColor(0x0F1419);
    t.panel = QColor(0x151B22);
    t.raised = QColor(0x1D2630);
    t.input = QColor(0x0B1015);
    t.stripe = QColor(0x182029);
    t.select = QColor(0x1F2A3A);
    t.border = QColor(0x2B3642);
    t.borderStrong = QColor(0x66768A);
    t.textPrimary = QColor(0xE6EDF3);
    t.textSecondary = QColor(0xAEB9C4);
    t.textMuted = QColor(0x8C99A6);
    t.accent = QColor(0xB79CFF);
    t.longSide = QColor(0x2DB5A7);
    t.shortSide = QColor(0xF2605D);
    t.warn = QColor(0xF2C14E);
    t.warnBlock = QColor(0xF2C14E);
    t.onWarnBlock = QColor(0x0F1419);
    t.critical = QColor(0xC62828);
    t.onCritical = QColor(0xFFFFFF);
    t.flashLong = QColor(0x1A3D3F);
    t.flashShort = QColor(0x462A2F);
    t.demo = QColor(0x6B3FD4);
    t.onDemo = QColor(0xFFFFFF);
    t.testnet = QColor(0x4DD0E1);
    t.onTestnet = QColor(0x0F1419);
    t.replay = QColor(0x3A4654);
    t.onReplay = QColor(0xE6EDF3);
    t.profileBar = QColor(0x5C6F84);
    t.gauge = QColor(0x66768A);
    t.heat = colours({0x0B1017, 0x00224E, 0x123570, 0x3B496C, 0x575D6D, 0x707173, 0x8A8678, 0xA59C74,
                      0xC3B369, 0xE1CC55, 0xFEE838});
    if (scheme == Scheme::ColourSafe) {
        t.accent = QColor(0xE6EDF3);
        t.longSide = QColor(0x5AB0FF);
        t.shortSide = QColor(0xFFA033);
        t.warnBlock = QColor(0xFFE45C);
        t.heat = colours(
            {0x0B1017, 0x1C222A, 0x333A43, 0x4E565F, 0x6C747D, 0x8D959D, 0xB0B7BD, 0xD5DADF, 0xFFFFFF});
    }
    return t;
}

QColor mixed(const QColor &under, const QColor &over, double share)
{
    const auto channel = [share](int a, int b) { return static_cast<int>(a + (b - a) * share + 0.5); };
    return {channel(under.red(), over.red()), channel(under.green(), over.green()),
            channel(under.blue(), over.blue())};
}

} // namespace ui::theme
