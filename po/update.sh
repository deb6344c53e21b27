#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Collects the site's English texts into sextant.pot and brings the catalogues to that state: new texts
# are left empty for the translator, and ./check fails until they are filled.
#
#     po/update.sh [POT]     with a file, only that is written
set -eu
export LC_ALL=C.UTF-8
cd "$(dirname "${BASH_SOURCE[0]}")/.."
pot=${1:-po/sextant.pot}
found=$(mktemp)
said=$(mktemp)
notes=$(mktemp)
trap 'rm -f "$found" "$said" "$notes"' EXIT
xgettext --from-code=UTF-8 --language=C --keyword= --keyword=say:2 --keyword=say_later --keyword=say_with:3 \
    --keyword=html_say:3 --keyword=page_say:2 --keyword=page_paragraph:2 --keyword=page_heading:4 \
    --no-location --no-wrap --omit-header -f po/POTFILES -o "$found" 2>"$said" || { cat "$said" >&2; exit 1; }
# "90 % of them" is no format.
sed -i '/^#, .*c-format$/d' "$found"
# It drops what is not ASCII, and the text would never be found again.
if grep -A 3 'non-ASCII' "$said" >&2; then exit 1; fi
# The notes under tables, with their numbers and names as {1}, {2}. What verify says is not on the site.
xgettext --from-code=UTF-8 --language=C --keyword= --keyword=table_note:2 --no-location --no-wrap --omit-header \
    $(find src/measure -name '*.c' ! -name verify.c | sort) -o - 2>/dev/null | grep -v '^#' |
    awk '/^msgid/ { for (n = 1; sub(/%[-0-9.]*(z|l|ll)?[ucsdfg]/, "{" n "}"); n++); gsub(/%%/, "%") } { print }' >"$notes"
# The header of the tables' list is that of all.
msgcat --no-wrap --use-first -o - po/tables.pot "$found" "$notes" | sed 's/^# What the tables say.*/# Written by po\/update.sh./; /^# A test runs/d' >"$pot"
[[ $# -eq 0 ]] || exit 0
for language in ar es fr ru zh; do
    msgmerge --quiet --update --backup=none --no-fuzzy-matching --no-wrap "po/$language.po" "$pot"
    msgattrib --no-obsolete --no-wrap -o "po/$language.po" "po/$language.po"
done
