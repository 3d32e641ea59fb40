#pragma once

#include <QtCore/QList>
#include <QtGui/QColor>

namespace ui::theme
{

enum class Scheme { Dark, ColourSafe };

/// Every colour of the program by what it means. The hex values live in tokens.cpp and nowhere else; the unit
/// test recomputes contrast ratios and the distances between long and short.
struct Tokens {
    QColor window, panel, raised, input;
    QColor stripe, select;
    QColor border, borderStrong;
    QColor textPrimary, textSecondary, textMuted;
    QColor accent;
    QColor longSide, shortSide;
    QColor warn, warnBlock, onWarnBlock;
    QColor critical, onCritical;
    QColor flashLong, flashShort;
    QColor demo, onDemo, testnet, onTestnet, replay, onReplay;
    QColor profileBar, gauge;
    QList<QColor> heat; ///< dark to bright, monotone luminance
};

[[nodiscard]] Tokens tokensFor(Scheme scheme);

/// `over` painted on `under` with `share` (0 to 1) of opacity, as one opaque colour.
[[nodiscard]] QColor mixed(const QColor &under, const QColor &over, double share);

} // namespace ui::theme
