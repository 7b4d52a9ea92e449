# `make demo` shows the program at work, `make test` tests it; `make check` is what main must pass.

PREFIX ?= /usr/local

# Cargo says where it builds: CARGO_TARGET_DIR and build.target-dir change that.
TARGET_DIR = $(shell cargo metadata --format-version 1 --no-deps \
	| sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
BINARY = $(TARGET_DIR)/release/opentrain
FAKE = $(TARGET_DIR)/release/examples/fake-opentrain

.PHONY: all demo test check check-sdk check-mcp check-msrv check-macos static check-static dist-tools dist \
	check-dist check-twice bench man install clean

# The commit, for `version --json`; empty outside a checkout.
COMMIT = $(shell test -e .git && git describe --always --dirty --abbrev=40 --exclude='*' 2> /dev/null)
all demo static dist: export OPENTRAIN_COMMIT = $(COMMIT)

all:
	cargo build --release

# The README's quick start with the real binary, against a fake OpenTrain on this machine.
demo:
	cargo build --release --bin opentrain --example fake-opentrain
	tests/demo.sh $(BINARY) $(FAKE)

# Most tests wait for a fake server, so more of them run in parallel than there are cores.
TEST = cargo test -- --test-threads=8

test:
	$(TEST)

check:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	$(TEST)

# The official Python SDK against the fake; says so if it cannot be installed.
check-sdk:
	cargo build --release --bin opentrain --example fake-opentrain
	tests/clients/sdk.sh $(FAKE) $(BINARY)

# Real MCP clients against the server and the fake; says so if one cannot be installed.
check-mcp:
	cargo build --release --bin opentrain --example fake-opentrain
	tests/clients/mcp.sh $(BINARY) $(FAKE)

# The oldest compiler that Cargo.toml promises; says so if it is not available.
MSRV = $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

check-msrv:
	@if rustup run $(MSRV) rustc -V > /dev/null 2>&1 || \
	rustup toolchain install $(MSRV) --profile minimal > /dev/null 2>&1; \
	then rustup run $(MSRV) cargo check --locked --all-targets; \
	else echo "note: Rust $(MSRV) cannot be had here; nothing was built with it"; fi

# Whether the toolchain has, or rustup can add, the standard library of a target.
SYSROOT = $(shell rustc --print sysroot)
has_target = { test -d "$(SYSROOT)/lib/rustlib/$1/lib" || rustup target add $1 > /dev/null 2>&1; }

# The types and names of macOS. A check compiles none of the C in the crates, so `true` stands in
# for its compiler and archiver; SDKROOT keeps them from asking for Apple's.
MACOS = aarch64-apple-darwin

check-macos:
	@if $(call has_target,$(MACOS)); \
	then SDKROOT=/ TARGET_CC=true TARGET_AR=true cargo check --locked --target $(MACOS); \
	else echo "note: the Rust target $(MACOS) cannot be had here; nothing was checked"; fi

# A static binary that needs nothing around it: on the musl target if the toolchain has it or rustup
# can add it, else on the gnu target, whose C library makes it a third larger.
MACHINE = $(shell uname -m)
MUSL = $(MACHINE)-unknown-linux-musl
GNU = $(MACHINE)-unknown-linux-gnu
TARGET = $(shell $(call has_target,$(MUSL)) && echo $(MUSL) || echo $(GNU))
STATIC = $(TARGET_DIR)/$(TARGET)/release/opentrain

# The C tools for a machine: this one's own, or Debian's for another (gcc-aarch64-linux-gnu).
cc = $(if $(filter $1,$(MACHINE)),cc,$1-linux-gnu-gcc)
ar = $(if $(filter $1,$(MACHINE)),ar,$1-linux-gnu-ar)

# Folders of this machine are renamed in the binary, so that it is the same wherever it is built.
# The crates' folder is there once they are fetched; the name given to the standard library's is the
# one it has where its source is not installed.
RENAMED = --remap-path-prefix=$(CURDIR)=/opentrain --remap-path-prefix=$(TARGET_DIR)=/target \
	--remap-path-prefix=$(SYSROOT)/lib/rustlib/src/rust=/rustc/$(shell rustc -vV | sed -n 's/^commit-hash: //p') \
	$(shell cargo fetch --locked > /dev/null 2>&1; \
	for crates in "$${CARGO_HOME:-$$HOME/.cargo}"/registry/src/*; do \
	echo "--remap-path-prefix=$$crates=/crates"; done)
STATIC_FLAGS = -C target-feature=+crt-static -C relocation-model=static \
	-C link-arg=-Wl,-T,src/static.ld -C link-arg=-Wl,--no-eh-frame-hdr $(RENAMED)

# Builds for a machine ($1) with a target ($2).
build_static = TARGET_CC=$(call cc,$1) TARGET_AR=$(call ar,$1) \
	RUSTFLAGS="$(STATIC_FLAGS) -C linker=$(call cc,$1)" cargo build --release --locked --target $2

static:
	$(call build_static,$(MACHINE),$(TARGET))
	@wc -c < $(STATIC) | awk '{ printf "%d bytes, %.2f MiB\n", $$1, $$1 / 1048576 }'
	@echo $(STATIC)

# The static binary in an empty root file system; needs root for chroot.
check-static: static
	cargo build --release --example fake-opentrain
	tests/chroot.sh $(STATIC) $(FAKE)

# Tarballs of the static binary for these machines, with its pages and completions. The same commit,
# Rust and C tools give the same bytes in any folder: times are those of the commit.
MACHINES = x86_64 aarch64
DIST = $(TARGET_DIR)/dist
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
EPOCH = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2> /dev/null))

# What `dist` needs; says what is missing.
missing = { echo "make dist: $1" >&2; exit 1; }

dist-tools:
	@test -n "$(EPOCH)" || $(call missing,no commit here to take the time from; set SOURCE_DATE_EPOCH)
	@for target in $(addsuffix -unknown-linux-musl,$(MACHINE) $(MACHINES)); do \
	$(call has_target,$$target) || \
	$(call missing,the Rust target $$target cannot be had here; MACHINES=<machine> builds for one alone); done
	@for cc in $(foreach machine,$(MACHINES),$(call cc,$(machine))); do \
	command -v $$cc > /dev/null || \
	$(call missing,no $$cc here; MACHINES=<machine> builds for one alone); done

define build_for
$(call build_static,$1,$1-unknown-linux-musl)

endef

# Only files are packed: unpacked over /usr/local, they leave its folders alone.
define pack
$(call lay_out,$(TARGET_DIR)/$1-unknown-linux-musl/release/opentrain,$(DIST)/$2,$(TARGET_DIR)/$(MUSL)/release/opentrain)
install -d $(DIST)/$2/share/doc/opentrain
install -m 644 LICENSE README.md $(DIST)/$2/share/doc/opentrain
cd $(DIST) && find $2 -type f | LC_ALL=C sort | tar --format=ustar --mode=u=rwX,go=rX \
	--owner=0 --group=0 --numeric-owner --mtime=@$(EPOCH) -T - -cf $2.tar && gzip -9n $2.tar
rm -r $(DIST)/$2

endef

dist: dist-tools
	$(foreach machine,$(sort $(MACHINE) $(MACHINES)),$(call build_for,$(machine)))
	rm -rf $(DIST)
	$(foreach machine,$(MACHINES),$(call pack,$(machine),opentrain-$(VERSION)-$(machine)-unknown-linux-musl))
	cd $(DIST) && sha256sum *.tar.gz > SHA256SUMS
	@cat $(DIST)/SHA256SUMS
	@case "$(COMMIT)" in *-dirty) echo "note: files differ from the commit; the binaries say so" >&2;; esac

# The tarballs: their sums, their contents, and each binary in an empty root; needs root for chroot.
check-dist: dist
	cargo build --release --example fake-opentrain
	tests/dist.sh $(DIST) $(FAKE) $(COMMIT)

# The last commit again in another folder, which has to give the same sums.
check-twice: dist
	tests/twice.sh $(DIST)

# The README's figures: compared with curl, jq and minimal C programs, against a local nginx.
bench: static
	cargo build --release --example fake-opentrain
	tests/bench/bench.sh $(STATIC) $(FAKE)

# The pages are written by the binary and committed; a test keeps them in step.
man:
	cargo run -q -- man --into man

# Lays out a binary ($1) with its pages and completions under a folder ($2); one that runs here
# ($3) writes the completions.
define lay_out
install -d $2/bin $2/share/man/man1 $2/share/bash-completion/completions \
	$2/share/zsh/site-functions $2/share/fish/vendor_completions.d
install -m 755 $1 $2/bin/opentrain
install -m 644 man/*.1 $2/share/man/man1
$3 completions bash > $2/share/bash-completion/completions/opentrain
$3 completions zsh > $2/share/zsh/site-functions/_opentrain
$3 completions fish > $2/share/fish/vendor_completions.d/opentrain.fish
endef

install: all
	$(call lay_out,$(BINARY),$(DESTDIR)$(PREFIX),$(BINARY))

clean:
	cargo clean
