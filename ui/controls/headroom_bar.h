#pragma once

#include <optional>

#include <QtWidgets/QWidget>

#include "ui/theme/theme.h"

namespace ui::controls
{

/// How much of a limit is used: name, "9.4 % of 30.0 %", a word, and a bar with ticks at 50 and 80 %. Without
/// a value the bar is empty and says so: an unknown is never drawn as zero.
class HeadroomBar final : public QWidget
{
    Q_OBJECT

public:
    struct Content {
        QString name;
        QString value;               ///< "9.40 % of 30.00 %"
        QString word;                ///< Watching, NEAR, TRIPPED, Unknown
        std::optional<double> share; ///< of the limit, 0…1 and above
        bool alarmed{false};         ///< the word stands on a red block
        bool trusted{true};
        QString detail; ///< second line, may be empty
        QString explanation{}; ///< tooltip: plain sentence with today's numbers
        friend bool operator==(const Content &, const Content &) = default;
    };

    HeadroomBar(const theme::Theme &theme, QWidget *parent);
    void showContent(const Content &content);
    [[nodiscard]] const Content &content() const { return m_content; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {200, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const theme::Theme &m_theme;
    Content m_content;
};

} // namespace ui::controls
