#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

// Counts what is allocated. It replaces the program's operators, so one source file of a program includes it.
namespace
{
std::uint64_t allocations = 0; // one thread
}

void *operator new(std::size_t size)
{
    ++allocations;
    if (void *const block = std::malloc(size == 0 ? 1 : size))
        return block;
    throw std::bad_alloc();
}
void *operator new(std::size_t size, std::align_val_t alignment)
{
    ++allocations;
    const auto bytes = static_cast<std::size_t>(alignment);
    if (void *const block = std::aligned_alloc(bytes, (size + bytes - 1) / bytes * bytes))
        return block;
    throw std::bad_alloc();
}
void operator delete(void *block) noexcept
{
    std::free(block);
}
void operator delete(void *block, std::size_t) noexcept
{
    std::free(block);
}
void operator delete(void *block, std::align_val_t) noexcept
{
    std::free(block);
}
void operator delete(void *block, std::size_t, std::align_val_t) noexcept
{
    std::free(block);
}
