#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The site in a browser: run.sh SEXTANT DATA FOLDER. With SEXTANT_SCREENSHOTS=1 pictures of the pages are left
# in FOLDER. Skipped (77) without npm, Chromium, the packages of package-lock.json, or the charts.
# Its headless shell, where it is there, takes half of the whole browser's time.
set -eu

skip() {
    echo "skipped: $1"
    exit 77
}

source=$(cd "$(dirname "$0")" && pwd)
folder=$3
browser=$(command -v chromium-headless-shell || command -v chromium || command -v chromium-browser) || skip "no Chromium"
command -v npm >/dev/null || skip "no npm"
[ -s "$2/static/app.js" ] || skip "built without charts"
mkdir -p "$folder"
cp "$source"/package.json "$source"/package-lock.json "$source"/*.mjs "$folder"
(cd "$folder" && npm ci --no-audit --no-fund --loglevel=error) || skip "npm could not get the packages"
exec node "$folder/site_test.mjs" "$1" "$2" "$browser" "$folder"
