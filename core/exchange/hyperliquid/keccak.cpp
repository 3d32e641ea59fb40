#include "core/exchange/hyperliquid/keccak.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace core::exchange::hyperliquid
{

namespace
{
constexpr std::size_t kLanes = 25;
constexpr std::size_t kRounds = 24;

/// Where lane i goes and by how much it turns on the way (steps rho and pi).
struct Moves {
    std::array<std::size_t, kLanes> to{};
    std::array<int, kLanes> turn{};
};

constexpr Moves makeMoves()
{
    Moves moves;
    std::size_t x = 1;
    std::size_t y = 0;
    for (std::size_t step = 0; step + 1 < kLanes; ++step) {
        moves.turn[x + 5 * y] = static_cast<int>((step + 1) * (step + 2) / 2 % 64);
        const std::size_t nextY = (2 * x + 3 * y) % 5;
        x = y;
        y = nextY;
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        moves.to[lane] = lane / 5 + 5 * ((2 * (lane % 5) + 3 * (lane / 5)) % 5);
    return moves;
}

/// Bits 2^j − 1 of each round's constant come from a shift register with x^8 + x^6 + x^5 + x^4 + 1.
constexpr std::array<std::uint64_t, kRounds> makeRoundConstants()
{
    std::array<std::uint64_t, kRounds> constants{};
    std::uint32_t shiftRegister = 1;
    for (std::uint64_t &constant : constants) {
        for (unsigned j = 0; j < 7; ++j) {
            if ((shiftRegister & 1U) != 0)
                constant ^= std::uint64_t{1} << ((1U << j) - 1U);
            shiftRegister = (shiftRegister << 1U) ^ ((shiftRegister & 0x80U) != 0 ? 0x171U : 0U);
        }
    }
    return constants;
}

constexpr Moves kMoves = makeMoves();
constexpr auto kRoundConstants = makeRoundConstants();
static_assert(kRoundConstants[0] == 1 && kRoundConstants[23] == 0x8000000080008008U);

using State = std::array<std::uint64_t, kLanes>;

/// Unrolled: with the lane numbers known to the compiler the state stays in registers where it can.
template <std::size_t... lane> void mix(State &a, State &b, std::index_sequence<lane...>)
{
    std::array<std::uint64_t, 5> columns{};
    ((columns[lane % 5] ^= a[lane]), ...);
    std::array<std::uint64_t, 5> around{};
    for (std::size_t x = 0; x < 5; ++x)
        around[x] = columns[(x + 4) % 5] ^ std::rotl(columns[(x + 1) % 5], 1);
    ((b[kMoves.to[lane]] = std::rotl(a[lane] ^ around[lane % 5], kMoves.turn[lane])), ...);
    ((a[lane] = b[lane] ^ (~b[lane / 5 * 5 + (lane + 1) % 5] & b[lane / 5 * 5 + (lane + 2) % 5])), ...);
}

void permute(State &a)
{
    State b{};
    for (const std::uint64_t constant : kRoundConstants) {
        mix(a, b, std::make_index_sequence<kLanes>());
        a[0] ^= constant;
    }
}

std::uint64_t laneAt(const std::uint8_t *bytes)
{
    std::uint64_t lane = 0;
    for (unsigned i = 0; i < 8; ++i)
        lane |= std::uint64_t{bytes[i]} << (8 * i);
    return lane;
}
} // namespace

void Keccak256::absorb(const std::uint8_t *block)
{
    for (std::size_t lane = 0; lane < kRateBytes / 8; ++lane)
        m_state[lane] ^= laneAt(block + 8 * lane);
    permute(m_state);
}

Keccak256 &Keccak256::add(std::span<const std::uint8_t> bytes)
{
    while (!bytes.empty()) {
        const std::size_t taken = std::min(bytes.size(), kRateBytes - m_filled);
        std::copy_n(bytes.begin(), taken, m_block.begin() + static_cast<std::ptrdiff_t>(m_filled));
        m_filled += taken;
        bytes = bytes.subspan(taken);
        if (m_filled == kRateBytes) {
            absorb(m_block.data());
            m_filled = 0;
        }
    }
    return *this;
}

Keccak256 &Keccak256::add(std::string_view text)
{
    return add(std::span(reinterpret_cast<const std::uint8_t *>(text.data()), text.size()));
}

Digest Keccak256::finish()
{
    std::fill(m_block.begin() + static_cast<std::ptrdiff_t>(m_filled), m_block.end(), std::uint8_t{0});
    m_block[m_filled] ^= 0x01U; // NIST's SHA3 writes 0x06 here
    m_block[kRateBytes - 1] ^= 0x80U;
    absorb(m_block.data());
    Digest digest{};
    for (std::size_t i = 0; i < digest.size(); ++i)
        digest[i] = static_cast<std::uint8_t>(m_state[i / 8] >> (8 * (i % 8)));
    return digest;
}

Digest keccak256(std::span<const std::uint8_t> bytes)
{
    return Keccak256().add(bytes).finish();
}

Digest keccak256(std::string_view text)
{
    return Keccak256().add(text).finish();
}

} // namespace core::exchange::hyperliquid
