#pragma once

#include <memory>
#include <vector>

#include "core/runtime/analysis_worker.h"
#include "core/risk/sizing_facts.h"

namespace core::runtime
{

/// Collects what sizes depend on and hands it to the screen as one immutable value, made anew only when something changed.
/// Engine thread.
class SizingBoard
{
public:
    void onEstimates(const EstimateNews &news);
    void onDepth(const risk::Depth &depth);
    void onHistory(const risk::History &history);
    [[nodiscard]] std::shared_ptr<const risk::SizingFacts> view();

private:
    risk::SizingFacts m_facts;
    std::shared_ptr<const risk::SizingFacts> m_view;
};

} // namespace core::runtime
