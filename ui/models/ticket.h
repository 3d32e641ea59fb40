#pragma once

#include <optional>

#include <QtCore/QStringList>

#include "core/risk/preview.h"
#include "core/risk/sizing.h"
#include "core/runtime/snapshots.h"

namespace ui::models
{

/// What a person has filled in; absent: empty or not readable.
struct TicketForm {
    core::InstrumentKey instrument;
    core::Side side{core::Side::Buy};
    bool market{false};
    std::optional<core::Price> limit{};
    std::optional<core::Price> stop{};
    std::optional<core::Quantity> quantity{};
    std::optional<core::Ratio> fee{}; ///< of the notional, from the user's own schedule; counts where the venue has not said
    bool reduceOnly{false};
    std::string setup{};  ///< tag of the setup behind it; empty: none
    std::string reason{}; ///< typed
    friend bool operator==(const TicketForm &, const TicketForm &) = default;
};

/// What the form comes to on the numbers of one snapshot. Absent parts say why.
struct TicketView {
    std::optional<core::Price> fillAt; ///< the limit, or the fresh mark
    std::optional<core::FeeRates> fees;
    bool feesOfVenue{false};           ///< its own word on this account; else what the user typed
    std::optional<core::Price> stop;   ///< that goes with the order
    bool quantityLeftOpens{false};     ///< against a position and larger than it: the rest opens the other way
    bool stopIsLeftOut{false};         ///< one was typed, but the order only reduces
    std::optional<core::Duration> fundingEvery; ///< absent: how often this market pays is not known
    std::optional<core::risk::SizeAnswer> size;
    QString sizeWhy;
    std::optional<core::OrderRequest> order; ///< complete enough to be sent
    std::optional<core::risk::Preview> preview;
    QString previewWhy;
    std::optional<core::Money> plannedRisk; ///< loss at the planned stop, with fees and the slippage allowance
    std::optional<core::runtime::AskPreview> question; ///< to the engine, without its id
};
[[nodiscard]] TicketView ticketView(const core::runtime::TerminalSnapshot &snapshot, const TicketForm &form);
/// What is sent when the form is: without an id, with the planned risk, setup and reason.
[[nodiscard]] core::orders::OrderIntent intentOf(const TicketView &view, const TicketForm &form);

/// The view in lines for people.
struct TicketTexts {
    /// Each constraint with its size, the binding one marked.
    [[nodiscard]] static QStringList sizing(const TicketView &view, int places);
    [[nodiscard]] static QStringList preview(const TicketView &view, int pricePlaces);
    /// What happens with the stop when the order goes, and when it does not.
    [[nodiscard]] static QString stop(const TicketView &view, int pricePlaces);
    /// "Maker 0.0200 %, taker 0.0500 % (the venue's word)"; empty: not known.
    [[nodiscard]] static QString fees(const TicketView &view);
    /// One constraint of the sizing in words: "Risk per trade".
    [[nodiscard]] static QString constraint(const std::string &name);
    /// Room of each limit before and after the fill; those that it would reach first.
    [[nodiscard]] static QStringList headroom(const core::runtime::PreviewAnswer &answer);
    /// What the safeguards against one's own behaviour say to the order as it is typed.
    [[nodiscard]] static QStringList safeguards(const core::risk::SafeguardVerdict &verdict);
    [[nodiscard]] static QString advice(const std::vector<core::orders::IntentReason> &advice);
    [[nodiscard]] static QStringList blocks(const std::vector<core::risk::Block> &blocks);
};

} // namespace ui::models
