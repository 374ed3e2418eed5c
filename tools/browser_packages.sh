#!/bin/sh
# Fetches the packages that browser tests put into a page, as pinned in tests/browser, and makes one file of them in the
# folder that is named. Never fails: without it those tests fail, and everything else works.
set -u

folder=$1
from="$(dirname "$0")/../tests/browser"

if ! command -v npm >/dev/null 2>&1; then
    echo "npm is not installed: the tests that upload from a browser will fail." >&2
    exit 0
fi
mkdir -p "$folder"
cp "$from/package.json" "$from/package-lock.json" "$from/uppy.js" "$folder/"
cd "$folder" || exit 0
if npm ci --ignore-scripts --no-audit --no-fund --silent && node_modules/.bin/esbuild uppy.js --bundle --format=iife \
    --global-name=packages --log-level=warning --outfile=uppy.bundle.js; then
    exit 0
fi
echo "The packages for browser tests could not be fetched: the tests that upload from a browser will fail." >&2
exit 0
