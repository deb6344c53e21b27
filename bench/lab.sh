#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# How long laboratories take to come up and to go: a chain of routers with static routes, of 20, 200
# and 1,000 nodes, and what is wanted. Beside it the same namespaces and links made by unshare(1) and
# ip(8), without addresses and routes, where those are here. Then the laboratory nat64 from nothing
# until its solution has passed the checks.
#
#     bench/lab.sh PROGRAM [NODES...]
set -eu
program=$1
shift
[[ $# -gt 0 ]] || set -- 20 200 1000
work=$(mktemp -d)
export SEXTANT_RUN=$work/run
trap '"$program" lab down --all || true; rm -rf "$work"' EXIT

write_lab() { # nodes
    local n=$1 i
    mkdir -p "$work/chain-$n"
    {
        printf 'title: A chain of %d\nnodes:\n' "$n"
        for ((i = 1; i <= n; i++)); do
            printf '  - name: n%d\n    kind: router\n    interfaces:\n' "$i"
            [[ $i -eq 1 ]] || printf '      - {name: left, addresses: ["2001:db8:0:%x::2/64"]}\n' "$((i - 1))"
            [[ $i -eq $n ]] || printf '      - {name: right, addresses: ["2001:db8:0:%x::1/64"]}\n' "$i"
            [[ $i -eq $n ]] || printf '    routes: ["2001:db8:0:%x::/64 via 2001:db8:0:%x::2"]\n' "$((n - 1 > i ? n - 1 : n + 9))" "$i"
        done
        printf 'links:\n'
        for ((i = 1; i < n; i++)); do
            printf '  - {name: l%d, ends: ["n%d:right", "n%d:left"]}\n' "$i" "$i" "$((i + 1))"
        done
    } >"$work/chain-$n/lab.yaml"
}

milliseconds() { # command...
    local from to
    from=$(date +%s%N)
    "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; return 1; }
    to=$(date +%s%N)
    echo $(((to - from) / 1000000))
}

with_ip() { # nodes: what a script of ip(8) takes for namespaces and links alone
    local n=$1 i
    for ((i = 1; i <= n; i++)); do ip netns add "bench-$$-$i"; done
    for ((i = 1; i < n; i++)); do
        ip link add right netns "bench-$$-$i" type veth peer name left netns "bench-$$-$((i + 1))"
        ip -n "bench-$$-$i" link set right up
    done
    for ((i = 1; i <= n; i++)); do ip netns del "bench-$$-$i"; done
}

wanted() { # nodes
    case $1 in
    20) echo '< 200' ;;
    200) echo '< 3000' ;;
    1000) echo '< 20000' ;;
    *) echo - ;;
    esac
}

solved() { # laboratory: up, its reference solution, checked
    "$program" lab up "$1"
    "$program" lab solve
    "$program" lab check
}

row='%-7s %9s %9s %9s %9s %12s %6s\n'
printf "$row" nodes 'up (ms)' wanted 'down (ms)' wanted 'ip(8) (ms)' MB
for n in "$@"; do
    write_lab "$n"
    up=$(milliseconds "$program" lab up "$work/chain-$n")
    keeper=$(sed -n 's/^keeper //p' "$SEXTANT_RUN/chain-$n/state")
    memory=$(cat "/proc/$keeper/task/$keeper/children" 2>/dev/null | tr ' ' '\n' | grep . |
        while read -r pid; do sed -n 's/^Pss: *\([0-9]*\).*/\1/p' "/proc/$pid/smaps_rollup" 2>/dev/null || true; done |
        awk '{ sum += $1 } END { printf "%d", sum / 1024 }')
    down=$(milliseconds "$program" lab down)
    peer=-
    if [[ $n -le 200 ]] && command -v ip >/dev/null; then
        peer=$(milliseconds unshare -m sh -c 'true' >/dev/null 2>&1 && milliseconds with_ip "$n" || echo -)
    fi
    printf "$row" "$n" "$up" "$(wanted "$n")" "$down" '< 300' "$peer" "$memory"
done
up=$(milliseconds solved nat64)
down=$(milliseconds "$program" lab down)
printf "$row" nat64 "$up" '< 3000' "$down" '< 300' - -
