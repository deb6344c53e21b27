#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Usage: alone.sh PATH-OF-ALONE: the reader in a program of its own, plain and packed, good and cut.
set -eu
alone=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
n=0
failed=0

expect() { # STATUS WANTED-OUTPUT FILE...
    wanted_status=$1 wanted=$2
    shift 2
    n=$((n + 1)) status=0
    out=$("$alone" "$@" 2>&1) || status=$?
    if [ "$status" = "$wanted_status" ] && [ "$out" = "$wanted" ]; then
        echo "ok $n - $*"
    else
        echo "not ok $n - $*: $status, $out"
        failed=1
    fi
}

cat >good <<END
2|apnic|20240105|4||20240104|+1000
apnic|AU|asn|64496|1|20020801|allocated
apnic|AU|ipv4|192.0.2.0|256|20110811|assigned
apnic|JP|ipv6|2001:db8::|32|19990813|allocated
apnic|JP|ipv6|3fff::|20|20240101|allocated
END
head -n 4 good >cut
gzip -c good >good.gz
echo 1..5
expect 0 '2 ipv6, 1 ipv4, 1 asn' good
expect 0 '2 ipv6, 1 ipv4, 1 asn' good.gz
expect 3 'cut:4: the file is cut: 3 records, the version line says 4' cut
expect 4 'missing: No such file or directory' missing
expect 0 '2 ipv6, 1 ipv4, 1 asn
2 ipv6, 1 ipv4, 1 asn' good good.gz
exit $failed
