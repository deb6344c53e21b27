#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs every fuzz target with clang's libFuzzer under ASan and UBSan: `meson compile -C build fuzz`,
# or fuzz/run.sh SOURCE BUILD [SECONDS [TARGET...]]. What is found is kept in BUILD/fuzzing.
set -eu
source=$1 build=$2 seconds=${3:-60}
shift $(($# < 3 ? $# : 3))
folder=$build/fuzzing
if [[ ! -e $folder/build.ninja ]]; then
    CC=clang meson setup "$folder" "$source" -Dfuzz=true -Dtests=false -Dbuildtype=debugoptimized \
        -Db_sanitize=address,undefined -Db_lundef=false
fi
ninja -C "$folder"
targets=("$@")
[[ $# -gt 0 ]] || mapfile -t targets < <(cd "$source/fuzz/corpus" && ls)
failed=0
for target in "${targets[@]}"; do
    echo "== $target, $seconds s"
    mkdir -p "$folder/corpus/$target"
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
        "$folder/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
        -max_len=8192 -print_final_stats=1 -artifact_prefix="$folder/$target-" \
        "$folder/corpus/$target" "$source/fuzz/corpus/$target" \
        >"$folder/$target.log" 2>&1 || { failed=1; echo "FAILED: $target"; tail -40 "$folder/$target.log"; }
    grep -E "stat::number_of_executed_units|stat::new_units_added" "$folder/$target.log" || true
done
exit $failed
