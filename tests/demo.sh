#!/bin/sh
# The README's first run with the real binary: each command is printed before its output.
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

# A proxy of this machine must not be used for its own loopback.
export HOME="$home" OT_API_BASE_URL="$url" no_proxy="*"
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

say "Anybody can search the open jobs; candidates have sent proposals."
run jobs search --q zebras
run proposals list --job-id "$job"
proposal=$("$opentrain" proposals list --job-id "$job" --json | sed -n 's/.*"id": "\(prop_[^"]*\)".*/\1/p' | tail -n 1)
run proposals get --proposal-id "$proposal" --interview

say "The employer writes first."
run messages start-proposal-thread --proposal-id "$proposal"
conversation=$("$opentrain" messages list --json | sed -n 's/.*"id": "\(conv_[^"]*\)".*/\1/p' | head -n 1)
run messages send --conversation-id "$conversation" --content "Thanks, looks great."

say "Hiring moves no money: a human confirms it at a URL."
run proposals hire --proposal-id "$proposal" --amount 500
approval=$("$opentrain" proposals hire --proposal-id "$proposal" --amount 500 --json | sed -n 's/.*"id": "\(ap_[^"]*\)".*/\1/p')
run approvals get --approval-id "$approval"
say "The human has opened the URL and confirmed."
run approvals get --approval-id "$approval"

say "There is a contract now, with a funded milestone."
contract=$("$opentrain" contracts list --json | sed -n 's/.*"id": "\(ct_[^"]*\)".*/\1/p' | head -n 1)
run contracts get --contract-id "$contract"

say "Milestones need a scope that the claim does not bring: a human makes a token with it."
printf '\n$ opentrain auth login --api-key - < token.txt\n'
echo "$app_token" | "$opentrain" auth login --api-key -
run milestones create --contract-id "$contract" --description "Batch 2: 5,000 labels" --amount 250

say "Everything that happened is in the feed."
run updates poll
