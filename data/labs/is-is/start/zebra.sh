# SPDX-License-Identifier: Apache-2.0
# FRR's files of its own: it gives up its rights first.
mkdir -m 777 -p /run/frr
exec /usr/lib/frr/zebra -f /dev/null -z /run/frr/zserv.api --vty_socket /run/frr -i /run/frr/zebra.pid
