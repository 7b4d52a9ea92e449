#!/bin/sh
# The tarballs of `make dist`: their sums, their contents, and each binary in an empty root.
# Usage: dist.sh <folder of the tarballs> <fake-opentrain> [<commit>], as root.
set -eu

here=$(dirname "$(realpath "$0")")
dist=$(realpath "$1")
fake=$(realpath "$2")
commit=${3:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$here/.."

failed=0
# holds <what> <command ...>: the command succeeds.
holds() {
    what=$1
    shift
    if "$@"; then echo "ok: $what"; else echo "FAILED: $what"; failed=1; fi
}

# Every file of a tarball, below its folder.
{
    printf '%s\n' bin/opentrain share/bash-completion/completions/opentrain share/doc/opentrain/LICENSE \
        share/doc/opentrain/README.md share/fish/vendor_completions.d/opentrain.fish share/zsh/site-functions/_opentrain
    for page in man/*.1; do echo "share/man/man1/${page##*/}"; done
} | LC_ALL=C sort > "$work/expected"

# names_no_folder <binary>: neither the checkout, nor cargo's and rustc's folders, nor the home of
# whoever built it. (A folder directly below / could be part of any path.)
names_no_folder() {
    for folder in "$PWD" "${dist%/*}" "${HOME:-/}" "${CARGO_HOME:-${HOME:-}/.cargo}" "$(rustc --print sysroot)"; do
        case $folder in /*/*) ! grep -aqF "$folder/" "$1" || return 1 ;; esac
    done
}

(cd "$dist" && sha256sum --quiet -c SHA256SUMS)
holds "the sums are of all tarballs" [ "$(cd "$dist" && echo *.tar.gz)" = "$(awk '{ print $2 }' "$dist/SHA256SUMS" | xargs)" ]
for tarball in "$dist"/*.tar.gz; do
    name=$(basename "$tarball" .tar.gz)
    target=$(echo "$name" | sed 's/^opentrain-[^-]*-//')
    machine=${target%%-*}
    echo "$name"
    tar -tzf "$tarball" | sed "s,^$name/,," > "$work/found"
    holds "all files are there, in order" cmp "$work/expected" "$work/found"
    stamps=$(tar --numeric-owner -tvzf "$tarball" | awk '{ print $2, $4, $5 }' | sort -u)
    holds "all are root's, and of one time" [ "${stamps%% *} $(echo "$stamps" | wc -l)" = "0/0 1" ]
    # As the README installs it.
    mkdir "$work/$name"
    tar -xzf "$tarball" -C "$work/$name" --strip-components 1
    binary=$work/$name/bin/opentrain
    holds "no folder of this machine in the binary" names_no_folder "$binary"
    qemu=
    if [ "$machine" != "$(uname -m)" ]; then
        qemu=$(command -v "qemu-$machine-static" || command -v "qemu-$machine") || {
            echo "note: no qemu-$machine-static here; this binary was not run"
            continue
        }
    fi
    holds "it names its target" [ "$(env -i ${qemu:+"$qemu"} "$binary" version --get target)" = "$target" ]
    [ -z "$commit" ] || holds "it names its commit" [ "$(env -i ${qemu:+"$qemu"} "$binary" version --get commit)" = "$commit" ]
    "$here/chroot.sh" "$binary" "$fake" ${qemu:+"$qemu"} || failed=1
done
exit $failed
