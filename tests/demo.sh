#!/bin/sh
# The first run of the README in the real binary: each command is printed before its output.
# Usage: demo.sh <opentrain> <fake-opentrain>
set -eu

opentrain=$(realpath "$1")
fake=$(realpath "$2")
home=$(mktemp -d)
"$fake" > "$home/server" &
server=$!
trap 'kill $server; rm -rf "$home"' EXIT
trap 'exit 130' INT TERM

# The fake says where it listens as soon as it does.
until [ -s "$home/server" ]; do sleep 0.05; done
read -r url app_token < "$home/server"

export HOME="$home" OT_API_BASE_URL="$url"
unset XDG_CONFIG_HOME OT_API_TOKEN OPENTRAIN_API_TOKEN OPENTRAIN_API_BASE_URL
cd "$home"

say() { printf '\n# %s\n' "$*"; }
# Prints a command as it would be typed, then runs it.
run() {
    printf '\n$'
    for word in opentrain "$@"; do
        case $word in
            *[!A-Za-z0-9_./:@%+,=-]*) printf " '%s'" "$word" ;;
            *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$opentrain" "$@"
}
# One value out of JSON: the last string or number under a key.
pick() { sed -n "s/.*\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" | tail -n 1; }

say "An agent registers: no account, no human."
run auth register --agent-name "My agent"

say "It drafts a job from plain text."
cat > job.txt <<'TEXT'
Draw boxes around zebras in 1,200 photos. We pay $0.05 per label.
TEXT
run jobs draft create --description-file job.txt
job=$("$opentrain" jobs list --json | pick id)

say "It fills the gap that the draft asks for, and publishes."
run jobs draft update --job-id "$job" --set experienceLevel=INTERMEDIATE
run jobs publish --job-id "$job"
run jobs list

say "A human takes over the account (here after a few seconds)."
run auth claim --email kim@example.com
run auth claim-status --wait
run whoami
