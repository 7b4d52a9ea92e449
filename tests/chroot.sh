#!/bin/sh
# The static binary in an empty, read-only root: no libc, no CA files, no /etc/passwd, no home.
# Usage: chroot.sh <opentrain> <fake-opentrain> [<qemu>], as root; a static qemu runs the binary of
# another machine.
set -eu

opentrain=$(realpath "$1")
fake=$(realpath "$2")
qemu=${3:+$(realpath "$3")}
chroot=$(command -v chroot)
root=$(mktemp -d)
work=$(mktemp -d)
log="$work/log"
# A loopback address of its own for the name server: port 53 of others may be taken.
dns=127.53.$(($$ / 250 % 250 + 1)).$(($$ % 250 + 1))
"$fake" --dns "$dns:53" > "$log" &
server=$!
# A TLS server whose certificate comes from a CA of its own.
cat > "$work/conf" <<'CONF'
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:TRUE
[server]
basicConstraints = critical,CA:FALSE
subjectAltName = DNS:by-hosts.test
CONF
for name in ca server; do
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -config "$work/conf" -subj "/CN=$name" \
        -keyout "$work/$name.key" -out "$work/$name.csr" 2> /dev/null
done
openssl x509 -req -days 2 -in "$work/ca.csr" -signkey "$work/ca.key" \
    -extfile "$work/conf" -extensions ca -out "$work/ca.pem" 2> /dev/null
openssl x509 -req -days 2 -in "$work/server.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -set_serial 1 \
    -extfile "$work/conf" -extensions server -out "$work/server.pem" 2> /dev/null
openssl s_server -www -accept 127.0.0.1:0 -key "$work/server.key" -cert "$work/server.pem" > "$work/tls" 2>&1 &
tls=$!
trap 'kill $server $tls; umount "$root" 2> /dev/null || true; rm -rf "$root" "$work"' EXIT
until grep -q "^ACCEPT" "$work/tls"; do sleep 0.05; done
tls_port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$work/tls")
until [ -s "$log" ]; do sleep 0.05; done
read -r url app_token < "$log"
port=${url##*:}

failed=0
# in_root <what> <expected> <word ...>: runs the binary, with the variable in $given alone, and
# looks for the expected text.
given=
in_root() {
    what=$1 expected=$2
    shift 2
    out=$(env -i ${given:+"$given"} "$chroot" "$root" ${qemu:+/qemu} /opentrain "$@" 2>&1 || true)
    case $out in
        *"$expected"*) echo "ok: $what" ;;
        *) echo "FAILED: $what: expected $expected, got $out"; failed=1 ;;
    esac
}

mount -t tmpfs -o size=32m none "$root" 2> /dev/null || echo "note: nothing can be mounted here; the root is an ordinary folder"
cp "$opentrain" "$root/opentrain"
if [ -n "$qemu" ]; then cp "$qemu" "$root/qemu"; fi
in_root "version" "opentrain " --version
in_root "help" "Usage: opentrain" --help
in_root "an address" "No jobs found." jobs search --base-url "$url"
in_root "no home" "no place for the credentials file" jobs list --base-url "$url"

mkdir "$root/etc"
cp "$work/ca.pem" "$root/etc/ca.pem"
# Nothing listens on 127.0.0.77: of the second name's addresses one is dead.
printf '127.0.0.1 by-hosts.test\n127.0.0.77 two.test\n127.0.0.1 two.test\n' > "$root/etc/hosts"
echo "nameserver $dns" > "$root/etc/resolv.conf"
mount -o remount,ro "$root" 2> /dev/null || true
in_root "a name in /etc/hosts" "No jobs found." jobs search --base-url "http://by-hosts.test:$port"
in_root "a name of two addresses, the first dead" "No jobs found." jobs search --base-url "http://two.test:$port"
in_root "a name by DNS" "No jobs found." jobs search --base-url "http://by-dns.test:$port"
for name in nx servfail refused alias; do
    in_root "an IPv4 name: $name" "No jobs found." jobs search --base-url "http://$name.test:$port"
done
in_root "a name that does not exist" "its name could not be looked up; nothing was sent" \
    jobs search --base-url "http://nowhere.invalid:$port"
in_root "TLS without CA files" "from an issuer that is not trusted; nothing was sent" \
    jobs search --base-url "https://by-hosts.test:$tls_port"
# s_server answers with a web page, which is not an answer of the API.
given=SSL_CERT_FILE=/etc/ca.pem
in_root "TLS with a CA file" "the server answered 200 with a body that is not JSON" jobs search --base-url "https://by-hosts.test:$tls_port"
# Only the token reaches the program: everything else is absent or read-only.
given=OT_API_TOKEN=ot_pat_wrong
in_root "a token in the environment" "(401 UNAUTHORIZED)" jobs list --base-url "$url"
exit $failed
