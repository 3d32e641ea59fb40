#include "ui/shell/arming_dialog.h"

#include <algorithm>

#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

#include "ui/controls/hold_button.h"
#include "ui/controls/screen_fit.h"
#include "ui/format/format.h"
#include "ui/format/words.h"
#include "ui/models/dock_state.h"
#include "ui/models/position_row.h"

using namespace Qt::StringLiterals;

namespace ui::shell
{

using core::runtime::TerminalSnapshot;

namespace
{

class Sentences
{
    Q_DECLARE_TR_FUNCTIONS(ui::shell::ArmingDialog)

public:
    static QStringList ladder(const core::risk::Limits &limits)
    {
        QStringList lines;
        const core::risk::Breaker *loss = lossOnMargin(limits);
        for (std::size_t i = 0; loss != nullptr && i < loss->tiers.size(); ++i) {
            const core::risk::Tier &tier = loss->tiers[i];
            const QString trigger = format::percent(tier.trigger);
            switch (tier.action) {
            case core::risk::TierAction::Alert:
                lines << tr("at %1 of margin lost: an alert").arg(trigger);
                break;
            case core::risk::TierAction::BlockNewRisk:
                lines << tr("at %1 of margin lost: no new risk on it").arg(trigger);
                break;
            case core::risk::TierAction::Reduce:
                lines << tr("at %1 of margin lost: %2 of the position is closed at market, reduce-only")
                             .arg(trigger, format::percent(tier.fraction));
                break;
            case core::risk::TierAction::Close:
                lines << tr("at %1 of margin lost: the whole position is closed at market, reduce-only")
                             .arg(trigger);
                break;
            case core::risk::TierAction::Flatten:
                lines << tr("at %1 of margin lost: every position of the account is closed at market, reduce-only")
                             .arg(trigger);
                break;
            }
        }
        const auto others = std::count_if(limits.breakers.begin(), limits.breakers.end(), [loss](const auto &breaker) {
            return breaker.enabled && &breaker != loss;
        });
        if (others > 0)
            lines << tr("%n further limit(s) of positions and of the account act too", nullptr, static_cast<int>(others));
        return lines;
    }

    /// Null: it is not among the limits, or switched off.
    static const core::risk::Breaker *lossOnMargin(const core::risk::Limits &limits)
    {
        const auto *loss = core::risk::find(limits, core::risk::BreakerKind::LossOnMargin, core::risk::Scope::Position);
        return loss != nullptr && loss->enabled ? loss : nullptr;
    }

    static QString position(const models::PositionRow &row, const core::risk::Limits &limits)
    {
        const auto &p = row.position;
        const QString symbol = format::text(p.instrument.symbol.view());
        QString now = format::missing();
        if (row.breaker && row.breaker->metric)
            now = format::percent(*row.breaker->metric);
        QString loss = format::missing();
        const core::risk::Breaker *breaker = lossOnMargin(limits);
        if (p.initialMargin && breaker != nullptr) {
            const auto amount =
                core::scaled(*p.initialMargin, breaker->tiers.back().trigger, core::Rounding::HalfEven);
            if (amount)
                loss = format::dollars(core::Money::fromRaw(-amount->raw()));
        }
        //: %1 symbol, %2 side, %3 size, %4 value in dollars, %5 loss limit in dollars, %6 share of margin
        //: lost now
        return tr("%1 %2 %3, ≈ %4: closes at a loss of %5 (now %6 of margin)")
            .arg(symbol, format::Words::side(p.direction), format::size(p.quantity, row.places.size),
                 row.notional ? format::dollars(*row.notional) : format::missing(), loss, now);
    }
};

/// Without breakers where the account has said nothing yet.
core::risk::Limits limitsOf(const TerminalSnapshot &snapshot, core::Venue venue)
{
    for (const auto &account : snapshot.guard.accounts) {
        if (account.account == venue)
            return account.limits;
    }
    return {};
}

} // namespace

ArmingDialog::ArmingDialog(const theme::Theme &theme, QWidget *parent)
    : QDialog(parent), m_theme(theme), m_body(new QLabel(this)), m_obstacle(new QLabel(this)),
      m_hold(new controls::HoldButton(tr("HOLD TO ARM"), theme, this))
{
    setWindowTitle(tr("Arm auto-close"));
    setObjectName(u"armingDialog"_s);
    setAccessibleName(windowTitle());
    setMinimumWidth(620);
    controls::resizeToScreen(*this, {640, 360});
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(12);
    auto *title = new QLabel(tr("Let breakers close positions by themselves?"), this);
    title->setStyleSheet(u"font-size: 15px; font-weight: 600;"_s);
    m_body->setWordWrap(true);
    m_body->setTextFormat(Qt::PlainText);
    m_obstacle->setWordWrap(true);
    m_obstacle->setStyleSheet(u"color: %1;"_s.arg(theme.tokens().warn.name()));
    column->addWidget(title);
    column->addWidget(controls::scrolled(m_body, this), 1);
    column->addWidget(m_obstacle);
    auto *row = new QHBoxLayout;
    auto *stay = new QPushButton(tr("Stay at alert-only"), this);
    stay->setAutoDefault(false);
    row->addStretch(1);
    row->addWidget(stay);
    row->addWidget(m_hold);
    column->addLayout(row);
    m_hold->setObjectName(u"holdToArm"_s);
    stay->setFocus();
    connect(stay, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_hold, &controls::HoldButton::held, this, [this] {
        emit armRequested();
        accept();
    });
}

QString ArmingDialog::obstacle(const TerminalSnapshot *snapshot)
{
    if (snapshot == nullptr)
        return tr("The engine has not reported yet.");
    if (!snapshot->guard.reconciled)
        return tr("Orders and positions are not yet reconciled with the venue.");
    const models::DockState account = models::DockStates::account(snapshot);
    if (!account.isTrusted())
        return account.sentence;
    const models::DockState positions = models::DockStates::positions(snapshot);
    if (!positions.isTrusted())
        return positions.sentence;
    const auto &accounts = snapshot->guard.accounts;
    if (std::none_of(accounts.begin(), accounts.end(), [](const auto &guarded) {
            return std::any_of(guarded.limits.breakers.begin(), guarded.limits.breakers.end(),
                               [](const auto &breaker) { return breaker.enabled; });
        }))
        return tr("No breaker is switched on, so there is nothing to arm.");
    return {};
}

void ArmingDialog::showSnapshot(const TerminalSnapshot *snapshot)
{
    const QString problem = obstacle(snapshot);
    m_hold->setEnabled(problem.isEmpty());
    m_hold->setToolTip(problem.isEmpty() ? tr("Hold for 1.5 s to arm. Releasing earlier cancels.") : problem);
    m_obstacle->setText(problem.isEmpty() ? QString() : tr("Not possible now: %1").arg(problem));
    m_obstacle->setVisible(!problem.isEmpty());
    if (snapshot == nullptr)
        return;
    QStringList lines;
    for (const auto &guarded : snapshot->guard.accounts) {
        if (m_account && guarded.account != *m_account)
            continue;
        lines << tr("For every position on %1:").arg(format::Words::venue(guarded.account));
        for (const QString &line : Sentences::ladder(guarded.limits))
            lines << u"  · "_s + line;
    }
    auto rows = models::positionRows(*snapshot);
    std::erase_if(rows, [this](const auto &row) { return m_account && row.position.instrument.venue != *m_account; });
    lines << QString();
    if (rows.empty()) {
        lines << tr("No position is open now. New ones, also those opened elsewhere, will be guarded.");
    } else {
        lines << tr("Open now:");
        for (const auto &row : rows)
            lines << u"  · "_s + Sentences::position(row, limitsOf(*snapshot, row.position.instrument.venue));
    }
    lines << QString() << tr("One press or Ctrl+Shift+D goes back to alert-only at once.");
    const QString body = lines.join(u'\n');
    if (body != m_body->text())
        m_body->setText(body);
}

QString ArmingDialog::text() const
{
    return m_body->text();
}

} // namespace ui::shell
