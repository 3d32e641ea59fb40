#include "core/runtime/sizing_board.h"

namespace core::runtime
{

void SizingBoard::onEstimates(const EstimateNews &news)
{
    for (const risk::Estimate &estimate : news.estimates)
        m_facts.estimates.insert_or_assign(estimate.instrument, estimate);
    if (news.correlation)
        m_facts.correlation = news.correlation;
    m_view.reset();
}

void SizingBoard::onDepth(const risk::Depth &depth)
{
    m_facts.depths.insert_or_assign(depth.instrument, depth);
    m_view.reset();
}

void SizingBoard::onHistory(const risk::History &history)
{
    const risk::ResultFacts results = risk::resultFacts(history);
    const auto [known, isNew] = m_facts.results.try_emplace(history.account, results);
    if (!isNew && known->second == results)
        return;
    known->second = results;
    m_view.reset();
}

std::shared_ptr<const risk::SizingFacts> SizingBoard::view()
{
    if (m_view == nullptr)
        m_view = std::make_shared<const risk::SizingFacts>(m_facts);
    return m_view;
}

} // namespace core::runtime
