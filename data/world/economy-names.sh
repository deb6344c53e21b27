#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Writes the table of economies' names in one language: iso-codes' short names (the everyday name
# where it has one), translated by its own catalogues, then corrected by names.csv.
#
#     economy-names.sh LANGUAGE NAMES.CSV ISO_3166-1.JSON LOCALE_FOLDER >names-LANGUAGE.csv
#
# Needs gettext and iso-codes' translations; fails when these are missing rather than write English.
set -euf

language=$1 corrections=$2 list=$3 locales=$4
catalogue=$language
[ "$language" = zh ] && catalogue=zh_CN
line_end='
'

refuse() {
    echo "$0: $*" >&2
    exit 1
}

# translate LOCALE MESSAGE...: the translations, joined by blanks.
translate() {
    LC_ALL=$1 LANGUAGE=$catalogue TEXTDOMAINDIR=$locales
    export LC_ALL LANGUAGE TEXTDOMAINDIR
    shift
    gettext -s -d iso_3166-1 "$@"
}

# The C library's gettext translates in every locale but "C"; newer ones also leave out "C.UTF-8".
find_locale() {
    for candidate in C.UTF-8 $(locale -a); do
        if [ "$(translate "$candidate" Germany)" != Germany ]; then
            echo "$candidate"
            return
        fi
    done
    refuse "gettext translates in none of this machine's locales (see locale -a)"
}

# "KE<tab>Kenya", one a line.
english_names() {
    awk -F'"' '
        $2 == "alpha_2" { code = $4; common = "" }
        $2 == "common_name" { common = $4 }
        $2 == "name" { name[code] = $4 }
        /^ *}/ && code != "" { print code "\t" (common != "" ? common : name[code]); code = "" }
        ' "$list"
}

# "KE=Kenya", one a line. gettext is called once for all names, with marks between them that no
# catalogue knows. Arabic vowel marks and blanks after "and" go: its catalogue has them here and there.
translated_names() {
    IFS=$line_end
    for line in $(english_names); do
        set -- "$@" "${line%%	*}=" "${line#*	}" "|"
    done
    translate "$@" | tr '|' '\n' | sed 's/^ *//; s/ *$//; /^$/d; s/= /=/' |
        LC_ALL=C.UTF-8 sed 's/[ًٌٍَُِّْ]//g; s/ و / و/g'
}

# "KE,Kenya", one a line, corrected.
corrected_names() {
    awk -v language="$language" -v corrections="$corrections" '
        BEGIN {
            while ((getline line < corrections) > 0) {
                split(line, field, ",")
                if (line !~ /^#/ && field[2] == language)
                    right[field[1]] = substr(line, length(field[1]) + length(field[2]) + 3)
            }
        }
        {
            code = substr($0, 1, 2)
            name = code in right ? right[code] : substr($0, 4)
            print code "," (name ~ /,/ && name !~ /^"/ ? "\"" name "\"" : name)
        }'
}

locale=C
if [ "$language" != en ]; then
    catalogue_file=$locales/$catalogue/LC_MESSAGES/iso_3166-1.mo
    [ -r "$catalogue_file" ] || refuse "$catalogue_file is missing: install iso-codes with its" \
        "translations (some container images leave out /usr/share/locale)"
    locale=$(find_locale)
fi
echo "# Names of economies ($language): iso-codes, corrected by names.csv. Made by economy-names.sh."
echo "economy,name"
translated_names "$locale" | corrected_names | LC_ALL=C sort
