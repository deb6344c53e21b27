#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Twenty years of monthly routing tables in one archive: how long a month takes, how large it is, how
# fast it answers.
#
#     routes.sh SEXTANT BENCH_ROUTES [ipv6|ipv4]
#
# Never fails a build.
set -eu
sextant=$(realpath "$1")
make=$(realpath "$2")
family=${3:-ipv6}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/sextant-bench-XXXXXX")
trap 'rm -rf "$scratch"' EXIT

printf 'Twenty years of monthly tables, %s\n' "$family"
"$make" "$scratch/archive" "$family"

# Of the same archive, through the program: with the registries' files of one day beside.
"$here/day.sh" "$scratch/day" 20240105
"$sextant" import --quiet --store "$scratch/archive" "$scratch/day" >"$scratch/import.log"
"$sextant" doctor --quiet --store "$scratch/archive" >"$scratch/doctor.log" || cat "$scratch/doctor.log"
ask() { # a command line
    local TIMEFORMAT='%3R' i
    for i in 1 2 3 4 5; do
        { time "$sextant" "$@" --store "$scratch/archive" --format json >/dev/null 2>"$scratch/error"; } 2>&1
    done | sort -n | sed -n 3p
}
if "$sextant" help visibility >/dev/null 2>&1; then
    for by in world economy; do
        for day in 2025-12-01 2024-02-01; do
            printf '%-44s %s s (wanted: under 0.1)\n' "sextant visibility --by $by --known-on $day" \
                "$(ask visibility --by "$by" --known-on "$day" --family "$family" --collector bench)"
        done
    done
fi
printf '%-44s %s s\n' 'sextant snapshots' "$(ask snapshots)"
