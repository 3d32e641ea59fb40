#include "ui/shell/order_ticket.h"

#include <algorithm>

#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

#include "ui/controls/hold_button.h"
#include "ui/controls/screen_fit.h"
#include "ui/format/format.h"
#include "ui/format/words.h"

using namespace Qt::StringLiterals;

namespace ui::shell
{

using models::TicketTexts;

namespace
{

/// Digits and one decimal mark; anything else, grouping too, is not understood.
template <class Value> std::optional<Value> numberIn(const QLineEdit *edit)
{
    const auto parsed = core::parseFixed<Value>(edit->text().trimmed().toStdString());
    return parsed ? std::optional(*parsed) : std::nullopt;
}

} // namespace

OrderTicket::OrderTicket(const theme::Theme &theme, QWidget *parent)
    : QDialog(parent), m_theme(theme), m_symbol(new QComboBox(this)), m_side(new QComboBox(this)),
      m_type(new QComboBox(this)), m_price(new QLineEdit(this)), m_stop(new QLineEdit(this)), m_fee(new QLineEdit(this)),
      m_size(new QLineEdit(this)), m_use(new QPushButton(tr("Use the computed size"), this)),
      m_reduceOnly(new QCheckBox(tr("Reduce only"), this)), m_setup(new QLineEdit(this)),
      m_reason(new QLineEdit(this)), m_text(new QLabel(this)),
      m_outcome(new QLabel(this)), m_hold(new controls::HoldButton(tr("HOLD TO SEND"), theme, this))
{
    setWindowTitle(tr("New order"));
    setObjectName(u"orderTicket"_s);
    setAccessibleName(windowTitle());
    controls::resizeToScreen(*this, {560, 720});
    m_side->addItems({tr("▲ Buy"), tr("▼ Sell")});
    m_type->addItems({tr("Limit"), tr("Market")});
    auto *form = new QFormLayout;
    const auto row = [&](const QString &label, QWidget *field, const QString &name) {
        field->setObjectName(name);
        field->setAccessibleName(label);
        form->addRow(label, field);
    };
    row(tr("Symbol"), m_symbol, u"ticketSymbol"_s);
    row(tr("Side"), m_side, u"ticketSide"_s);
    row(tr("Type"), m_type, u"ticketType"_s);
    row(tr("Price"), m_price, u"ticketPrice"_s);
    row(tr("Stop"), m_stop, u"ticketStop"_s);
    row(tr("Your fee in percent"), m_fee, u"ticketFee"_s);
    row(tr("Size"), m_size, u"ticketSize"_s);
    form->addRow(QString(), m_use);
    form->addRow(QString(), m_reduceOnly);
    row(tr("Setup"), m_setup, u"ticketSetup"_s);
    row(tr("Reason"), m_reason, u"ticketReason"_s);
    m_use->setObjectName(u"ticketUse"_s);
    m_use->setAutoDefault(false);
    m_reduceOnly->setObjectName(u"ticketReduceOnly"_s);
    m_hold->setObjectName(u"holdToSend"_s);
    for (QLabel *label : {m_text, m_outcome}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
    }
    m_outcome->setObjectName(u"ticketOutcome"_s);
    auto *buttons = new QHBoxLayout;
    auto *close = new QPushButton(tr("Close"), this);
    close->setAutoDefault(false);
    buttons->addStretch(1);
    buttons->addWidget(close);
    buttons->addWidget(m_hold);
    auto *column = new QVBoxLayout(this);
    column->addLayout(form);
    column->addWidget(controls::scrolled(m_text, this), 1);
    column->addWidget(m_outcome);
    column->addLayout(buttons);
    for (QComboBox *box : {m_symbol, m_side, m_type})
        connect(box, &QComboBox::currentIndexChanged, this, &OrderTicket::edited);
    for (QLineEdit *edit : {m_price, m_stop, m_fee, m_size, m_setup, m_reason})
        connect(edit, &QLineEdit::textChanged, this, &OrderTicket::edited);
    connect(m_reduceOnly, &QCheckBox::toggled, this, &OrderTicket::edited);
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_use, &QPushButton::clicked, this, [this] {
        if (m_view.size && m_view.size->reason.empty())
            m_size->setText(QString::fromStdString(m_view.size->quantity.text()));
    });
    connect(m_hold, &controls::HoldButton::held, this, [this] {
        if (!m_view.order)
            return;
        emit orderRequested(models::intentOf(m_view, this->form()));
    });
}

models::TicketForm OrderTicket::form() const
{
    models::TicketForm form;
    const auto at = static_cast<std::size_t>(std::max(0, m_symbol->currentData().toInt()));
    if (m_snapshot != nullptr && m_symbol->currentIndex() >= 0 && at < m_snapshot->markets.size())
        form.instrument = m_snapshot->markets[at].key;
    form.side = m_side->currentIndex() == 0 ? core::Side::Buy : core::Side::Sell;
    form.market = m_type->currentIndex() == 1;
    form.limit = numberIn<core::Price>(m_price);
    form.stop = numberIn<core::Price>(m_stop);
    form.quantity = numberIn<core::Quantity>(m_size);
    if (const auto percent = numberIn<core::Ratio>(m_fee); percent && percent->raw() % 100 == 0)
        form.fee = core::Ratio::fromRaw(percent->raw() / 100);
    form.reduceOnly = m_reduceOnly->isChecked();
    form.setup = m_setup->text().trimmed().toStdString();
    form.reason = m_reason->text().trimmed().toStdString();
    return form;
}

void OrderTicket::begin(const core::runtime::TerminalSnapshot &snapshot)
{
    m_snapshot = std::make_shared<const core::runtime::TerminalSnapshot>(snapshot);
    m_sent.clear();
    m_outcome->clear();
    for (QLineEdit *edit : {m_size, m_setup, m_reason})
        edit->clear(); // those of an earlier ticket are not this one's
    const QSignalBlocker quiet(m_symbol);
    m_symbol->clear();
    for (std::size_t i = 0; i < snapshot.markets.size(); ++i) {
        const auto &key = snapshot.markets[i].key;
        m_symbol->addItem(format::text(key.symbol.view()) + u' ' + format::Words::venueTag(key.venue), static_cast<int>(i));
    }
    edited();
}

void OrderTicket::edited()
{
    if (m_snapshot == nullptr)
        return;
    m_price->setEnabled(m_type->currentIndex() == 0);
    refresh();
    if (m_view.question) {
        m_view.question->id = ++m_question;
        emit previewRequested(*m_view.question);
    }
}

void OrderTicket::refresh()
{
    m_view = models::ticketView(*m_snapshot, form());
    format::Places places{2, 3};
    for (const auto &market : m_snapshot->markets) {
        if (market.key == form().instrument && market.instrument)
            places = format::placesOf(*market.instrument);
    }
    QStringList lines = TicketTexts::sizing(m_view, places.size);
    lines << QString() << TicketTexts::preview(m_view, places.price) << QString();
    lines << TicketTexts::stop(m_view, places.price) << QString();
    showFees();
    const auto &answer = m_snapshot->preview;
    if (m_view.question && answer && answer->id == m_question)
        lines << TicketTexts::blocks(answer->blocks) << TicketTexts::safeguards(answer->safeguards)
              << TicketTexts::headroom(*answer);
    else if (m_view.question)
        lines << tr("Room of the limits after the fill: asking the engine.");
    const QString text = lines.join(u'\n');
    if (text != m_text->text())
        m_text->setText(text);
    m_use->setEnabled(m_view.size && m_view.size->reason.empty());
    m_hold->setEnabled(m_view.order.has_value() && m_sent.empty() && m_snapshot->account.connected);
    m_hold->setToolTip(m_view.order ? tr("Hold for 1.5 s to send. Releasing earlier cancels.")
                                    : tr("Size and price are needed."));
}

/// What the venue says of this account outranks what a person would type.
void OrderTicket::showFees()
{
    const QString said = TicketTexts::fees(m_view);
    m_fee->setEnabled(said.isEmpty());
    m_fee->setPlaceholderText(said);
    if (said.isEmpty() || m_fee->text().isEmpty())
        return;
    const QSignalBlocker quiet(m_fee);
    m_fee->clear();
}

void OrderTicket::showSnapshot(const core::runtime::TerminalSnapshot &snapshot)
{
    m_snapshot = std::make_shared<const core::runtime::TerminalSnapshot>(snapshot);
    showAnswer();
    refresh();
}

void OrderTicket::sent(const std::string &id)
{
    m_sent = id;
    m_outcome->setText(tr("Sent. Waiting for the answer."));
    m_hold->setEnabled(false);
}

void OrderTicket::showAnswer()
{
    if (m_sent.empty())
        return;
    const auto &answers = m_snapshot->answers;
    const auto found = std::find_if(answers.begin(), answers.end(), [this](const auto &one) { return one.id == m_sent; });
    if (found == answers.end())
        return;
    m_sent.clear();
    if (found->accepted) {
        const QString advice = models::TicketTexts::advice(found->advice);
        m_outcome->setText(tr("✓ The order went to the venue. It stands among the open orders.") +
                           (advice.isEmpty() ? advice : u'\n' + advice));
        return;
    }
    QStringList lines;
    for (const auto &reason : found->reasons) {
        QString line = QString::fromStdString(reason.text);
        if (reason.until)
            line += u' ' + tr("Until %1.").arg(format::timeOfDayZone(*reason.until));
        lines << line;
    }
    m_outcome->setText(tr("✕ Nothing was sent. %1").arg(lines.join(u'\n')));
}

QString OrderTicket::text() const
{
    return m_text->text();
}

QString OrderTicket::outcome() const
{
    return m_outcome->text();
}

} // namespace ui::shell
