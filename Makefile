# Targets for people; `make help` lists them. All else is an implementation detail.

PREFIX ?= /usr/local
DESTDIR ?=
TOOLS := source map window agg dedup state join union sql sink query

BUILD := .build/release
BIN := .build/bin
PYTHON := .build/python/bin/python3
SWIFT_FLAGS := -c release
export STREAM_TEST_PYTHON := $(CURDIR)/$(PYTHON)

.DEFAULT_GOAL := help
.PHONY: help demo test check build bench bench-data bench-durable profile crash fuzz record man completions install clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- what has to be there ------------------------------------------------------------------------

DEBIAN_PACKAGES := libzstd-dev zlib1g-dev libxxhash-dev libsqlite3-dev libpcre2-dev tzdata pkg-config python3-venv zstd \
	time mawk strace sqlite3 socat jq netcat-openbsd

.build/debian.stamp: Makefile
	@mkdir -p .build
	@missing=""; for p in $(DEBIAN_PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  echo "installing$$missing"; $$sudo apt-get update -q && $$sudo apt-get install -y -q $$missing; fi
	@touch $@

.build/python.stamp: Tests/requirements.txt .build/debian.stamp
	python3 -m venv .build/python
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r Tests/requirements.txt
	@touch $@

# --- building and testing ------------------------------------------------------------------------

build: .build/debian.stamp ## build the tools into .build/bin
	swift build $(SWIFT_FLAGS)
	@mkdir -p $(BIN)
	@for t in $(TOOLS); do ln -sf ../release/stream-tools $(BIN)/stream-$$t; done

demo: build ## build, then count words and users of files that every Debian has
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh Tests/demo.sh

test: build .build/python.stamp ## build and run all tests (a short version of bench, fuzz and crash among them)
	swift build $(SWIFT_FLAGS) --build-tests
	$(MAKE) --no-print-directory check
	swift test $(SWIFT_FLAGS) --skip-build --quiet

check: build ## house rules: format, sizes, imports, generated files
	swift format lint --strict --recursive Package.swift Sources Tests
	$(BUILD)/stream-dev tidy
	$(BUILD)/stream-dev man --check
	$(BUILD)/stream-dev completions --check

man: build ## write the manual pages anew from the tools' own definitions
	$(BUILD)/stream-dev man

completions: build ## write the shell completions anew
	$(BUILD)/stream-dev completions

record: build ## accept what the command cases print now as expected; read the diff
	RECORD=1 swift test $(SWIFT_FLAGS) --filter CommandTests
	git diff --stat -- Tests/CommandTests

# --- long runs -----------------------------------------------------------------------------------

BENCH_DATA ?= /tmp/stream-bench

.build/bench.stamp: Tests/Bench/requirements.txt .build/python.stamp
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r Tests/Bench/requirements.txt
	@touch $@

bench-data: .build/bench.stamp ## make the benchmark inputs (3 GB, from a seed)
	$(PYTHON) Tests/Bench/data.py --out $(BENCH_DATA)

bench: build bench-data ## time ours and other programs in turn; prints ratios
	PATH="$(CURDIR)/$(BIN):$$PATH" $(PYTHON) Tests/Bench/bench.py --data $(BENCH_DATA)

bench-durable: build bench-data ## what a checkpoint costs: throughput with and without, delays, restarts
	PATH="$(CURDIR)/$(BIN):$$PATH" $(PYTHON) Tests/Bench/durable.py --data $(BENCH_DATA)

profile: build bench-data ## perf profiles of each process of the benchmark pipelines, in .build/profile
	PATH="$(CURDIR)/$(BIN):$$PATH" $(PYTHON) Tests/Bench/profile.py --data $(BENCH_DATA) --out .build/profile

SECONDS ?= 600
crash: build ## kill pipelines at every point, fail disks, damage checkpoints, compare epochs; then kill at random for SECONDS
	cd Tests/Crash && for t in "points.py --double 100" "power.py --count 400" "damage.py --count 60" faults.py \
	  "prefix.py --count 300"; do \
	  python3 -B $$t || exit 1; done
	python3 -B Tests/Crash/crash.py --seconds $(SECONDS)

fuzz: ## coverage-guided fuzzing of every decoder, FUZZ_SECONDS each (default 60)
	sh Tests/Fuzz/fuzz.sh

# --- installing ----------------------------------------------------------------------------------

install: build ## install under PREFIX (default /usr/local), below DESTDIR
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/libexec/stream-tools"
	install -m 755 $(BUILD)/stream-tools "$(DESTDIR)$(PREFIX)/libexec/stream-tools/stream-tools"
	strip "$(DESTDIR)$(PREFIX)/libexec/stream-tools/stream-tools"
	for t in $(TOOLS); do ln -sf ../libexec/stream-tools/stream-tools "$(DESTDIR)$(PREFIX)/bin/stream-$$t"; done
	for s in 1 5 7; do if ls man/*.$$s >/dev/null 2>&1; then \
	  install -d "$(DESTDIR)$(PREFIX)/share/man/man$$s"; \
	  install -m 644 man/*.$$s "$(DESTDIR)$(PREFIX)/share/man/man$$s"; fi; done
	for r in Tests/CommandTests/Cases/stream-recipes/*; do \
	  d="$(DESTDIR)$(PREFIX)/share/doc/stream-tools/recipes/$${r##*/}"; install -d "$$d"; \
	  for f in $$r/*; do case $${f##*/} in cmd|out) ;; *) install -m $$(test -x $$f && echo 755 || echo 644) $$f "$$d";; esac; done; done
	install -d "$(DESTDIR)$(PREFIX)/share/bash-completion/completions" \
	  "$(DESTDIR)$(PREFIX)/share/zsh/site-functions" "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d"
	for t in $(TOOLS); do \
	  install -m 644 completions/stream-$$t.bash "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/stream-$$t"; \
	  install -m 644 completions/_stream-$$t "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/"; \
	  install -m 644 completions/stream-$$t.fish "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/"; done

clean: ## remove everything that was built
	rm -rf .build
