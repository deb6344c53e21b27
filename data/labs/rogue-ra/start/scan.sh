# SPDX-License-Identifier: Apache-2.0
# One packet to each of 200 addresses of the hall, from the given number on, or from anywhere.
first=${1:-$((RANDOM % 7000 + 2000))}
for n in $(seq "$first" $((first + 199))); do
    echo hello >/dev/udp/2001:db8:1::$n/9
done
true
