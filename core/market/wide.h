#pragma once

namespace core
{

/// 128 bits, for sums and products that may pass the range of a Fixed8 on the way.
__extension__ using Wide = __int128;

} // namespace core
