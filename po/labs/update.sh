#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Collects the texts of the laboratories and courses into labs.pot and brings their catalogues to that
# state. What a catalogue lacks is shown in English.
#
#     po/labs/update.sh SEXTANT [POT]     with a file, only that is written
set -eu
export LC_ALL=C.UTF-8
sextant=$1
cd "$(dirname "${BASH_SOURCE[0]}")"
pot=${2:-labs.pot}
{
    printf '# SPDX-License-Identifier: Apache-2.0\n# Written by po/labs/update.sh.\nmsgid ""\nmsgstr ""\n'
    printf '"Project-Id-Version: sextant\\n"\n"Language: \\n"\n"MIME-Version: 1.0\\n"\n'
    printf '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    "$sextant" lab show --format pot
} | msguniq --no-wrap -o "$pot"
[[ $# -lt 2 ]] || exit 0
for language in ar es fr ru zh; do
    [[ -e $language.po ]] || sed "s/Language: /&$language/" labs.pot >"$language.po"
    msgmerge --quiet --update --backup=none --no-fuzzy-matching --no-wrap "$language.po" labs.pot
    msgattrib --no-obsolete --no-wrap -o "$language.po" "$language.po"
done
