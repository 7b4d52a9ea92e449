#!/bin/sh
# Installs real MCP clients into a folder of their own and runs them against `opentrain mcp` and
# the fake. Says so and succeeds if one cannot be installed here.
# Usage: mcp.sh <opentrain> <fake-opentrain>
set -eu

opentrain=$(realpath "$1")
fake=$(realpath "$2")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
server=
trap 'kill $server 2> /dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# An account for each client: a fake of its own, and a folder for credentials.
begin() { # begin <name>
    mkdir "$work/$1"
    "$fake" > "$work/$1.url" &
    server="$server $!"
    until [ -s "$work/$1.url" ]; do sleep 0.05; done
    read -r url _ < "$work/$1.url"
}

if { python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q mcp==2.3.0; } > "$work/log" 2>&1; then
    for mode in auto legacy 2026-07-28; do
        begin "$mode"
        "$work/venv/bin/python" "$here/mcp_client.py" "$mode" "$opentrain" "$url" "$work/$mode"
    done
else
    tail -n 3 "$work/log" >&2
    echo "skipped: the Python client of MCP cannot be installed here" >&2
fi

if { mkdir "$work/npm" && cd "$work/npm" && npm install --silent --no-audit --no-fund @modelcontextprotocol/sdk@1.32.2; } > "$work/log" 2>&1; then
    begin npm-account
    cp "$here/mcp_client.mjs" "$work/npm"
    node "$work/npm/mcp_client.mjs" "$opentrain" "$url" "$work/npm-account"
else
    tail -n 3 "$work/log" >&2
    echo "skipped: the TypeScript client of MCP cannot be installed here" >&2
fi
