#!/bin/sh
# Builds the last commit again, in a clone in another folder: the tarballs are the same, byte
# for byte. Usage: twice.sh <folder of the tarballs>
set -eu

dist=$(realpath "$1")
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

if [ -n "$(git status --porcelain)" ]; then
    echo "files differ from the last commit: commit them first" >&2
    exit 1
fi
git clone -q . "$work/elsewhere"
CARGO_TARGET_DIR="$work/elsewhere/target" make -C "$work/elsewhere" dist
diff "$dist/SHA256SUMS" "$work/elsewhere/target/dist/SHA256SUMS"
echo "ok: the same bytes in two folders"
