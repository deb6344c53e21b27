#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Packets and bytes a second through the translators and softwires, through tayga, and through plain
# forwarding, in the same row of three network namespaces: client, middle, server. What is measured is
# the box in the middle, alone: the provider's end, or the customer's (b4, lwb4, map-e-ce, map-t-ce).
#
#     bench/translator.sh SEXTANT DATAGRAMS [SECONDS [ROUNDS [FLOWS [WAY...]]]]
#
# The tester (datagrams.c) makes the packets of every way: UDP with 64 bytes, inside an outer packet
# where the way is a softwire, past the stack of the client and of the server, where nftables counts
# what arrives. Up is towards the server, down is back. The middle's devices take no bursts of datagrams:
# what a box has merged, its own kernel cuts again, and that counts as the box's work. FLOWS (1) go side by
# side; the more, the fewer packets of a flow follow each other closely enough to be merged. TCP is
# iperf3's; a client's end of IPv4 over IPv6 is then the kernel's segment routing, and there is none for
# IPv6 over IPv4, nor an other end for the customer's.
# With ways named, only these are measured beside plain forwarding. The ways take turns in each round;
# printed are the medians of the rounds, of the ratios inside each round, and of the processor time of the
# daemons for a packet that arrived.
# Needs root, iproute2, nftables, ethtool, iperf3, jq, and tayga for the comparison: a dash is what was not
# measured.
set -eu
usage='usage: translator.sh SEXTANT DATAGRAMS [SECONDS [ROUNDS [FLOWS [WAY...]]]]'
sextant=$(realpath "${1:?$usage}")
datagrams=$(realpath "${2:?$usage}")
for program in "$sextant" "$datagrams"; do
    [[ -x $program ]] || {
        echo "translator.sh: $program is not a program; build it first (ninja bench/datagrams)" >&2
        exit 2
    }
done
seconds=${3:-3} rounds=${4:-3} flows=${5:-1}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || {
    echo "translator.sh: \"$seconds\" is not a whole number of seconds" >&2
    exit 2
}
all=(nat64 siit map-t map-t-ce 6in4 6rd aftr b4 lwaftr lwb4 map-e map-e-ce tayga)
ways=("${@:6}")
[[ ${#ways[@]} -gt 0 ]] || ways=("${all[@]}")
for way in "${ways[@]}"; do
    [[ " ${all[*]} " == *" $way "* ]] || {
        echo "translator.sh: \"$way\" is not a way; ways are ${all[*]}" >&2
        exit 2
    }
done
id=sextant-bench-$$
client=$id-client middle=$id-middle server=$id-server
work=$(mktemp -d)
daemons=() servers=()

finish() {
    for pid in "${daemons[@]}" "${servers[@]}"; do kill "$pid" 2>/dev/null || true; done
    for name in "$client" "$middle" "$server"; do ip netns del "$name" 2>/dev/null || true; done
    rm -rf "$work"
}
trap finish EXIT

within() { ip netns exec "$@"; }

port=9000 # the host's

# The customer's addresses: of the link, of its own prefix in the rules of MAP, inside a softwire.
link6=2001:db8:1::2 link4=203.0.113.2
end6=2001:db8:3001:0:0:c000:201:0 inner4=192.0.2.1 inner6=3fff:0:cb00:7102::2
rule=2001:db8:3000::/40,192.0.2.0/24,8
far6=2001:db8:ffff::1
server4=198.51.100.2 server6=2001:db8:2::2 embedded=2001:db8:64::c633:6402

build() {
    for name in "$client" "$middle" "$server"; do
        ip netns add "$name"
        ip -n "$name" link set lo up
        within "$name" sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1 net.ipv6.conf.all.seg6_enabled=1
    done
    ip link add c0 netns "$client" type veth peer name c1 address 02:00:00:00:00:01 netns "$middle"
    ip link add s0 netns "$server" type veth peer name s1 address 02:00:00:00:00:01 netns "$middle"
    for end in "$client c0" "$middle c1" "$middle s1" "$server s0"; do
        # shellcheck disable=SC2086
        set -- $end
        ip -n "$1" link set "$2" up
        within "$1" sysctl -qw "net.ipv6.conf.$2.seg6_enabled=1"
    done
    for end in c1 s1; do within "$middle" ethtool -K "$end" tx-udp-segmentation off gro on; done
    ip -n "$client" addr add "$link6/64" dev c0 nodad
    ip -n "$middle" addr add 2001:db8:1::1/64 dev c1 nodad
    ip -n "$client" addr add "$link4/24" dev c0
    ip -n "$middle" addr add 203.0.113.1/24 dev c1
    ip -n "$middle" addr add 198.51.100.1/24 dev s1
    ip -n "$middle" addr add 2001:db8:2::1/64 dev s1 nodad
    ip -n "$server" addr add "$server4/24" dev s0
    ip -n "$server" addr add "$server6/64" dev s0 nodad
    for address in "$inner4/32" "$inner6/128" "$end6/128"; do ip -n "$client" addr add "$address" dev lo; done
    ip -n "$middle" route add "$end6/128" via "$link6"
    ip -n "$middle" route add 2001:db8:65::/96 via "$server6"
    ip -n "$server" route add blackhole 2001:db8:65::/96
    ip -n "$client" route add default via 2001:db8:1::1
    ip -n "$client" route add default via 203.0.113.1
    ip -n "$server" route add default via 198.51.100.1
    ip -n "$server" route add default via 2001:db8:2::1
}

begin() { # namespace, words: a daemon, until it says that it is ready
    local name=$1 log
    log=$(mktemp -p "$work")
    shift
    ip netns exec "$name" "$sextant" run "$@" >"$log" 2>&1 &
    daemons+=($!)
    for _ in $(seq 100); do
        grep -q ready "$log" && return
        sleep 0.05
    done
    cat "$log" >&2
    return 1
}

end_way() {
    for pid in "${daemons[@]}"; do
        kill "$pid"
        wait "$pid" 2>/dev/null || true
    done
    daemons=()
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
    daemons+=($!)
    sleep 0.5
}

begin_way() {
    case $1 in
        forwarding) ;;
        tayga) begin_tayga ;;
        nat64) begin "$middle" nat64 --prefix 2001:db8:64::/96 --pool 192.0.2.1 ;;
        siit)
            begin "$middle" siit --prefix 2001:db8:64::/96 --map "192.0.2.8=$link6" \
                --route 2001:db8:64::/96,192.0.2.8
            ip -n "$middle" route del "$link6" dev siit
            ;;
        map-t) begin "$middle" map-t --rule "$rule" --dmr 2001:db8:64::/96 --route "$inner4" ;;
        6in4) begin "$middle" 6in4 --own4 203.0.113.1 --peer4 "$link4" --route "$inner6/64" ;;
        6rd) begin "$middle" 6rd --own4 203.0.113.1 --br 203.0.113.1 --prefix 3fff::/32 --route 3fff::/32 ;;
        aftr) begin "$middle" aftr --own6 "$far6" --pool 192.0.2.200 --inside "$inner4" ;;
        b4) begin "$middle" b4 --own6 2001:db8:3::b4 --aftr "$server6" --route "$server4" ;;
        lwb4) begin "$middle" lwb4 --own6 2001:db8:3::b4 --aftr "$server6" --pool "$inner4" --route "$server4" ;;
        map-e-ce)
            begin "$middle" map-e --rule "$rule" --prefix "$end6/48" --br "$server6" --route "$server4"
            ;;
        map-t-ce)
            begin "$middle" map-t --rule "$rule" --prefix "$end6/48" --dmr 2001:db8:65::/96 --route "$server4"
            ;;
        lwaftr)
            echo "$end6 $inner4" >"$work/bindings"
            begin "$middle" lwaftr --own6 "$far6" --bindings "$work/bindings" --route "$inner4"
            ;;
        map-e) begin "$middle" map-e --rule "$rule" --br "$far6" --route "$inner4" ;;
    esac
}

ends_of() { # way: the customer's address and the host's, and the two ends of an outer packet
    case $1 in
        forwarding | b4 | lwb4 | map-e-ce | map-t-ce) echo "$link4 $server4" ;;
        tayga | nat64 | siit) echo "$link6 $embedded" ;;
        map-t) echo "$end6 $embedded" ;;
        6in4 | 6rd) echo "$inner6 $server6 $link4 203.0.113.1" ;;
        aftr | lwaftr | map-e) echo "$inner4 $server4 $end6 $far6" ;;
    esac
}

ticks() { # of the daemons so far, in hundredths of a second
    local sum=0 pid
    for pid in "${daemons[@]}"; do
        sum=$((sum + $(awk '{ print $14 + $15 }' "/proc/$pid/stat")))
    done
    echo "$sum"
}

# Counts what arrives at the receiver's device and goes no further: past the receiver's stack.
counting() { # namespace, device, the direction of the host's port
    within "$1" nft -f - <<EOF
table netdev bench {
    counter arrived { }
    chain ingress {
        type filter hook ingress device $2 priority 0
        meta l4proto udp th $3 $port counter name arrived drop
        meta l4proto { ipv6, 4 } counter name arrived drop
    }
}
EOF
}

arrived() { # namespace, bytes of the headers: datagrams since the last look; those merged have one header
    within "$1" nft -j reset counters |
        jq --argjson heads "$2" '.nftables[] | .counter // empty | (.bytes - .packets * $heads) / 64 | floor'
}

# Way, up or down: datagrams a second that arrived, and nanoseconds of the daemons for each. It is the best
# of three: as many as go, and half and a tenth more than arrived then, for a box may drown in too many.
udp() {
    local ends receiver="$server s0 dport" heads orders rate=0 before used count best=0 cost=0 step
    read -ra ends < <(ends_of "$1")
    [[ $2 == up ]] || receiver="$client c0 sport"
    coproc "$datagrams" "$2" "$seconds" "$flows" "$client/c0" "$server/s0" "${ends[@]}"
    read -r heads <&"${COPROC[0]}" || {
        echo "translator.sh: no packet goes through $1" >&2
        exit 1
    }
    orders=${COPROC[1]}
    # shellcheck disable=SC2086
    counting $receiver
    for step in 1.5 1.1 1; do
        before=$(ticks)
        echo "$rate" >&"$orders"
        read -r _ <&"${COPROC[0]}"
        sleep 0.1
        used=$(($(ticks) - before))
        count=$(arrived "${receiver%% *}" "$heads")
        rate=$(awk -v c="$count" -v s="$seconds" -v step="$step" 'BEGIN { print c / s * step }')
        ((count <= best)) || best=$count cost=$used
    done
    exec {orders}>&-
    wait "$COPROC_PID"
    within "${receiver%% *}" nft delete table netdev bench
    awk -v c="$best" -v t="$cost" -v s="$seconds" 'BEGIN { print int(c / s), int(t * 1e7 / (c + 1)) }'
}

# IPv4 in IPv6 by the kernel: one segment without a routing header, and End.DX4 back.
client_end() { # add or del
    case $1 in
        add)
            ip -n "$client" sr tunsrc set "$end6"
            ip -n "$client" addr del "$end6/128" dev lo
            ip -n "$client" route add "$end6/128" encap seg6local action End.DX4 nh4 "$inner4" dev c0
            ip -n "$client" route add "$server4" src "$inner4" encap seg6 mode encap.red segs "$far6" dev c0
            ;;
        del)
            ip -n "$client" route del "$server4"
            ip -n "$client" route del "$end6/128"
            ip -n "$client" addr add "$end6/128" dev lo
            ;;
    esac
}

tcp() { # way: Mbit/s up and down, or nothing
    local to=$server4 by=() ends reverse
    read -ra ends < <(ends_of "$1")
    [[ ${ends[0]} != "$inner6" && ! ($1 != forwarding && ${ends[0]} == "$link4") ]] || return 0
    [[ ${#ends[@]} -eq 4 ]] || { to=${ends[1]} by=(-B "${ends[0]}"); }
    [[ ${#ends[@]} -eq 2 ]] || client_end add
    for reverse in '' -R; do
        # shellcheck disable=SC2086
        within "$client" iperf3 -J -c "$to" "${by[@]}" -t "$seconds" $reverse |
            jq -r '.end.sum_received.bits_per_second / 1e6 | floor'
    done | paste -s -d ' '
    [[ ${#ends[@]} -eq 2 ]] || client_end del
}

measure() { # way
    local up down
    begin_way "$1"
    up=$(udp "$1" up)
    down=$(udp "$1" down)
    echo "$1 $up $down $(tcp "$1")" >>"$work/results"
    end_way
}

round() {
    local way
    measure forwarding
    for way in "${ways[@]}"; do
        [[ $way != tayga ]] || command -v tayga >/dev/null || continue
        measure "$way"
    done
}

report() {
    awk -v order="forwarding ${all[*]}" '
    # The median of what the rounds say: a value, or its share of what another way had in the same round.
    function middle(way, field, of,   a, i, j, t, count) {
        count = n[way]
        for (i = 1; i <= count; i++) {
            if (value[way, i, field] == "" || (of != "" && !value[of, i, field])) return ""
            a[i] = value[way, i, field] / (of == "" ? 1 : value[of, i, field])
        }
        for (i = 1; i <= count; i++) for (j = i + 1; j <= count; j++)
            if (a[j] < a[i]) { t = a[i]; a[i] = a[j]; a[j] = t }
        return a[int((count + 1) / 2)]
    }
    function share(way, field, of,   a) {
        a = middle(way, field, of)
        return a == "" ? "-" : sprintf("%.2f", a)
    }
    function columns(way, field, cost,   a) {
        a = middle(way, field)
        printf " %10s %7s %7s", a == "" ? "-" : a, share(way, field, "tayga"), share(way, field, "forwarding")
        if (cost) printf " %7s", way == "forwarding" || a == "" ? "-" : sprintf("%.1f", middle(way, cost) / 1000)
    }
    function heads(what, cost) {
        printf " %10s %7s %7s", what, "x tayga", "x forw."
        if (cost) printf " %7s", "CPU us"
    }
    { n[$1]++; for (i = 2; i <= 7; i++) value[$1, n[$1], i] = $i == "" ? "" : $i + 0 }
    END {
        printf "%-10s", "way"; heads("up pps", 1); heads("down pps", 1); heads("TCP up"); heads("TCP down"); print ""
        count = split(order, ways, " ")
        for (w = 1; w <= count; w++) if (ways[w] in n) {
            printf "%-10s", ways[w]
            columns(ways[w], 2, 3); columns(ways[w], 4, 5); columns(ways[w], 6); columns(ways[w], 7); print ""
        }
    }' "$work/results"
}

build
ip netns exec "$server" iperf3 -s >/dev/null 2>&1 &
servers=($!)
sleep 0.5
for _ in $(seq "$rounds"); do round; done
report
