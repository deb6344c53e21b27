# SPDX-License-Identifier: Apache-2.0
# tayga makes its device, but does not set it up.
set -e
tayga --config /run/lab/tayga.conf --mktun
ip link set dev nat64 up
ip route replace 192.0.2.0/30 dev nat64
ip route replace 2001:db8:64::/96 dev nat64
exec tayga --config /run/lab/tayga.conf -d
