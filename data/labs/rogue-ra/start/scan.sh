# SPDX-License-Identifier: Apache-2.0
# One packet to each of 200 addresses of the hall.
for n in $(seq 1000 1199); do
    echo hello >/dev/udp/2001:db8:1::$n/9
done
true
