# `make demo` shows the program at work, `make test` proves it; `make check` is what main must pass.

PREFIX ?= /usr/local
BINARY = target/release/opentrain

.PHONY: all demo test check man install clean

all:
	cargo build --release

# The quick start of the README in the real binary, against a fake OpenTrain on this machine.
demo:
	cargo build --release --bin opentrain --example fake-opentrain
	tests/demo.sh $(BINARY) target/release/examples/fake-opentrain

# Most tests wait for a fake server: more of them than cores run side by side.
TEST = cargo test -- --test-threads=8

test:
	$(TEST)

check:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	$(TEST)

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
