#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Packets and bytes a second through the translators and softwires, through tayga, and through plain
# forwarding, in the same row of three network namespaces: client, middle, server.
#
#     bench/translator.sh SEXTANT [SECONDS [ROUNDS [WAY...]]]
#
# With ways named (nat64, siit, tayga, ds-lite), only these are measured beside plain forwarding.
# The ways take turns in each round; medians and ratios are printed, and the processor time of the daemons
# for a packet of 64 bytes. Needs root, iproute2, iperf3,
# and tayga for the comparison.
set -eu
sextant=$(realpath "${1:?usage: translator.sh SEXTANT [SECONDS [ROUNDS [WAY...]]]}")
seconds=${2:-3} rounds=${3:-3}
ways=("${@:4}")
[[ ${#ways[@]} -gt 0 ]] || ways=(nat64 siit tayga ds-lite)
for way in "${ways[@]}"; do
    case $way in
    nat64 | siit | tayga | ds-lite) ;;
    *)
        echo "translator.sh: \"$way\" is not a way; ways are nat64, siit, tayga, ds-lite" >&2
        exit 2
        ;;
    esac
done
id=sextant-bench-$$
client=$id-client middle=$id-middle server=$id-server
work=$(mktemp -d)
started=()

finish() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    for name in "$client" "$middle" "$server"; do ip netns del "$name" 2>/dev/null || true; done
    rm -rf "$work"
}
trap finish EXIT

within() { ip netns exec "$@"; }

build() {
    for name in "$client" "$middle" "$server"; do
        ip netns add "$name"
        ip -n "$name" link set lo up
        within "$name" sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1
    done
    ip link add c0 netns "$client" type veth peer name c1 netns "$middle"
    ip link add s0 netns "$server" type veth peer name s1 netns "$middle"
    for end in "$client c0" "$middle c1" "$middle s1" "$server s0"; do
        # shellcheck disable=SC2086
        set -- $end
        ip -n "$1" link set "$2" up
    done
    ip -n "$client" addr add 2001:db8:1::2/64 dev c0 nodad
    ip -n "$middle" addr add 2001:db8:1::1/64 dev c1 nodad
    ip -n "$client" addr add 203.0.113.2/24 dev c0
    ip -n "$middle" addr add 203.0.113.1/24 dev c1
    ip -n "$middle" addr add 198.51.100.1/24 dev s1
    ip -n "$server" addr add 198.51.100.2/24 dev s0
    ip -n "$client" route add default via 2001:db8:1::1
    ip -n "$client" route add default via 203.0.113.1
    ip -n "$server" route add default via 198.51.100.1
}

begin() { # namespace, words: a daemon, until it says that it is ready
    local name=$1 log
    log=$(mktemp -p "$work")
    shift
    ip netns exec "$name" "$sextant" run "$@" >"$log" 2>&1 &
    started+=($!)
    for _ in $(seq 100); do
        grep -q ready "$log" && return
        sleep 0.05
    done
    cat "$log" >&2
    return 1
}

end() {
    for pid in "${started[@]:1}"; do
        kill "$pid"
        wait "$pid" 2>/dev/null || true
    done
    started=("${started[0]}")
    ip -n "$middle" link del tayga 2>/dev/null || true
}

begin_tayga() {
    printf '%s\n' 'tun-device tayga' 'ipv4-addr 192.0.2.254' 'ipv6-addr 2001:db8:1:1::1' \
        'prefix 2001:db8:64::/96' 'dynamic-pool 192.0.2.0/24' "data-dir $work" >"$work/tayga.conf"
    within "$middle" tayga --mktun -c "$work/tayga.conf" >/dev/null
    ip -n "$middle" link set tayga up
    ip -n "$middle" route add 192.0.2.0/24 dev tayga
    ip -n "$middle" route add 2001:db8:64::/96 dev tayga
    ip netns exec "$middle" tayga -d -c "$work/tayga.conf" >/dev/null 2>&1 &
    started+=($!)
    sleep 0.5
}

ticks() { # of the daemons so far, in hundredths of a second
    local sum=0 pid
    for pid in "${started[@]:1}"; do
        sum=$((sum + $(awk '{ print $14 + $15 }' "/proc/$pid/stat")))
    done
    echo "$sum"
}

measure() { # way, address: packets of 64 bytes a second that arrived, and Mbit/s of TCP
    local udp tcp before used
    before=$(ticks)
    udp=$(within "$client" iperf3 -J -c "$2" -u -b 0 -l 64 -t "$seconds" |
        jq -r '.end.sum | (.packets - .lost_packets) / .seconds | floor')
    used=$(($(ticks) - before))
    tcp=$(within "$client" iperf3 -J -c "$2" -t "$seconds" |
        jq -r '.end.sum_received.bits_per_second / 1e6 | floor')
    echo "$1 $udp $tcp $((used * 10000 / (udp * seconds + 1)))" >>"$work/results"
    end
}

begin_way() {
    case $1 in
    nat64) begin "$middle" nat64 --prefix 2001:db8:64::/96 --pool 192.0.2.1 ;;
    siit)
        begin "$middle" siit --prefix 2001:db8:64::/96 --map 192.0.2.8=2001:db8:1::2 --route 2001:db8:64::/96,192.0.2.8
        ip -n "$middle" route del 2001:db8:1::2 dev siit
        ;;
    tayga) begin_tayga ;;
    ds-lite)
        begin "$middle" aftr --own6 2001:db8:ffff::1 --pool 192.0.2.1
        begin "$client" b4 --own6 2001:db8:1::b4 --aftr 2001:db8:ffff::1 --route 198.51.100.0/24 \
            --address 192.0.0.2/29 --uplink c0
        ;;
    esac
}

round() {
    local way to
    measure forwarding 198.51.100.2
    for way in "${ways[@]}"; do
        [[ $way != tayga ]] || command -v tayga >/dev/null || continue
        to=2001:db8:64::c633:6402
        [[ $way != ds-lite ]] || to=198.51.100.2
        begin_way "$way"
        measure "$way" "$to"
    done
}

build
ip netns exec "$server" iperf3 -s >/dev/null 2>&1 &
started=($!)
sleep 0.5
for _ in $(seq "$rounds"); do round; done
sort "$work/results" | awk '
    function middle(list, count,   a, i, j, t) {
        for (i = 1; i <= count; i++) a[i] = list[i]
        for (i = 1; i <= count; i++) for (j = i + 1; j <= count; j++)
            if (a[j] < a[i]) { t = a[i]; a[i] = a[j]; a[j] = t }
        return a[int((count + 1) / 2)]
    }
    { n[$1]++; u[$1, n[$1]] = $2; t[$1, n[$1]] = $3; c[$1, n[$1]] = $4 }
    END {
        for (way in n) {
            for (i = 1; i <= n[way]; i++) { x[i] = u[way, i]; y[i] = t[way, i]; z[i] = c[way, i] }
            packets[way] = middle(x, n[way]); bytes[way] = middle(y, n[way]); cost[way] = middle(z, n[way])
        }
        printf "%-12s %14s %10s %12s %10s %10s %10s %12s\n", "way", "UDP packets/s", "x tayga", "x forwarding",
            "TCP Mbit/s", "x tayga", "x forw.", "CPU us/pkt"
        split("forwarding nat64 siit ds-lite tayga", order)
        for (i = 1; i in order; i++) {
            way = order[i]
            if (way in n)
                printf "%-12s %14d %10.2f %12.2f %10d %10.2f %10.2f %12d\n", way, packets[way],
                    packets["tayga"] ? packets[way] / packets["tayga"] : 0, packets[way] / packets["forwarding"],
                    bytes[way], bytes["tayga"] ? bytes[way] / bytes["tayga"] : 0, bytes[way] / bytes["forwarding"], cost[way]
        }
    }'
