#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the site's script, style sheet and map: build.sh ECONOMIES.csv FOLDER NPM|no auto|enabled
# The packages are those of package-lock.json; the source tree stays as it is. Without npm, or where it
# cannot get the packages and the option is auto, pages have their tables and the style sheet alone.
set -eu

source=$(cd "$(dirname "$0")" && pwd)
economies=$(realpath "$1")
mkdir -p "$2"
folder=$(cd "$2" && pwd)
npm=$3
wanted=$4
work=$folder/web.p

without() {
    echo "web: $1: pages will have no charts" >&2
    cp "$source/style.css" "$folder/style.css"
    : > "$folder/app.js"
    echo '{}' > "$folder/world.json"
    : > "$folder/world.paths"
    exit 0
}

[ "$npm" != no ] || without "npm was not found"
mkdir -p "$work"
cp -R "$source/package.json" "$source/package-lock.json" "$source/build.mjs" "$source/places.csv" \
    "$source/style.css" "$source/src" "$work"
cd "$work"
if ! "$npm" ci --no-audit --no-fund --loglevel=error; then
    [ "$wanted" = auto ] || exit 1
    without "npm could not get the packages"
fi
node build.mjs "$economies" "$folder"
