#include "ui/panels/orderflow/price_range.h"

namespace ui::panels
{

void PriceRange::set(Span span)
{
    if (!(span.high > span.low) || span == m_span)
        return;
    m_span = span;
    emit changed();
}

} // namespace ui::panels
