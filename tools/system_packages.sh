#!/bin/sh
# Installs the system packages that the app (`run`), its tests (`test`) or the benchmarks (`bench`) need, where it may;
# says plainly what is left for the person where it may not. Never fails: the app works without some of them, and says
# so itself.
set -u

run_packages="ffmpeg libegl1 libgl1 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libxcb-cursor0 libxcb-icccm4
libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0"
test_packages="curl libcurl4 liblzma5 xvfb openbox pcmanfm xdotool x11-utils binutils haproxy chromium prometheus strace
libfaketime fonts-dejavu-core"
# From wherever it is: a newer one than the system's own is as good.
command -v npm >/dev/null 2>&1 || test_packages="$test_packages nodejs npm"
bench_packages="gcc libc6-dev libssl-dev"

case "$1" in
run) wanted=$run_packages ;;
test) wanted=$test_packages ;;
bench) wanted=$bench_packages ;;
*) echo "usage: $0 run|test|bench" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null 2>&1; then
    command -v ffprobe >/dev/null 2>&1 || echo "ffmpeg is not installed: playing times will stay unknown." >&2
    exit 0
fi

# A Python of Debian's own comes without the module that makes virtual environments.
"${PYTHON:-python3}" -c 'import ensurepip, venv' >/dev/null 2>&1 || wanted="python3-venv $wanted"

missing=""
for package in $wanted; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "These system packages are missing:$missing" >&2
    echo "Install them with: sudo apt-get install$missing" >&2
    exit 0
fi

echo "Installing system packages:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq >/dev/null || echo "The package lists could not be refreshed." >&2
# shellcheck disable=SC2086
if ! $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null; then
    echo "These system packages could not be installed:$missing" >&2
fi
exit 0
