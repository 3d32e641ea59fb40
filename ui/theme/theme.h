#pragma once

#include <QtCore/QObject>
#include <QtGui/QFont>
#include <QtGui/QPalette>

#include "ui/theme/tokens.h"

namespace ui::theme
{

/// Colours and type of one window. Widgets keep a reference and repaint on `changed`; it outlives them (owned
/// by the window). Gui thread.
class Theme final : public QObject
{
    Q_OBJECT

public:
    explicit Theme(Scheme scheme, QObject *parent = nullptr);

    [[nodiscard]] const Tokens &tokens() const { return m_tokens; }
    [[nodiscard]] Scheme scheme() const { return m_scheme; }
    void setScheme(Scheme scheme);

    /// Words, in the system's font. `pixels` is the size at 100 % scale.
    [[nodiscard]] QFont textFont(int pixels = kTextPixels, QFont::Weight weight = QFont::Normal) const;
    /// Numbers: fixed pitch, so that digits line up and columns do not dance.
    [[nodiscard]] QFont numericFont(int pixels = kTextPixels, QFont::Weight weight = QFont::Normal) const;
    [[nodiscard]] QPalette palette() const;
    [[nodiscard]] QString styleSheet() const;

    static constexpr int kTextPixels = 12;
    static constexpr int kRowHeight = 24; ///< line + 10 px

signals:
    void changed();

private:
    Scheme m_scheme;
    Tokens m_tokens;
    QString m_numericFamily;
};

} // namespace ui::theme
