#!/bin/sh
# Installs the official Python SDK into a folder of its own and runs it against the fake, next to
# the program. Says so and succeeds if it cannot be installed here.
# Usage: sdk.sh <fake-opentrain> <opentrain>
set -eu

fake=$(realpath "$1")
program=$(realpath "$2")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill "${server:-}" 2> /dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

if ! { python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q opentrain-ai==0.1.0; } > "$work/log" 2>&1; then
    tail -n 3 "$work/log" >&2
    echo "skipped: the official Python SDK cannot be installed here" >&2
    exit 0
fi
"$fake" --claimed > "$work/server" &
server=$!
until [ -s "$work/server" ]; do sleep 0.05; done
read -r url token < "$work/server"
no_proxy='*' "$work/venv/bin/python" "$here/sdk.py" "$url" "$token" "$program"
