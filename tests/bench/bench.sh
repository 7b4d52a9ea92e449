#!/bin/sh
# Measures the static binary against curl, curl with jq, and minimal C programs, all on
# one local nginx, in turn. Prints Markdown tables. Usage: bench.sh <opentrain> <fake-opentrain>
set -eu

opentrain=$(realpath "$1")
fake=$(realpath "$2")
here=$(dirname "$(realpath "$0")")
runs=${RUNS:-101}

missing=
for tool in curl jq nginx cc openssl xargs; do
    command -v "$tool" > /dev/null || missing="$missing $tool"
done
[ -z "$missing" ] || { echo "bench: missing:$missing" >&2; exit 1; }

work=$(mktemp -d)
trap 'for p in "$work"/*.pid; do [ -s "$p" ] && kill "$(cat "$p")" 2> /dev/null; done; rm -rf "$work"' EXIT
cc -O2 -o "$work/run" "$here/run.c"
cc -O2 -static -o "$work/least_get" "$here/least_get.c"
cc -O2 -static -o "$work/least" "$here/least.c"

# --- the server: pages of jobs, over http and over TLS by a CA of our own
page() { # page <jobs>: compact JSON as the API sends it
    jq -cn --argjson n "$1" '{jobs: [range($n) | {id: "job_\(.)", title: "Image boxes \(.) with zebras and horses",
        status: "OPEN", published: true, acceptingApplicants: true, createdAt: "2026-06-10T11:02:00.000Z",
        updatedAt: "2026-06-11T09:15:00.000Z", jobUrl: "https://app.opentrain.ai/jobs/job_\(.)",
        proposalCounts: {total: 12, unreviewed: 5}}], nextCursor: null}'
}
path=api/public/v1/jobs/mine
for size in 25 250 2500 25000 92000; do
    mkdir -p "$work/www/$size/$(dirname $path)"
    page $size > "$work/www/$size/$path"
done
# A list of 1,000 pages of 100 jobs; the cursor is the number of the page.
mkdir -p "$work/www/list"
page 100 > "$work/page"
for n in $(seq 0 999); do
    next=null; [ "$n" -lt 999 ] && next="\"$((n + 1))\""
    sed "s/\"nextCursor\":null/\"nextCursor\":$next/" "$work/page" > "$work/www/list/$n"
done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=bench-ca \
    -keyout "$work/ca.key" -out "$work/ca.pem" 2> /dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost \
    -keyout "$work/tls.key" -out "$work/tls.csr" 2> /dev/null
printf 'subjectAltName=DNS:localhost' > "$work/names"
openssl x509 -req -in "$work/tls.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 2 \
    -extfile "$work/names" -out "$work/tls.pem" 2> /dev/null
# Ports that were free a moment ago.
port=$((20000 + $$ % 20000)); tls_port=$((port + 1))
cat > "$work/nginx.conf" <<CONF
worker_processes 1; pid $work/nginx.pid; error_log $work/nginx.log;
events { worker_connections 512; }
http {
    access_log off; default_type application/json; sendfile on;
    client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3;
    uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
    keepalive_requests 100000;
    map \$arg_cursor \$page { default \$arg_cursor; "" 0; }
    server { listen 127.0.0.1:$port; root $work/www;
             location = /all/$path { rewrite ^ /list/\$page break; } }
    server { listen 127.0.0.1:$tls_port ssl; root $work/www;
             location = /all/$path { rewrite ^ /list/\$page break; }
             ssl_certificate $work/tls.pem; ssl_certificate_key $work/tls.key; }
}
CONF
chmod 755 "$work"
nginx -c "$work/nginx.conf" 2> /dev/null
export OT_API_TOKEN=ot_pat_bench_secretsecretsecret no_proxy="*"

base() { echo "http://127.0.0.1:$port/$1"; }
# One row of figures of the last measurement: row <n> <column>.
figure() { sed -n "$1p" "$work/out" | cut -d' ' -f"$2"; }
ms() { awk "BEGIN { printf \"%.2f\", $1 / 1000 }"; }
ratio() { awk "BEGIN { printf \"%.3f\", $1 / $2 }"; }
holds() { awk "BEGIN { print ($1 <= $2) ? \"yes\" : \"NO\" }"; }
# line <what> <ours> <unit> <peer> <its figure> <target>
line() {
    r=$(ratio "$2" "$5")
    echo "| $1 | $(ms "$2") ms | $4 $(ms "$5") ms | $r | $6 | $(holds "$r" "$6") |"
}

echo "Medians of $runs runs, each command in turn, on $(nproc) cores of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), Linux $(uname -r), $(date +%Y-%m-%d)."
echo
echo "| what | ours | peer | ratio | at most | holds |"
echo "| --- | --- | --- | --- | --- | --- |"

url=$(base 25)/$path
OT_API_BASE_URL=$(base 25) "$work/run" "$runs" \
    -- "$opentrain" jobs list --json -- "$opentrain" jobs list \
    -- "$work/least_get" "$port" "/25/$path" -- curl -s "$url" -- curl -s "$url" "|" jq . > "$work/out"
json=$(figure 1 1); human=$(figure 2 1)
line "25 jobs, \`--json\`" "$json" ms "least C GET" "$(figure 3 1)" 2
line "the same" "$json" ms "curl" "$(figure 4 1)" 0.3
line "the same" "$json" ms "curl \\| jq ." "$(figure 5 1)" 0.12
line "25 jobs, summary" "$human" ms "\`--json\`" "$json" 1.1
memory=$(figure 1 3); [ "$(figure 2 3)" -gt "$memory" ] && memory=$(figure 2 3)
call_memory=$memory

OT_API_BASE_URL=https://localhost:$tls_port/25 SSL_CERT_FILE=$work/ca.pem "$work/run" "$runs" \
    -- "$opentrain" jobs list --json -- curl -s --cacert "$work/ca.pem" "https://localhost:$tls_port/25/$path" > "$work/out"
line "25 jobs over TLS, CPU time" "$(figure 1 2)" ms "curl" "$(figure 2 2)" 0.6
[ "$(figure 1 3)" -gt "$call_memory" ] && call_memory=$(figure 1 3)

"$work/run" "$runs" -- "$opentrain" --version -- "$opentrain" --help -- "$work/least" > "$work/out"
for n in 1 2; do
    what=$([ $n = 1 ] && echo version || echo help)
    extra=$(($(figure $n 1) - $(figure 3 1)))
    echo "| \`--$what\` | $(ms "$(figure $n 1)") ms | least C process $(ms "$(figure 3 1)") ms | $(awk "BEGIN { printf \"%+.2f\", $extra / 1000 }") ms | +0.3 ms | $(holds $extra 300) |"
done
echo "| peak memory of a call | $call_memory KiB | | | 3072 KiB | $(holds "$call_memory" 3072) |"

# As an MCP server: the opening with the list of tools, then calls on one pipe.
opening='{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}'
list='{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
call='{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"opentrain_list_jobs"}}'
printf '%s\n' "$opening" "$list" > "$work/opening"
yes "$call" | head -n 100 > "$work/calls"
if command -v node > /dev/null; then
    "$work/run" "$runs" -- cat "$work/opening" "|" "$opentrain" mcp -- node -e 0 > "$work/out"
    line "\`mcp\`: opening and list of tools" "$(figure 1 1)" ms "\`node -e 0\`" "$(figure 2 1)" 0.1
fi
OT_API_BASE_URL=$(base 25) "$work/run" 21 -- cat "$work/calls" "|" "$opentrain" mcp > "$work/out"
line "\`mcp\`: one of 100 calls on a pipe" "$(($(figure 1 1) / 100))" ms "the call at the command line" "$human" 1.2
memory=$(figure 1 3)
echo "| its peak memory | $memory KiB | | | 4096 KiB | $(holds "$memory" 4096) |"

big=$(wc -c < "$work/www/92000/$path")
OT_API_BASE_URL=$(base 92000) "$work/run" 41 -- "$opentrain" jobs list --json \
    -- curl -s "$(base 92000)/$path" "|" jq . > "$work/out"
memory=$(figure 1 3)
line "$((big / 1000000)) MB body, \`--json\`" "$(figure 1 1)" ms "curl \\| jq ." "$(figure 2 1)" 0.1
r=$(ratio $((memory * 1024)) "$big")
echo "| its peak memory | $((memory / 1024)) MiB | the body $((big / 1048576)) MiB | $r | 1.6 | $(holds "$r" 1.6) |"
# --- a list of 1,000 pages of 100 jobs, to its end
cat > "$work/loop" <<'LOOP'
cursor=0
while [ "$cursor" != null ]; do
    curl -s "$1?limit=100&cursor=$cursor" > "$2"
    jq -c '.jobs[]' "$2"
    cursor=$(jq -r .nextCursor "$2")
done
LOOP
url=$(base all)/$path
"$work/run" 3 -- sh "$work/loop" "$url" "$work/loop.page" > "$work/out"
loop=$(figure 1 1)
OT_API_BASE_URL=$(base all) "$work/run" 21 -- "$opentrain" jobs list --all --jsonl \
    -- "$opentrain" jobs list --all --get 'jobs[].id' \
    -- curl -s "$url?limit=100&cursor=[0-999]" > "$work/out"
all=$(figure 1 1)
line "1,000 pages of 100 jobs, \`--all --jsonl\`" "$all" ms "curl and jq, page by page" "$loop" 0.05
line "the same" "$all" ms "one curl, one connection" "$(figure 3 1)" 1.5
line "the same, \`--all --get jobs[].id\`" "$(figure 2 1)" ms "one curl, one connection" "$(figure 3 1)" 1.5
all_memory=$(figure 1 3); [ "$(figure 2 3)" -gt "$all_memory" ] && all_memory=$(figure 2 3)
OT_API_BASE_URL=https://localhost:$tls_port/all SSL_CERT_FILE=$work/ca.pem "$work/run" 21 \
    -- "$opentrain" jobs list --all --jsonl -- "$opentrain" jobs list --all --get 'jobs[].id' \
    -- curl -s --cacert "$work/ca.pem" "https://localhost:$tls_port/all/$path?limit=100&cursor=[0-999]" > "$work/out"
line "the same over TLS, \`--jsonl\`" "$(figure 1 1)" ms "one curl, one connection" "$(figure 3 1)" 1.5
line "the same over TLS, \`--get\`" "$(figure 2 1)" ms "one curl, one connection" "$(figure 3 1)" 1.5
for row in 1 2; do [ "$(figure $row 3)" -gt "$all_memory" ] && all_memory=$(figure $row 3); done
echo "| peak memory over the pages | $all_memory KiB | | | 4096 KiB | $(holds "$all_memory" 4096) |"
size=$(wc -c < "$opentrain")
echo "| static binary | $(awk "BEGIN { printf \"%.2f\", $size / 1048576 }") MiB | | | 2.25 MiB | $(holds "$size" 2359296) |"
crates=$(cd "$here/../.." && cargo tree -e normal,no-proc-macro --prefix none 2> /dev/null | sed 's/ (\*)$//' | sort -u | wc -l)
echo "| crates in it, its own included | $crates | | | 40 | $(holds "$crates" 40) |"
from=$(date +%s)
(cd "$here/../.." && cargo build -q --release --bin opentrain --target-dir "$work/clean" 2> /dev/null)
echo "| clean release build | $(($(date +%s) - from)) s | | | | |"
echo

# --- cost as work grows
echo "| jobs in a page | body | \`--json\` | memory | summary | memory | curl \\| jq . | memory |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- |"
: > "$work/growth"
for size in 25 250 2500 25000; do
    OT_API_BASE_URL=$(base $size) "$work/run" 41 -- "$opentrain" jobs list --json -- "$opentrain" jobs list \
        -- curl -s "$(base $size)/$path" "|" jq . > "$work/out"
    body=$(($(wc -c < "$work/www/$size/$path") / 1024))
    echo "| $size | $body KiB | $(ms "$(figure 1 1)") ms | $(figure 1 3) KiB | $(ms "$(figure 2 1)") ms | $(figure 2 3) KiB | $(ms "$(figure 3 1)") ms | $(figure 3 3) KiB |"
    echo "$size $(figure 1 1) $(figure 2 1) $(figure 3 1)" >> "$work/growth"
done
echo
echo '```'
echo "time of a call, each ## a doubling from 0.5 ms"
awk '{ name[1] = "--json"; name[2] = "summary"; name[3] = "curl | jq ."
       for (c = 1; c <= 3; c++) {
           bar = ""; for (t = 500; t <= $(c + 1); t *= 2) bar = bar "##"
           printf "%6s jobs  %-12s %-32s %9.2f ms\n", (c == 1 ? $1 : ""), name[c], bar, $(c + 1) / 1000
       } }' "$work/growth" | sed 's/^       jobs /            /'
echo '```'
echo

# --- many at once, against the fake
"$fake" > "$work/fake" & echo $! > "$work/fake.pid"
until [ -s "$work/fake" ]; do sleep 0.05; done
read -r fake_url _ < "$work/fake"
export HOME="$work"
unset OT_API_TOKEN
OT_API_BASE_URL=$fake_url "$opentrain" auth register > /dev/null
token=$(sed -n 's/.*"apiToken": "\(.*\)".*/\1/p' "$work/.config/opentrain/cli.json")
now() { date +%s%N; }
from=$(now)
OT_API_BASE_URL=$fake_url; export OT_API_BASE_URL
yes | head -n 500 | xargs -P 16 -I{} "$opentrain" jobs list --json > "$work/many"
ours=$((($(now) - from) / 500000))
from=$(now)
yes | head -n 500 | xargs -P 16 -I{} curl -sf -A opentrain/0.3.0 -H "Authorization: Bearer $token" -H "Accept: application/json" "$fake_url/$path" > "$work/many_curl"
peer=$((($(now) - from) / 500000))
good=$(jq -c .jobs "$work/many" | grep -c '^\[\]$')
echo "500 calls, 16 at once, against the fake: $good succeeded; $(ms $ours) ms a call, curl $(ms $peer) ms."
from=$(now)
yes "$token" | head -n 500 | xargs -P 16 -I{} "$opentrain" auth login --api-key {} --json > "$work/logins"
jq -e .apiToken "$work/.config/opentrain/cli.json" > /dev/null && left=$(ls -A "$work/.config/opentrain" | wc -l)
echo "500 logins, 16 at once: $(jq -c .ok "$work/logins" | grep -c true) succeeded; $(ms $((($(now) - from) / 500000))) ms each, the file is whole, $left file in its folder."
