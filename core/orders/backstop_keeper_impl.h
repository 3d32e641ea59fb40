#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/orders/backstop.h"
#include "core/orders/backstop_slot.h"
#include "core/orders/naked_time.h"

namespace core::orders
{

/// What the keeper holds. Events (backstop_keeper.cpp) change slots; `drive` (backstop_drive.cpp) reads them
/// and wishes.
struct BackstopKeeper::Impl {
    using What = Wish::What;
    struct Line {
        bool isReachable{true};
        UtcTime since{};
        std::deque<UtcTime> placed{}; ///< of the last minute
    };

    risk::BackstopLimits limits;
    std::map<risk::PositionKey, StopSlot> slots; ///< never erased: one for each leg that was ever seen
    std::vector<StopSlot *> restless;            ///< of `slots`
    std::map<Venue, Line> lines;
    std::set<InstrumentKey> held;
    std::map<ClientOrderId, risk::PositionKey> owners; ///< of every stop that a slot holds
    std::uint64_t lastNumber{0};
    Money naked; ///< Σ of the slots
    NakedTime nakedTime;
    std::vector<Wish> said; ///< alarms of events, for the next `drive`

    // events
    StopSlot &slotOf(const risk::PositionKey &key);
    /// Null: not known.
    RestingStop *find(const ClientOrderId &id, StopSlot **slot);
    /// After any change of the slot: what is naked, and since when.
    void settle(StopSlot &slot, UtcTime now);
    void settle(StopSlot &slot, const ClientOrderId &id, UtcTime now);
    void wake(StopSlot &slot);
    void take(StopSlot &slot, RestingStop &stop, const OrderUpdate &order, UtcTime now);
    void takeWords(RestingStop &stop, const OrderUpdate &order);
    void finish(StopSlot &slot, RestingStop &stop, const OrderUpdate &order, UtcTime now);
    void refuse(StopSlot &slot, RestingStop &stop, const std::string &detail, UtcTime now);
    void lose(StopSlot &slot, const std::string &why);
    void say(const StopSlot &slot, std::string text);
    void forgetOld(StopSlot &slot);

    // decisions, in the order in which `drive` takes them
    void ask(StopSlot &slot, UtcTime now, std::vector<Wish> &out);
    void sweep(StopSlot &slot, UtcTime now, std::vector<Wish> &out);
    void pin(StopSlot &slot);
    void remake(StopSlot &slot, UtcTime now);
    void fitSize(StopSlot &slot, UtcTime now);
    void placeMissing(StopSlot &slot, UtcTime now, std::vector<Wish> &out);
    bool makeRoom(StopSlot &slot, UtcTime now, std::vector<Wish> &out);
    void place(StopSlot &slot, Quantity quantity, UtcTime now, std::vector<Wish> &out);
    void cancelStale(StopSlot &slot, UtcTime now, std::vector<Wish> &out);
    void cancel(StopSlot &slot, const ClientOrderId &id, RestingStop &stop, UtcTime now,
                std::vector<Wish> &out);
    void watchDeadlines(StopSlot &slot, UtcTime now, std::vector<Wish> &out);
    void repin(Venue venue, UtcTime now, std::vector<Wish> &out);
    [[nodiscard]] bool isQuiet(const StopSlot &slot, UtcTime now) const;
    [[nodiscard]] bool isFar(const StopSlot &slot) const;
    [[nodiscard]] bool mayRepin(const StopSlot &slot, UtcTime now) const;
    [[nodiscard]] bool isHeld(const StopSlot &slot) const { return held.contains(slot.key.instrument); }
    [[nodiscard]] std::size_t resting(const StopSlot &slot) const;
    [[nodiscard]] std::size_t piecesOf(const StopSlot &slot, Quantity quantity) const;
    [[nodiscard]] std::vector<Quantity> pieces(const StopSlot &slot, Quantity quantity) const;
    [[nodiscard]] bool isTooSmall(const StopSlot &slot, Quantity quantity) const;
};

} // namespace core::orders
