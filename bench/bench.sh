#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# How fast, how small, against what. Every figure is the median of several whole runs of a program, and
# each ratio is of two programs that took turns in the same run, so that it holds on a noisy machine.
#
#     bench.sh SEXTANT [FOLDER-OF-DAILY-FILES]
#
# Reading     a day of the five registries' files, added up by economy, family, status and year:
#             against wc -l (the physical limit of looking at each byte), mawk and DuckDB (npm).
# The day     the next day's files into an archive that holds the day before.
# The series  a folder of daily files, such as tools that rebuild 2005..2020 write: against gzip -dc.
# Questions   pace and geography, known on several days of that archive.
#
# Needs mawk, gzip, GNU time; DuckDB where npm gives it. Never fails a build.
set -eu
sextant=$(realpath "$1")
series=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/sextant-bench-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
runs=${BENCH_RUNS:-7}

# Seconds of processor time and of the clock, and kilobytes, of one run.
measure() {
    local TIMEFORMAT='%3U %3S %3R'
    { time /usr/bin/time -o "$scratch/memory" -f '%M' "$@" >/dev/null 2>"$scratch/error"; } \
        2>"$scratch/clock"
    paste -d ' ' "$scratch/clock" "$scratch/memory" >"$scratch/time"
}

column() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

# Runs the named commands in turns; leaves their figures in $scratch/NAME.
turns() { # how often, names of functions...
    local times=$1 name
    shift
    for name; do : >"$scratch/$name"; "$name"; done # one run each to warm up
    for ((i = 0; i < times; i++)); do
        for name; do "$name" && cat "$scratch/time" >>"$scratch/$name"; done
    done
}

cpu() { awk '{print $1 + $2}' "$scratch/$1" | column; }
wall() { awk '{print $3}' "$scratch/$1" | column; }
memory() { awk '{print $4}' "$scratch/$1" | column; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", (b > 0) ? a / b : 0}'; }
row() { printf '%-38s %9s %9s %9s   %s\n' "$@"; }

heading() {
    printf '\n%s\n' "$1"
    row '' 'cpu s' 'wall s' 'MB' "$2"
}

"$here/day.sh" "$scratch/first" 20240105
"$here/day.sh" "$scratch/second" 20240106 1
cat "$scratch"/first/* >"$scratch/day.txt"
bytes=$(stat -c %s "$scratch/day.txt")

# ---- reading

sum_sextant() { measure "$sextant" tally --quiet --format csv "$scratch/first"; }
sum_ten() { measure "$sextant" tally --quiet --format csv "$scratch"/first{,,,,,,,,,}; }
sum_wc() { measure wc -l "$scratch/day.txt"; }
sum_mawk() {
    measure mawk -F'|' 'NF >= 7 && $2 != "*" {
        k = $2 "|" $3 "|" $7 "|" substr($6, 1, 4)
        n[k]++
        a[k] += $3 == "ipv6" ? 2 ^ (64 - $5) : $5
    } END {for (k in n) print k, n[k], a[k]}' "$scratch/day.txt"
}
sum_duckdb() {
    (cd "$scratch/npm" && measure node --input-type=module -e "
        import { DuckDBInstance } from '@duckdb/node-api'
        const db = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect()
        const rows = await db.runAndReadAll(\`SELECT c[2], c[3], c[7], left(c[6], 4), count(*),
            sum(CASE c[3] WHEN 'ipv6' THEN pow(2, 64 - c[5]::INT) ELSE c[5]::DOUBLE END)
          FROM (SELECT string_split(column0, '|') c FROM read_csv('$scratch/day.txt', header=false,
            delim='\\\\x01', quote='', escape='', columns={'column0':'VARCHAR'}, auto_detect=false))
          WHERE len(c) >= 7 AND c[2] <> '*' GROUP BY ALL\`)
        console.log(rows.getRows().length)")
}

has_duckdb() {
    command -v node >/dev/null && command -v npm >/dev/null || return 1
    mkdir -p "$scratch/npm"
    (cd "$scratch/npm" && npm init -y && npm install --no-audit --no-fund @duckdb/node-api) \
        >"$scratch/npm.log" 2>&1
}

programs="sum_sextant sum_wc sum_mawk sum_ten"
has_duckdb && programs+=" sum_duckdb" || echo "DuckDB cannot be had here: left out"
# shellcheck disable=SC2086 # a list of words
turns "$runs" $programs
heading "Reading a day of five files, $((bytes / 1000000)) MB of text, and adding it up" 'times sextant'
for name in $programs; do
    case $name in
        sum_ten) continue ;;
        sum_sextant) label='sextant tally' ;;
        sum_wc) label='wc -l (the limit)' ;;
        sum_mawk) label=mawk ;;
        sum_duckdb) label='DuckDB, two threads' ;;
    esac
    row "$label" "$(cpu $name)" "$(wall $name)" "$(($(memory $name) / 1000))" \
        "$(ratio "$(cpu $name)" "$(cpu sum_sextant)")"
done
awk -v bytes="$bytes" -v one="$(cpu sum_sextant)" -v ten="$(cpu sum_ten)" 'BEGIN {
    printf "sextant: %.2f GB/s a core with the start of the program, %.2f without\n",
        bytes / one / 1e9, 9 * bytes / (ten - one) / 1e9}'

# ---- the day

"$sextant" import --quiet --store "$scratch/yesterday" "$scratch/first" >/dev/null
import_next() {
    cp "$scratch/yesterday" "$scratch/today"
    rm -f "$scratch"/today-*
    measure "$sextant" import --quiet --store "$scratch/today" "$scratch/second"
}
turns "$runs" import_next
heading 'The next day into an archive that holds the day before' 'wanted: under 0.5 s, 200 MB'
row 'sextant import' "$(cpu import_next)" "$(wall import_next)" "$(($(memory import_next) / 1000))" ''

# ---- the series

[ -n "$series" ] || { echo; echo "No folder of daily files given: the series is left out."; exit 0; }
unpack_all() { measure sh -c "find '$series' -type f -name '*.gz' -print0 | xargs -0 -n 500 gzip -dc"; }
import_all() {
    rm -f "$scratch"/archive*
    measure "$sextant" import --quiet --store "$scratch/archive" "$series"
}
: >"$scratch/unpack_all"
: >"$scratch/import_all"
for ((i = 0; i < ${BENCH_SERIES_RUNS:-1}; i++)); do
    unpack_all && cat "$scratch/time" >>"$scratch/unpack_all"
    import_all && cat "$scratch/time" >>"$scratch/import_all"
done
heading "The series: $(find "$series" -type f | wc -l) files" 'times gzip -dc (wall; wanted: at most 2)'
row 'gzip -dc' "$(cpu unpack_all)" "$(wall unpack_all)" "$(($(memory unpack_all) / 1000))" ''
row 'sextant import' "$(cpu import_all)" "$(wall import_all)" "$(($(memory import_all) / 1000))" \
    "$(ratio "$(wall import_all)" "$(wall unpack_all)")"
printf 'archive: %s MB\n' "$(($(stat -c %s "$scratch/archive") / 1000000))"

# ---- questions

heading 'Questions to that archive' 'wanted: under 0.05 s'
for day in 2008-03-01 2014-06-15 2020-12-31; do
    for question in 'pace' 'pace --every month' 'pace --by economy' 'pace --basis observed' \
        'geography' 'geography --by group'; do
        ask() {
            # shellcheck disable=SC2086 # a command line
            measure "$sextant" $question --quiet --known-on "$day" --store "$scratch/archive"
        }
        turns "$runs" ask
        row "$question --known-on $day" "$(cpu ask)" "$(wall ask)" "$(($(memory ask) / 1000))" ''
    done
done
