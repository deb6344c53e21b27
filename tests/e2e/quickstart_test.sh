#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# ./quickstart in a fresh copy of the tree, with a file of its own: it ends with figures, and the
# second run builds and imports nothing.
#
# Usage: quickstart_test.sh SOURCE-ROOT
set -eu
root=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/tree" "$folder/home"
(cd "$root" && git ls-files -z | xargs -0 cp --parents -t "$folder/tree")
unset SEXTANT_STORE SEXTANT_DATA XDG_DATA_HOME XDG_CACHE_HOME NINJA_STATUS
export HOME=$folder/home

printf '%s\n' '2|apnic|20240105|2|19990813|20240104|+1000' \
    'apnic|*|ipv6|*|2|summary' \
    'apnic|JP|ipv6|2001:db8::|33|19990813|allocated' \
    'apnic|NZ|ipv6|2001:db8:8000::|48|20030813|assigned' >"$folder/delegated-apnic-20240105"

fail() {
    echo "FAILED: $1"
    cat "$folder/output"
    exit 1
}

wants() {
    grep -q -- "$1" "$folder/output" || fail "\"$1\" is not said"
}

cd "$folder"
tree/quickstart --no-serve "$folder/delegated-apnic-20240105" >"$folder/output" 2>&1 || fail "first run"
wants 'pace of IPv6'
wants '^1999 '
wants 'Japan'
wants 'New Zealand'
wants 'What to type next'
[[ -e $folder/home/.local/share/sextant/archive.sextant ]] || fail "no archive"

begin=$SECONDS
built=$(stat -c %Y tree/build/src/cmd/sextant)
tree/quickstart --no-serve "$folder/delegated-apnic-20240105" >"$folder/output" 2>&1 || fail "second run"
wants 'Japan'
[[ $((SECONDS - begin)) -le 10 ]] || fail "the second run took $((SECONDS - begin)) s"
[[ $(stat -c %Y tree/build/src/cmd/sextant) -eq $built ]] || fail "built twice"
grep -q 'known already,1' tree/build/quickstart.log || fail "imported twice"

printf '<html>\n' >"$folder/page"
! tree/quickstart --no-serve "$folder/page" >"$folder/output" 2>&1 || fail "a page is no statistics file"
wants 'version line'
! tree/quickstart --no-serve "$folder/nowhere" >"$folder/output" 2>&1 || fail "a file that is not there"
wants 'there is no'
# The site, in a network of its own: its port is always the same.
site() {
    ip link set lo up
    tree/quickstart "$folder/delegated-apnic-20240105" >"$folder/output" 2>&1 || fail "with the site"
    wants 'http://127.0.0.1:8064/'
    process=$(sed -n 's/.*Stop it with: kill \([0-9]*\).*/\1/p' "$folder/output")
    [[ -n $process ]] || fail "no process is named"
    trap 'kill "$process" 2>/dev/null || true' EXIT
    exec 3<>/dev/tcp/127.0.0.1/8064
    printf 'GET /en/economy/JP HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
    grep -q 'Japan' <&3 || fail "the site has no page of Japan"
    exec 3<&-
    tree/quickstart "$folder/delegated-apnic-20240105" >"$folder/output" 2>&1 || fail "with the site, again"
    wants 'It is there already'
    kill "$process"
    for _ in {1..50}; do
        kill -0 "$process" 2>/dev/null || return 0
        sleep 0.1
    done
    fail "the site does not end"
}

if unshare --map-root-user --net true 2>/dev/null && command -v ip >/dev/null; then
    export folder
    export -f site fail wants
    unshare --map-root-user --net bash -euc site
else
    echo "quickstart: the site is not tried, for want of a network of its own"
fi
echo "quickstart: all well"
