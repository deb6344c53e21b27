#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Questions of the DNS in bulk: the processor time of one, kernel included, of Sextant's client, of a
# bare loop of sendmmsg and recvmmsg (the physical limit) and of dnsperf, all against the same NSD, in
# turns. In a network namespace of its own. Figures are medians.
#
#     dns.sh DNS_BULK [QUESTIONS]      needs nsd, dnsperf, unshare
set -eu
if [[ ${SEXTANT_BENCH_INSIDE:-} != 1 ]]; then
    exec env SEXTANT_BENCH_INSIDE=1 unshare --net --map-root-user -- "$0" "$@"
fi
bulk=$(realpath "$1")
questions=${2:-200000}
runs=${BENCH_RUNS:-5}
port=5300
ip link set lo up
work=$(mktemp -d "${TMPDIR:-/tmp}/sextant-dns-XXXXXX")
server=
trap '[[ -z $server ]] || { kill "$server" && wait "$server"; } 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/zone" <<'END'
$ORIGIN example.test.
$TTL 600
@ SOA ns hostmaster 1 7200 3600 86400 300
@ NS ns
ns AAAA 2001:db8::53
* AAAA 2001:db8::80
END
cat >"$work/nsd.conf" <<END
server:
    ip-address: ::1@$port
    server-count: 1
    username: ""
    chroot: ""
    zonesdir: "$work"
    pidfile: "$work/pid"
    xfrdfile: "$work/xfrd"
    zonelistfile: "$work/zones"
    database: ""
    rrl-ratelimit: 0
remote-control:
    control-enable: no
zone:
    name: example.test
    zonefile: zone
END
nsd -d -c "$work/nsd.conf" >"$work/log" 2>&1 &
server=$!
for ((i = 0; i < 50; i++)); do
    [[ $("$bulk" bare ::1 "$port" 1 1 2>/dev/null) != *" 1 "* ]] || break
    sleep 0.1
done
for ((i = 0; i < questions; i++)); do echo "n$i.example.test AAAA"; done >"$work/names"

with_dnsperf() { # microseconds a question
    local TIMEFORMAT='%U %S'
    { time dnsperf -s ::1 -p "$port" -d "$work/names" -n 1 -c 8 -T 1 -q 100 -e >"$work/dnsperf" 2>&1; } \
        2>"$work/time"
    awk -v n="$questions" '{ printf "%.2f %d 0\n", ($1 + $2) * 1e6 / n, n }' "$work/time"
}

for ((i = 0; i < runs; i++)); do
    "$bulk" bare ::1 "$port" "$questions" 100 >>"$work/of-bare"
    "$bulk" client ::1 "$port" "$questions" 100 >>"$work/of-client"
    with_dnsperf >>"$work/of-dnsperf"
done
median() { awk '{ print $1 }' "$work/of-$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
answered() { awk '{ print $2 }' "$work/of-$1" | sort -n | head -1; }
limit=$(median bare)
client=$(median client)
printf '%-28s %12s %12s %16s\n' "$questions questions, AAAA" 'us/question' 'to the bare' 'least answered'
for name in bare client dnsperf; do
    printf '%-28s %12s %12s %16s\n' "$name" "$(median $name)" \
        "$(awk -v a="$(median $name)" -v b="$limit" 'BEGIN { printf "%.2f", a / b }')" "$(answered $name)"
done
awk -v a="$client" -v b="$(median dnsperf)" 'BEGIN { printf "client / dnsperf: %.2f\n", a / b }'
