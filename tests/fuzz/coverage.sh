#!/usr/bin/env bash
# Line coverage of each codec by its own tests: cmake --preset coverage && cmake --build --preset coverage, then this.
# One line per file, lines that nothing reached below it; status 1 when a file is below the bound. A line that several
# units compile (a template) counts as reached when one of them reached it. Lines that hold nothing but the clearing up after
# an exception (gcov: "=====", closing braces) are no lines of ours and are left out.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
build=build/coverage
bound="${ETRMS_COVERAGE_MIN:-95}"
find "$build" -name '*.gcda' -delete
for test in tst_codec tst_user_codec tst_codec_history tst_book_sync tst_order_parameters tst_rest_codec tst_api_error \
    tst_hl_market tst_hl_user tst_hl_info tst_hl_reply tst_hl_instruments tst_rest_mutations \
    tst_binance_samples tst_hyperliquid_recordings; do
    QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8 TZ=UTC "$build/tests/$test" >/dev/null || {
        echo "$test failed" >&2
        exit 1
    }
done
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
root="$PWD"
find "$root/$build/core/exchange" -name '*.gcda' | while read -r counts; do
    unit="$work/$(basename "$counts" .gcda).$RANDOM"
    mkdir "$unit"
    (cd "$unit" && gcov --preserve-paths --relative-only --source-prefix "$root" "$counts" >/dev/null 2>&1)
done
find "$work" -name '*.gcov' -exec cat {} + | awk -v bound="$bound" '
    BEGIN { FS = ":" }
    $2 + 0 == 0 && $3 == "Source" { file = $4; next }
    file !~ /core\/exchange\/(binance\/.*(codec|decoder|schema|scanner|market_events|snapshot|api_error)|wire\/|hyperliquid\/(.*codec|scanner|market_events))/ { next }
    { count = $1; gsub(/[ *]/, "", count); line = $2 + 0 }
    line == 0 || count == "-" || count ~ /^-+$/ || count == "" { next }
    count ~ /^[0-9]/ { reached[file, line] = 1 }
    count ~ /^([0-9]|#)/ { lines[file, line] = 1 }
    END {
        for (key in lines) {
            split(key, part, SUBSEP)
            total[part[1]]++
            last[part[1]] = part[2] > last[part[1]] ? part[2] + 0 : last[part[1]]
            done[part[1]] += key in reached
        }
        for (name in total)
            for (line = 1; line <= last[name]; ++line)
                if ((name, line) in lines && !((name, line) in reached)) left[name] = left[name] " " line
        for (name in total) {
            share = 100 * done[name] / total[name]
            printf "%6.1f %% %4d of %4d  %s\n", share, done[name], total[name], name
            if (left[name] != "") printf "          not reached:%s\n", left[name]
            bad += share < bound
        }
        exit bad > 0
    }'
