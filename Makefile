# `make demo` shows the program at work, `make test` proves it; `make check` is what main must pass.

PREFIX ?= /usr/local

# Cargo says where it builds: CARGO_TARGET_DIR and build.target-dir move it.
TARGET_DIR = $(shell cargo metadata --format-version 1 --no-deps \
	| sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
BINARY = $(TARGET_DIR)/release/opentrain
FAKE = $(TARGET_DIR)/release/examples/fake-opentrain

.PHONY: all demo test check check-sdk static check-static bench man install clean

all:
	cargo build --release

# The quick start of the README in the real binary, against a fake OpenTrain on this machine.
demo:
	cargo build --release --bin opentrain --example fake-opentrain
	tests/demo.sh $(BINARY) $(FAKE)

# Most tests wait for a fake server: more of them than cores run side by side.
TEST = cargo test -- --test-threads=8

test:
	$(TEST)

check:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	$(TEST)

# The official Python SDK against the fake; says so where it cannot be installed.
check-sdk:
	cargo build --release --bin opentrain --example fake-opentrain
	tests/clients/sdk.sh $(FAKE) $(BINARY)

# A static binary that needs nothing around it: on the musl target when the toolchain has it or
# rustup can add it, else on the gnu target, whose C library makes it a third larger.
MACHINE = $(shell uname -m)
MUSL = $(MACHINE)-unknown-linux-musl
GNU = $(MACHINE)-unknown-linux-gnu
TARGET = $(shell { test -d "$$(rustc --print sysroot)/lib/rustlib/$(MUSL)/lib" \
	|| rustup target add $(MUSL) > /dev/null 2>&1; } && echo $(MUSL) || echo $(GNU))
STATIC_FLAGS = -C target-feature=+crt-static -C relocation-model=static \
	-C link-arg=-Wl,-T,$(CURDIR)/src/static.ld -C link-arg=-Wl,--no-eh-frame-hdr
STATIC = $(TARGET_DIR)/$(TARGET)/release/opentrain

static:
	CC_$(subst -,_,$(MUSL))=cc RUSTFLAGS="$(STATIC_FLAGS)" cargo build --release --target $(TARGET)
	@wc -c < $(STATIC) | awk '{ printf "%d bytes, %.2f MiB\n", $$1, $$1 / 1048576 }'
	@echo $(STATIC)

# The static binary in an empty root file system; needs root for chroot.
check-static: static
	cargo build --release --example fake-opentrain
	tests/chroot.sh $(STATIC) $(FAKE)

# The figures of the README: beside curl, jq and the least C programs, against a local nginx.
bench: static
	cargo build --release --example fake-opentrain
	tests/bench/bench.sh $(STATIC) $(FAKE)

# The pages are written by the binary and committed; a test keeps them equal.
man:
	cargo run -q -- man --into man

SHARE = $(DESTDIR)$(PREFIX)/share

install: all
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/opentrain
	install -d $(SHARE)/man/man1 $(SHARE)/bash-completion/completions \
		$(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	install -m 644 man/*.1 $(SHARE)/man/man1
	$(BINARY) completions bash > $(SHARE)/bash-completion/completions/opentrain
	$(BINARY) completions zsh > $(SHARE)/zsh/site-functions/_opentrain
	$(BINARY) completions fish > $(SHARE)/fish/vendor_completions.d/opentrain.fish

clean:
	cargo clean
