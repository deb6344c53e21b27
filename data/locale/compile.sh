#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
#     compile.sh MO PO PO     two catalogues as one; where both have a text, the first one's counts
set -eu
both=$(mktemp)
trap 'rm -f "$both"' EXIT
msgcat --use-first -o "$both" "$2" "$3"
msgfmt --check-format --endianness=little -o "$1" "$both"
