#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

namespace tests::soak
{

/// What the harness itself remembers, in bytes of the heap, so that it is not taken for the clients' memory.
inline std::atomic<std::int64_t> keptBytes{0};

/// The usual allocator, counted in `keptBytes`.
template <class T> struct Counted {
    using value_type = T;
    Counted() = default;
    template <class Other> explicit(false) Counted(const Counted<Other> &) {}

    [[nodiscard]] T *allocate(std::size_t count)
    {
        T *memory = std::allocator<T>().allocate(count);
        keptBytes += chunk(count);
        return memory;
    }
    void deallocate(T *memory, std::size_t count)
    {
        keptBytes -= chunk(count);
        std::allocator<T>().deallocate(memory, count);
    }
    friend bool operator==(const Counted &, const Counted &) { return true; }

private:
    /// As the C library rounds it: a word of its own, steps of 16.
    [[nodiscard]] static std::int64_t chunk(std::size_t count)
    {
        return static_cast<std::int64_t>((count * sizeof(T) + sizeof(void *) + 15) / 16 * 16);
    }
};

template <class Key, class Value>
using KeptMap = std::map<Key, Value, std::less<Key>, Counted<std::pair<const Key, Value>>>;
template <class Key, class Value>
using KeptHash =
    std::unordered_map<Key, Value, std::hash<Key>, std::equal_to<Key>, Counted<std::pair<const Key, Value>>>;

} // namespace tests::soak
