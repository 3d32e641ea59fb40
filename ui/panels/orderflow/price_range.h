#pragma once

#include <QtCore/QObject>

namespace ui::panels
{

/// The one price range that profile, heatmap and axis share: whoever zooms or pans, all three follow. Prices
/// as double: this is drawing. y grows downward, prices upward. Gui thread.
class PriceRange final : public QObject
{
    Q_OBJECT

public:
    struct Span {
        double low{0.0};
        double high{0.0};
        [[nodiscard]] double size() const { return high - low; }
        [[nodiscard]] double middle() const { return (low + high) / 2.0; }
        friend bool operator==(const Span &, const Span &) = default;
    };

    using QObject::QObject;

    [[nodiscard]] const Span &span() const { return m_span; }
    [[nodiscard]] bool isValid() const { return m_span.high > m_span.low; }
    /// Ignores an empty or negative span.
    void set(Span span);
    [[nodiscard]] double toY(double price, double height) const
    {
        return (m_span.high - price) / m_span.size() * height;
    }
    [[nodiscard]] double toPrice(double y, double height) const
    {
        return m_span.high - y / height * m_span.size();
    }

signals:
    void changed();

private:
    Span m_span;
};

} // namespace ui::panels
