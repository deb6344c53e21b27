#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# How many requests a second sextant serve answers from kept answers, against nginx with a file of
# the same bytes and nginx with a bare `return`, one thread each, in one run; how late answers are
# at a steady pace; and what memory it has after a million requests for everything there is. The
# load comes from wrk on the other processor. Needs nginx and wrk.
#
# Connections that each send the next request when they have the answer say nothing about lateness:
# with 1,000 of them the mean is 1,000 divided by the rate, whatever the server. The steady pace is
# 1,000 connections that wait 25 ms between an answer and the next request.
#
#     bench/serve.sh SEXTANT ARCHIVE [SECONDS] [REQUESTS]
set -eu
sextant=$1 archive=$2 seconds=${3:-5} requests=${4:-1000000}
folder=$(mktemp -d)
mkdir "$folder/www"
pids=()
finish() {
    kill "${pids[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

target='/api/v1/geography?by=region'
taskset -c 0 "$sextant" serve --quiet --threads 1 --store "$archive" --listen 127.0.0.1:18064 &
pids+=($!)
sleep 1
curl -sf -o "$folder/www/file.json" "http://127.0.0.1:18064$target"
chmod -R a+rX "$folder"

cat >"$folder/nginx.conf" <<CONF
worker_processes 1;
daemon off;
pid $folder/nginx.pid;
error_log $folder/error.log;
events { worker_connections 4096; }
http {
    access_log off;
    sendfile on;
    keepalive_requests 100000000;
    open_file_cache max=100;
    types { application/json json; }
    server {
        listen 127.0.0.1:18065 backlog=1024;
        root $folder/www;
        location = /return { return 200 ok; }
    }
}
CONF
taskset -c 0 nginx -c "$folder/nginx.conf" &
pids+=($!)
sleep 1

measure() { # connections, URL: requests a second, and the 99th percentile
    taskset -c 1 wrk --latency -t 1 -c "$1" -d "${seconds}s" "$2" | tee -a "$folder/wrk.log" |
        awk '/99%/ { late = $2 } /Requests\/sec/ { rate = $2 } END { print rate, late }'
}

printf 'an answer of %s bytes, %s\n' "$(stat -c %s "$folder/www/file.json")" "$target"
for connections in 64 1000; do
    read -r own own_late < <(measure $connections "http://127.0.0.1:18064$target")
    read -r file file_late < <(measure $connections http://127.0.0.1:18065/file.json)
    read -r bare bare_late < <(measure $connections http://127.0.0.1:18065/return)
    printf '%4d connections: sextant %.0f/s (99%% in %s), nginx file %.0f/s (%s), nginx return %.0f/s (%s)\n' \
        "$connections" "$own" "$own_late" "$file" "$file_late" "$bare" "$bare_late"
    awk -v a="$own" -v b="$file" -v c="$bare" \
        'BEGIN { printf "                  sextant / nginx file %.2f, sextant / nginx return %.2f\n", a / b, a / c }'
done

echo 'function delay() return 25 end' >"$folder/pace.lua"
paced() { # URL: requests a second, and the 99th percentile
    taskset -c 1 wrk --latency -t 1 -c 1000 -d "${seconds}s" -s "$folder/pace.lua" "$1" |
        awk '/99%/ { late = $2 } /Requests\/sec/ { rate = $2 } END { print rate, late }'
}
read -r own own_late < <(paced "http://127.0.0.1:18064$target")
read -r file file_late < <(paced http://127.0.0.1:18065/file.json)
printf '1000 connections at a steady pace: sextant %.0f/s (99%% in %s), nginx file %.0f/s (%s)\n' \
    "$own" "$own_late" "$file" "$file_late"

memory() {
    awk '/VmRSS/ { print int($2 / 1024) }' "/proc/${pids[0]}/status"
}

# Every page of every economy in each language, packed and not; then over and over.
cat >"$folder/all.lua" <<'LUA'
local languages = { "ar", "en", "es", "fr", "ru", "zh" }
local pages = { "", "economy", "compare", "changes", "data", "methods", "region/africa", "group/ldc", "changes.atom" }
local codings = { "", "gzip", "br", "zstd" }
local codes, n = {}, 0
for code in io.open(os.getenv("CODES")):lines() do codes[#codes + 1] = code end
function request()
    n = n + 1
    local language = languages[n % 6 + 1]
    local page = pages[n % 9 + 1]
    if n % 2 == 0 then page = "economy/" .. codes[math.floor(n / 12) % #codes + 1] end
    return wrk.format("GET", "/" .. language .. "/" .. page, { ["Accept-Encoding"] = codings[math.floor(n / 7) % 4 + 1] })
end
LUA
curl -sf "http://127.0.0.1:18064/en/economy" | grep -o 'economy/[A-Z][A-Z]"' | sed 's/economy.//; s/"//' >"$folder/codes"
export CODES=$folder/codes
before=$(memory) done=0
while [[ $done -lt $requests ]]; do
    more=$(taskset -c 1 wrk -t 1 -c 64 -d "${seconds}s" -s "$folder/all.lua" http://127.0.0.1:18064/ |
        awk '/requests in/ { print $1 }')
    done=$((done + more))
done
printf 'memory: %s MB before, %s MB after %s requests for %s pages\n' "$before" "$(memory)" "$done" \
    "$(($(wc -l <"$folder/codes") * 24))"
