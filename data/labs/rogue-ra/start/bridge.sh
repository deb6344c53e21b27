# SPDX-License-Identifier: Apache-2.0
# A switch of four ports.
set -e
ip link add br0 type bridge
for port in router0 port1 port2 port3; do
    ip link set dev $port master br0
done
ip link set dev br0 up
echo up >/run/bridge
exec sleep infinity
