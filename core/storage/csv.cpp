#include "core/storage/csv.h"

#include <QtCore/QSaveFile>

#include <fmt/format.h>

namespace core::storage
{

namespace
{

/// Raised when a column of trades.csv changes its meaning.
constexpr int kTradesCsvSchema = 1;

constexpr std::string_view kTradesColumns[] = {
    "schema",       "mode",        "account",    "venue",     "symbol", "side",    "opened_at", "closed_at",
    "size",         "entry_price", "exit_price", "gross_pnl", "fees",   "funding", "net_pnl",   "pnl_asset",
    "initial_risk", "r_multiple",  "mae",        "mfe",       "setup",  "note",
};

template <class Value> void addOptional(CsvLine &line, const std::optional<Value> &value)
{
    if (value)
        line.addPlain(value->text());
    else
        line.addEmpty();
}

[[nodiscard]] std::string tradeLine(const TradeRow &trade)
{
    CsvLine line;
    line.addPlain(std::to_string(kTradesCsvSchema));
    line.addText(name(trade.mode));
    line.addText(trade.account.view());
    line.addText(name(trade.instrument.venue));
    line.addText(trade.instrument.symbol.view());
    line.addText(name(trade.side));
    line.addPlain(isoMilliseconds(trade.openedAt));
    line.addPlain(isoMilliseconds(trade.closedAt));
    line.addPlain(trade.size.text());
    line.addPlain(trade.entryPrice.text());
    line.addPlain(trade.exitPrice.text());
    line.addPlain(trade.grossPnl.text());
    line.addPlain(trade.fees.text());
    addOptional(line, trade.funding);
    line.addPlain(trade.netPnl.text());
    line.addText(trade.pnlAsset.view());
    addOptional(line, trade.initialRisk);
    addOptional(line, trade.rMultiple);
    addOptional(line, trade.mae);
    addOptional(line, trade.mfe);
    line.addText(trade.setup);
    line.addText(trade.note);
    return line.take();
}

[[nodiscard]] Error saveError(const QString &path, const QSaveFile &file)
{
    return {ErrorCode::IoFailed,
            fmt::format("{}: cannot be written: {}", path.toStdString(), file.errorString().toStdString())};
}

} // namespace

void CsvLine::separate()
{
    if (!m_first)
        m_line += ',';
    m_first = false;
}

void CsvLine::addText(std::string_view text)
{
    separate();
    const bool formula =
        !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
    const bool quoted = text.find_first_of(",\"\r\n") != std::string_view::npos;
    if (quoted)
        m_line += '"';
    if (formula)
        m_line += '\'';
    for (const char c : text) {
        if (c == '"')
            m_line += '"';
        m_line += c;
    }
    if (quoted)
        m_line += '"';
}

void CsvLine::addPlain(std::string_view text)
{
    separate();
    m_line += text;
}

void CsvLine::addEmpty()
{
    separate();
}

std::string CsvLine::take()
{
    m_line += "\r\n";
    m_first = true;
    return std::exchange(m_line, std::string());
}

std::string tradesCsvHeader()
{
    CsvLine line;
    for (const std::string_view column : kTradesColumns)
        line.addPlain(column);
    return line.take();
}

Result<std::int64_t> writeTradesCsv(const Database &database, const QString &path, const TradeFilter &filter)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return fail(saveError(path, file));
    std::int64_t count = 0;
    bool written = true;
    const auto writeLine = [&](const std::string &line) {
        const auto size = static_cast<qint64>(line.size());
        written = written && file.write(line.data(), size) == size;
        return written;
    };
    writeLine(tradesCsvHeader());
    const auto read = eachTrade(database, filter, [&](const TradeRow &trade) {
        ++count;
        return writeLine(tradeLine(trade));
    });
    if (!read) {
        file.cancelWriting();
        return fail(read.error());
    }
    if (!written || !file.commit())
        return fail(saveError(path, file));
    return count;
}

} // namespace core::storage
