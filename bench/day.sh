#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes a day of the five registries' extended files, of the size and shape of the real ones: some
# 630,000 lines, 33 MB of text. A second day differs in one line of a hundred.
#
#     day.sh FOLDER YYYYMMDD [CHANGED-PERCENT]
set -eu
folder=$1 day=$2 changed=${3:-0}
mkdir -p "$folder"

registry() { # name, IPv6 base, IPv4 base, IPv4 records, IPv6 records, AS records
    awk -v registry="$1" -v six="$2" -v four="$3" -v n4="$4" -v n6="$5" -v na="$6" \
        -v day="$day" -v changed="$changed" '
    function holder(i) { return sprintf("%08x-%04x-4%03x", (i * 2654435761) % 4294967296, i % 65536, i % 4096) }
    function when(i) { return sprintf("%04d%02d%02d", 1995 + i % 30, 1 + i % 12, 1 + i % 28) }
    function status(i) { return i % 3 ? "allocated" : "assigned" }
    function line(type, start, value, i,    h) {
        h = changed && i % 100 < changed ? i + 7 : i
        if (i % 9 == 8)
            print registry "||" type "|" start "|" value "||" (i % 2 ? "available" : "reserved") "|"
        else
            print registry "|" cc[i * 7919 % 240] "|" type "|" start "|" value "|" when(i) "|" status(i) "|" holder(int(h / 3))
    }
    BEGIN {
        for (i = 0; i < 240; i++)
            cc[i] = sprintf("%c%c", 65 + i % 26, 65 + int(i / 10) % 26)
        printf "2.3|%s|%s|%d|19830101|%s|+0000\n", registry, day, n4 + n6 + na, day
        print registry "|*|ipv4|*|" n4 "|summary"
        print registry "|*|ipv6|*|" n6 "|summary"
        print registry "|*|asn|*|" na "|summary"
        for (i = 0; i < n4; i++)
            line("ipv4", (four + int(i / 16384)) "." int(i / 64) % 256 "." (i % 64) * 4 ".0", 1024, i)
        for (i = 0; i < n6; i++)
            line("ipv6", sprintf("%s%02x:%x::", six, int(i / 65536), i % 65536), 32, i)
        for (i = 0; i < na; i++)
            line("asn", 100000 * (1 + length(registry)) + i, 1, i)
    }' >"$folder/delegated-$1-extended-$day"
}

registry afrinic 2c 41 6000 9000 4000
registry apnic 24 101 70000 60000 25000
registry arin 26 63 80000 75000 32000
registry lacnic 28 177 25000 50000 15000
registry ripencc 2a 77 90000 65000 25000
