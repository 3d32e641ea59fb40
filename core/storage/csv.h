#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <QtCore/QString>

#include "core/base/result.h"
#include "core/storage/database.h"
#include "core/storage/repositories.h"

namespace core::storage
{

/// RFC 4180 line of cells, CRLF, locale-free. Text that a spreadsheet would take for a formula gets a leading
/// '.
class CsvLine
{
public:
    void addText(std::string_view text);
    /// Numbers and times: written as they are. REQUIRES: no comma, quote or line break.
    void addPlain(std::string_view text);
    void addEmpty();
    /// The line with CRLF; the next one starts empty.
    [[nodiscard]] std::string take();

private:
    void separate();
    std::string m_line;
    bool m_first{true};
};

/// The header of trades.csv, exactly as in ux.md section 12.
[[nodiscard]] std::string tradesCsvHeader();
/// Writes all closed trades, oldest first; the file appears only when complete. Returns the number of trades.
/// IoFailed names the path.
[[nodiscard]] Result<std::int64_t> writeTradesCsv(const Database &database, const QString &path,
                                                  const TradeFilter &filter = {});

} // namespace core::storage
