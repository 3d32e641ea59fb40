# The pure part of the venue: bytes ⇄ values, asset ids, margin. No Qt, no I/O, no threads.
etrms_room(hyperliquid_codec
    SOURCES codec.cpp codec_general.cpp codec_reader.cpp codec_rows.cpp scanner.cpp market_events.cpp
        user_codec.cpp user_codec_account.cpp user_codec_ledger.cpp user_codec_rows.cpp
        rest_codec.cpp rest_codec_account.cpp rest_codec_refusals.cpp rest_codec_reply.cpp
        instruments.cpp margin.cpp margin_account.cpp
    LINK etrms_wire etrms_risk fmt::fmt simdjson::simdjson)
