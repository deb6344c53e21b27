#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The built program explains itself: every command has help that fits 80 columns, a manual page
# without a warning, a line in the overview, and completion that works in a real shell.
set -u
sextant=$1
failed=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unset COLUMNS
export HOME=/nonexistent

check() { # description, command...
    local what=$1
    shift
    if ! "$@"; then
        echo "FAILED: $what"
        failed=1
    fi
}

status() { # wanted status, arguments...
    local wanted=$1
    shift
    "$sextant" "$@" >/dev/null 2>&1
    [[ $? -eq $wanted ]]
}

fits() { # file
    ! grep -E '^.{81,}' "$1" | grep -v '^  sextant '
}

options_are_told_once() { # file
    ! grep -oE '^  (-., )?--[a-z0-9-]+' "$1" | grep -oE -- '--.*' | sort | uniq -d | grep .
}

pages_are_clean() {
    command -v groff >/dev/null || return 0
    local said
    said=$(groff -man -Tutf8 -ww -z -rCHECKSTYLE=0 "$folder"/page-* 2>&1)
    [[ -z $said ]] || { echo "$said"; false; }
}

complete_words() { # words of a command line, the last one is being typed
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _sextant 2>/dev/null
    echo "${COMPREPLY[*]}"
}

# shellcheck disable=SC1090
source <("$sextant" completion bash)
"$sextant" >"$folder/overview"
check "no argument is help" [ $? -eq 0 ]
check "overview fits" fits "$folder/overview"
"$sextant" help --man >"$folder/page-sextant"
check "--help" status 0 --help
check "--version" status 0 --version
check "unknown command" status 2 nonsense
check "unknown option of the program" status 2 --nonsense

names=$("$sextant" completion bash | sed -n '/^_sextant_options/,/^}/s/^    "\(.*\)").*/\1/p')
[[ $(wc -l <<<"$names") -ge 2 ]] || { echo "FAILED: no commands"; failed=1; }
while read -r -a words; do
    name=${words[*]}
    check "overview names $name" grep -q "^  $name " "$folder/overview"
    "$sextant" "${words[@]}" --help >"$folder/help"
    check "$name --help" [ $? -eq 0 ]
    check "$name: help fits" fits "$folder/help"
    check "$name: each option once" options_are_told_once "$folder/help"
    check "$name: both helps are one" cmp -s <("$sextant" help "${words[@]}") "$folder/help"
    "$sextant" help --man "${words[@]}" >"$folder/page-${name// /-}"
    check "$name --nonsense" status 2 "${words[@]}" --nonsense
    check "$name: completion" grep -q -- --quiet <(complete_words sextant "${words[@]}" --)
done <<<"$names"
check "manual pages" pages_are_clean

check "completes a command" [ "$(complete_words sextant compl)" = completion ]
check "completes an argument" [ "$(complete_words sextant completion '')" = bash ]
check "completes a laboratory" [ "$(complete_words "$sextant" lab up static)" = static-routing ]
check "full disk" bash -c '"$1" help >/dev/full 2>/dev/null; [ $? -eq 4 ]' - "$sextant"
check "closed output" bash -c '"$1" help >&- 2>/dev/null; [ $? -eq 4 ]' - "$sextant"
check "control characters stay off the terminal" \
    bash -c '! "$1" "$(printf "x\033[31m")" 2>&1 | grep -q "$(printf "\033")"' - "$sextant"
exit $failed
