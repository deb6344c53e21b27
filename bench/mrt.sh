#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Routing tables in MRT: how fast, how small, against what. The tables are made up by rib.c, the same
# each time. Programs take turns in one run; every figure is a median, so that ratios hold on a noisy
# machine.
#
#     mrt.sh SEXTANT RIB WALK [full]
#
# With "full" the large table too: a million IPv4 prefixes beside 200,000 of IPv6, 1.7 GB.
# Each program gets its input from the page cache and writes to /dev/null.
#
# Needs igzip, libdeflate-gunzip, gzip, lbzip2, bgpdump, GNU time; leaves out what is not here.
# Never fails a build.
set -eu
sextant=$(realpath "$1") rib=$(realpath "$2") walk=$(realpath "$3") full=${4:-}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/sextant-bench-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
runs=${BENCH_RUNS:-5}

measure() { # processor time, wall time, kilobytes of one run
    local TIMEFORMAT='%3U %3S %3R'
    { time /usr/bin/time -o "$scratch/memory" -f '%M' "$@" >/dev/null 2>"$scratch/error"; } 2>"$scratch/clock"
    paste -d ' ' "$scratch/clock" "$scratch/memory"
}

column() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
cpu() { awk '{print $1 + $2}' "$scratch/time-$1" | column; }
wall() { awk '{print $3}' "$scratch/time-$1" | column; }
memory() { awk '{print $4}' "$scratch/time-$1" | column; }
has() { command -v "${!1%% *}" >/dev/null; }

walk_over="$walk"
prefixes="$sextant mrt prefixes --quiet --format csv"
routes="$sextant mrt routes --quiet --format bgpdump"
igzip="igzip -dc"
libdeflate="libdeflate-gunzip -c"
gzip="gzip -dc"
lbzip2="lbzip2 -n 2 -dc"
bgpdump="bgpdump -m"

# One table: the first program is what the others are held against.
compare() { # heading, file, variables with the programs...
    local heading=$1 file=$2 name base=
    shift 2
    for name; do : >"$scratch/time-$name"; done
    for ((i = 0; i <= runs; i++)); do
        for name; do
            has "$name" || continue
            # shellcheck disable=SC2086 # a command line
            line=$(measure ${!name} "$file")
            [[ $i -eq 0 && $runs -gt 1 ]] || echo "$line" >>"$scratch/time-$name"
        done
    done
    printf '\n%s, %d MB\n%-42s %8s %8s %6s  %s\n' "$heading" "$(($(stat -c %s "$file") / 1000000))" '' 'cpu s' \
        'wall s' 'MB' 'cpu, wall: times the first'
    for name; do
        has "$name" || { echo "$name: not here"; continue; }
        base=${base:-$name}
        printf '%-42s %8s %8s %6d  %s\n' "$(basename "${!name}")" "$(cpu "$name")" "$(wall "$name")" \
            "$(($(memory "$name") / 1000))" "$(awk -v a="$(cpu "$name")" -v b="$(cpu "$base")" \
                -v c="$(wall "$name")" -v d="$(wall "$base")" 'BEGIN {printf "%.2f %.2f", a / b, c / d}')"
    done
}

all() { # name, IPv6 prefixes, IPv4 prefixes
    local file=$scratch/$1.mrt
    "$rib" 42 "$2" "$3" 20 >"$file"
    compare "$1: plain" "$file" walk_over prefixes routes
    command -v igzip >/dev/null && gzip -k -6 "$file" && compare "$1: gzip" "$file.gz" igzip prefixes libdeflate gzip
    rm -f "$file.gz"
    command -v lbzip2 >/dev/null && lbzip2 -k -n 2 "$file" && compare "$1: bzip2" "$file.bz2" lbzip2 prefixes
    rm -f "$file" "$file.bz2"
}

all ipv6 200000 0
[[ $full != full ]] || all full 200000 1000000

"$rib" 42 6000 6000 20 >"$scratch/part.mrt"
runs=1
compare 'as lines (bgpdump once, it is slow)' "$scratch/part.mrt" prefixes routes bgpdump
