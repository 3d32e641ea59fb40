#pragma once

#include <QtCore/QCoreApplication>
#include <QtCore/QString>

#include "core/domain/account.h"
#include "core/domain/market_data.h"
#include "core/orders/guard.h"
#include "core/runtime/snapshots.h"

namespace ui::format
{

/// The words of the screen for the values of the core, in the user's language.
class Words
{
    Q_DECLARE_TR_FUNCTIONS(ui::format::Words)

public:
    [[nodiscard]] static QString venue(core::Venue venue);             ///< "Binance USD-M"
    [[nodiscard]] static QString venueTag(core::Venue venue);          ///< "BN"
    [[nodiscard]] static QString freshness(core::Freshness freshness); ///< connecting, live, stale, …
    [[nodiscard]] static QString arming(core::risk::Arming arming);    ///< OFF, ALERT-ONLY, ARMED
    [[nodiscard]] static QString breaker(core::orders::BreakerView::Word word);
    [[nodiscard]] static QString breakerTitle(core::risk::BreakerKind kind); ///< "Position loss"
    [[nodiscard]] static QString level(core::risk::BreakerKind kind, core::Ratio level); ///< "25.00 %", "3.00×", "90 min"
    [[nodiscard]] static QString tradingState(core::risk::TradingState state); ///< normal, LOCKED, …
    [[nodiscard]] static QString severity(core::orders::Severity severity);
    [[nodiscard]] static QString side(core::Direction direction);           ///< ▲ LONG
    [[nodiscard]] static QString tierAction(core::risk::TierAction action); ///< alert, reduce, close, …
    [[nodiscard]] static QString mode(core::runtime::Mode mode);            ///< DEMO
    [[nodiscard]] static QString place(core::runtime::Place place);         ///< production, TESTNET, this computer
    [[nodiscard]] static QString alertSource(std::string_view source);
};

[[nodiscard]] inline QString text(std::string_view view)
{
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

} // namespace ui::format
