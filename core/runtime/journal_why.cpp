#include "core/runtime/journal_why.h"

#include <algorithm>
#include <deque>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/overloaded.h"
#include "core/orders/guard.h"
#include "core/storage/repositories.h"

namespace core::runtime
{

namespace
{
constexpr std::size_t kNamed = 3;

/// Under which decision an output stands; empty: none.
std::string_view decisionOf(const orders::GuardOutput &output)
{
    return std::visit(
        [](const auto &value) -> std::string_view {
            if constexpr (requires { value.decisionId; })
                return value.decisionId;
            else
                return {};
        },
        output);
}

/// It carries this id: as its decision, as that of one of its positions, or as that of its order.
bool isNamed(const orders::GuardOutput &output, const std::string &id)
{
    if (decisionOf(output) == id)
        return true;
    if (const auto *verdict = std::get_if<orders::Verdict>(&output))
        return std::ranges::find(verdict->targets, id, &orders::Verdict::Target::decisionId) != verdict->targets.end();
    if (const auto *send = std::get_if<orders::SendOrder>(&output))
        return send->order.request().clientOrderId.view() == id;
    return false;
}

/// One session, replayed.
class Search
{
public:
    explicit Search(std::string id) : m_id(std::move(id)) {}

    [[nodiscard]] bool take(const storage::JournalRow &row)
    {
        if (row.kind == storage::JournalKind::Input)
            return input(row);
        return row.kind != storage::JournalKind::Decision || decision(row);
    }
    [[nodiscard]] const std::optional<Error> &error() const { return m_error; }
    [[nodiscard]] const std::optional<DecisionWhy> &found() const { return m_found; }
    [[nodiscard]] const std::vector<std::string> &known() const { return m_known; }

private:
    [[nodiscard]] bool input(const storage::JournalRow &row)
    {
        const auto record = orders::decodeGuardInput(row.payload);
        if (!record) {
            m_error = record.error().in(fmt::format("journal row {}", row.seq));
            return false;
        }
        m_input = {row.seq, row.at, row.payload};
        m_outputs.clear();
        m_guard.apply(*record, m_outputs);
        m_next = 0;
        return true;
    }
    [[nodiscard]] bool decision(const storage::JournalRow &row)
    {
        if (m_next >= m_outputs.size() || orders::encode(m_outputs[m_next]) != row.payload) {
            m_error = Error{ErrorCode::Corrupt, fmt::format("journal row {} is not what its inputs lead to; replay without --why shows "
                                                            "the difference", row.seq)};
            return false;
        }
        const orders::GuardOutput &output = m_outputs[m_next++];
        const std::string decision(decisionOf(output));
        if (!decision.empty() && (m_known.empty() || m_known.back() != decision))
            m_known.push_back(decision);
        // From the first row on it is the decision that counts, also when an order's id was asked for.
        if (!m_found && isNamed(output, m_id)) {
            const bool isPosition = std::holds_alternative<orders::Verdict>(output) && decision != m_id;
            m_found = DecisionWhy{.session = row.session,
                                  .decision = isPosition || decision.empty() ? m_id : decision,
                                  .input = m_input,
                                  .verdict = std::nullopt,
                                  .texts = {},
                                  .rows = {}};
        }
        if (m_found && isNamed(output, m_found->decision))
            add(*m_found, output, row);
        return true;
    }
    static void add(DecisionWhy &why, const orders::GuardOutput &output, const storage::JournalRow &row)
    {
        why.rows.push_back({row.seq, row.at, row.payload});
        if (const auto *verdict = std::get_if<orders::Verdict>(&output); verdict != nullptr && !why.verdict)
            why.verdict = *verdict;
        if (const auto *alert = std::get_if<orders::RaiseAlert>(&output))
            why.texts.push_back(alert->text);
    }

    std::string m_id;
    orders::Guard m_guard;
    std::vector<orders::GuardOutput> m_outputs;
    std::size_t m_next{0};
    DecisionWhy::Row m_input;
    std::optional<DecisionWhy> m_found;
    std::vector<std::string> m_known;
    std::optional<Error> m_error;
};

/// An order's id names its decision and says which attempt it was.
std::string withoutAttempt(const std::string &id)
{
    constexpr std::size_t kDecision = 28;
    const bool isOrder = id.starts_with("etr-") && id.size() > kDecision && id[kDecision] == '-';
    return isOrder ? id.substr(0, kDecision) : id;
}

std::size_t sharedStart(std::string_view a, std::string_view b)
{
    return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

Error notFound(const std::string &id, std::vector<std::string> known)
{
    if (known.empty())
        return {ErrorCode::NotFound, fmt::format("decision {} is not in the journal, which holds none", id)};
    constexpr std::size_t kPrefix = 4; // "etr-" is near to nothing
    std::ranges::reverse(known);       // the last ones first
    std::ranges::stable_sort(known, std::ranges::greater{}, [&](const std::string &other) {
        const std::size_t shared = sharedStart(id, other);
        return shared > kPrefix ? shared : 0;
    });
    const bool isNear = sharedStart(id, known.front()) > kPrefix;
    const auto newEnd = std::ranges::unique(known).begin();
    known.erase(newEnd, known.end());
    known.resize(std::min(known.size(), kNamed));
    return {ErrorCode::NotFound, fmt::format("decision {} is not in the journal; {}: {}", id, isNear ? "the nearest" : "the last ones",
                                             fmt::join(known, ", "))};
}
} // namespace

Result<DecisionWhy> whyDecided(const QString &path, std::optional<std::int64_t> session, const std::string &id)
{
    const auto database = storage::Database::open(path, storage::Access::ReadOnly, UtcTime{});
    if (!database)
        return fail(database.error());
    std::vector<std::int64_t> asked;
    if (session) {
        asked.push_back(*session);
    } else {
        const auto sessions = storage::sessions(*database);
        if (!sessions)
            return fail(sessions.error());
        for (auto row = sessions->rbegin(); row != sessions->rend(); ++row)
            asked.push_back(row->id);
    }
    std::vector<std::string> known;
    std::optional<Error> broken;
    for (const std::int64_t number : asked) {
        Search search(withoutAttempt(id));
        const auto read = storage::eachJournalRow(*database, number, [&](const storage::JournalRow &row) { return search.take(row); });
        if (!read && read.error().code != ErrorCode::NotFound)
            return fail(read.error());
        if (search.found())
            return *search.found();
        if (search.error() && !broken)
            broken = search.error()->in(fmt::format("session {}", number));
        known.insert(known.begin(), search.known().begin(), search.known().end());
    }
    // A session of an older program cannot be searched; that it might be there must be said.
    if (broken)
        return fail(*broken);
    return fail(notFound(id, std::move(known)));
}

} // namespace core::runtime
