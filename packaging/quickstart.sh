#!/usr/bin/env bash
# From a clone to a running ETRMS on Debian 12. The only place that installs packages.
set -euo pipefail

# Everything the build and the tests need beyond a minimal Debian 12. Qt's packages bring the display plugins
# (offscreen, xcb), OpenGL headers and the test library with them.
readonly packages=(
    ca-certificates ccache cmake g++ mold ninja-build # tools; TLS roots
    qt6-base-dev qt6-websockets-dev qt6-svg-dev libqt6sql6-sqlite
    libexpected-dev libfmt-dev libspdlog-dev libsimdjson-dev
    libsecp256k1-dev qtkeychain-qt6-dev # signatures of Hyperliquid; the system's key store
    libssl-dev libsqlite3-dev zlib1g-dev libzstd-dev
    librapidcheck-dev # tests
    fonts-dejavu-core                  # text in the window and in screenshots
)

usage() {
    cat <<'USAGE'
Usage: packaging/quickstart.sh demo [--headless] [options of etrms]
       packaging/quickstart.sh test
       packaging/quickstart.sh --help

demo             installs what is missing, builds (Release) and starts the desktop on the demo market
demo --headless  runs the demo for a minute without a display; writes ./demo-out/; exits 0 only if the breaker
                 fired and the venue reports the position flat
test             installs what is missing, builds everything and runs all tests

ETRMS_SKIP_INSTALL=1 skips the check of the system and the installation (other systems, packages already there).
Exit status: 0 done, 1 failed, 2 wrong usage or unsupported system; for test, that of ctest.
USAGE
}

say() { printf 'quickstart: %s\n' "$*" >&2; }

fail() {
    local status=$1
    shift
    say "$*"
    exit "$status"
}

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
readonly root

# ETRMS_OS_RELEASE lets the test of this script name another file.
require_debian_12() {
    local file=${ETRMS_OS_RELEASE:-/etc/os-release} id='' version='' pretty=''
    if [[ -r $file ]]; then
        # shellcheck disable=SC1090
        id=$(. "$file" && printf '%s' "${ID:-}")
        # shellcheck disable=SC1090
        version=$(. "$file" && printf '%s' "${VERSION_ID:-}")
        # shellcheck disable=SC1090
        pretty=$(. "$file" && printf '%s' "${PRETTY_NAME:-}")
    fi
    if [[ $id != debian || $version != 12 ]]; then
        fail 2 "this script installs packages on Debian 12 only, and this is ${pretty:-an unknown system}." \
            "Install what corresponds to these Debian packages and run again with ETRMS_SKIP_INSTALL=1: ${packages[*]}"
    fi
}

missing_packages() {
    local package
    for package in "${packages[@]}"; do
        # ${…} belongs to dpkg-query.
        # shellcheck disable=SC2016
        if ! grep -qx installed <<<"$(dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null)"; then
            printf '%s\n' "$package"
        fi
    done
}

install_missing() {
    local missing=() as_root=() log
    mapfile -t missing < <(missing_packages)
    if ((${#missing[@]} == 0)); then
        return
    fi
    if [[ $(id -u) != 0 ]]; then
        command -v sudo >/dev/null || fail 1 "packages are missing, and this is neither root nor is there sudo." \
            "Run as root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
        as_root=(sudo)
    fi
    if ((${#missing[@]} == 1)); then
        say "Installing 1 package (${missing[*]}) …"
    else
        say "Installing ${#missing[@]} packages (${missing[*]}) …"
    fi
    log=$(mktemp)
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq)
    if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail 1 "apt-get failed (its last lines are above). Is the network up, and are Debian's sources configured?"
    fi
    rm -f "$log"
}

# build [target …]; without targets everything, tests included.
build() {
    local jobs targets=()
    jobs=$(nproc)
    (($# == 0)) || targets=(--target "$@")
    cd -- "$root"
    if [[ -f build/release/CMakeCache.txt ]]; then
        say "Building …"
    else
        say "Building (about $((10 / (jobs < 10 ? jobs : 10) + 1)) minutes the first time) …"
    fi
    cmake --preset release >&2 || fail 1 "the build could not be configured (see above; build/release can be deleted to start afresh)."
    cmake --build --preset release -j "$jobs" "${targets[@]}" >&2 || fail 1 "the build failed (the first error is above)."
}

prepare() {
    if [[ ${ETRMS_SKIP_INSTALL:-} != 1 ]]; then
        require_debian_12
        install_missing
    fi
    (build "$@")
}

demo() {
    local headless='' passed=() argument
    for argument in "$@"; do
        if [[ $argument == --headless ]]; then
            headless=1
        else
            passed+=("$argument")
        fi
    done
    if [[ $headless ]]; then
        prepare etrms etrms_cli
        export QT_QPA_PLATFORM=offscreen
        exec "$root/build/release/bin/etrms" --demo --headless --out "$PWD/demo-out" --after 60 "${passed[@]}"
    fi
    if [[ ! ${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-} ]]; then
        fail 1 "there is no display (DISPLAY and WAYLAND_DISPLAY are unset). Start it from a desktop session," \
            "or run: packaging/quickstart.sh demo --headless"
    fi
    prepare etrms etrms_cli
    exec "$root/build/release/bin/etrms" --demo "${passed[@]}"
}

run_tests() {
    (($# == 0)) || fail 2 "test takes no options, but got: $* (see --help)"
    prepare
    cd -- "$root"
    exec ctest --preset release -j2 --output-on-failure
}

case ${1:-} in
demo)
    shift
    demo "$@"
    ;;
test)
    shift
    run_tests "$@"
    ;;
-h | --help)
    usage
    ;;
'')
    usage >&2
    exit 2
    ;;
*)
    fail 2 "unknown command: $1 (demo, test or --help)"
    ;;
esac
