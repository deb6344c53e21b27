#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# How many domains a minute `sextant check` does, in a laboratory of this machine: names and ports, then everything; beside
# it the processor time of the check and of all processes, and the memory of a long list.
#
#     bench/services.sh PROGRAM [DOMAINS [FULL [LIST]]]     20,000 quick, 1,500 full, a list of 1,000,000 names
exec /usr/bin/python3 "$(dirname "${BASH_SOURCE[0]}")/services.py" "$@"
