# SPDX-License-Identifier: Apache-2.0
# One packet to each of 50 addresses of the hall, from the given number on, or in one of eight
# stretches. All of them together stay below what one kernel keeps of neighbours (1,024, by default,
# for all namespaces together), so that no other laboratory pays for it.
first=${1:-$((2000 + RANDOM % 8 * 50))}
for n in $(seq "$first" $((first + 49))); do
    echo hello >/dev/udp/2001:db8:1::$n/9
done
true
