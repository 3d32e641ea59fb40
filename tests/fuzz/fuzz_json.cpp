#include <string>

#include <simdjson.h>

#include "core/exchange/wire/general_reader.h"
#include "tests/fuzz/check.h"

// The readers of both venues refuse and accept the same JSON as simdjson's own full parser.

namespace
{
using core::exchange::wire::GeneralReader;

bool readsAll(GeneralReader &reader, std::string_view bytes)
{
    GeneralReader::Kind kind{};
    if (!reader.load(bytes, "json") || !reader.rootKind(kind))
        return false;
    if (kind == GeneralReader::Kind::Object)
        return reader.rootMembers([&](std::string_view) { return reader.ignored(); }) && reader.finish();
    return reader.rootElements([&] { return reader.ignored(); }) && reader.finish();
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static simdjson::dom::parser reference;
    static GeneralReader reader;
    const std::string_view bytes = fuzz::text(data, size);
    const simdjson::padded_string padded(bytes);
    simdjson::dom::element root;
    const auto error = reference.parse(padded).get(root);
    // A scalar alone is no frame and no answer.
    if (!error && !root.is_object() && !root.is_array())
        return 0;
    const bool ours = readsAll(reader, bytes);
    fuzz::require(ours || !reader.error().detail.empty());
    // Ours keeps the digits of a number that fits no double, and goes no deeper than a frame ever does.
    const bool number = error == simdjson::NUMBER_ERROR;
    const bool deep = !ours && reader.error().detail.ends_with("nested deeper than 32");
    fuzz::require(ours == !error || (ours && number) || deep);
    return 0;
}
