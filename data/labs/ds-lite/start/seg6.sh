# SPDX-License-Identifier: Apache-2.0
# A B4 of the kernel's segment routing: one segment without a routing header is IPv4 in IPv6, and
# End.DX4 takes it off again. It reads b4.conf as "sextant run b4" does. What goes into b4 comes out
# of b4x, and is put into the softwire there; what comes from the softwire goes the other way.
set -e
value() { sed -n "s/^$1 //p" /run/lab/b4.conf; }
own6=$(value own6)
aftr=$(value aftr)
uplink=$(value uplink)
mtu=$(value mtu)
line=$(ip -o -6 route get "$aftr" | sed -n 's/.* dev \([^ ]*\).*/\1/p')

# One after the other; the next waits until what is left of this one has gone.
exec 9>/run/b4.lock
flock 9
rm -f /run/b4.alive
mkfifo /run/b4.alive
setsid sh -c "cat /run/b4.alive
    ip link del b4
    ip rule del table 4
    ip rule del table 5
    ip -6 rule add pref 0 table local
    ip -6 rule del pref 2
    ip -6 rule del pref 1
    ip -6 address del $own6/128 dev ${uplink:-lo}
    ip addrlabel del prefix $own6/128 label 64
    ip addrlabel del prefix $aftr/128 label 64" &
exec 3>/run/b4.alive 9>&-

# Without neighbours to ask for, both ends have one MAC address.
ip link add b4 address 02:00:00:00:b4:00 mtu "$((${mtu:-1500} - 40))" arp off type veth \
    peer name b4x address 02:00:00:00:b4:00 mtu "$((${mtu:-1500} - 40))" arp off
for device in b4 b4x "$line"; do
    echo 0 >"/proc/sys/net/ipv4/conf/$device/rp_filter"
    echo 1 >"/proc/sys/net/ipv4/conf/$device/accept_local"
done
echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter
ip link set b4 up
ip link set b4x up

# The source of the softwire is what RFC 6724 chooses: the address with the label of the AFTR.
ip -6 address add "$own6/128" dev "${uplink:-lo}" nodad noprefixroute
ip addrlabel add prefix "$aftr/128" label 64
ip addrlabel add prefix "$own6/128" label 64

# Only IPv4 in IPv6 is for the softwire; neighbours and others reach the address itself.
ip -6 route add "$own6/128" encap seg6local action End.DX4 nh4 192.0.0.1 dev b4x table 6
ip -6 rule add pref 1 to "$own6/128" ipproto 4 table 6
ip -6 rule add pref 2 table local
ip -6 rule del pref 0
ip -4 route replace default encap seg6 mode encap.red segs "$aftr" dev "$line" table 4
ip -4 route replace default dev b4x table 5
ip -4 rule add iif b4x table 4
ip -4 rule add iif "$line" table 5

value route | while read -r prefix; do ip -4 route add "$prefix" dev b4; done
ip -4 address add "$(value address)" dev b4
exec sleep infinity
