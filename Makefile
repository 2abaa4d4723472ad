# The front door: every target sets up what it needs. `make help` lists them.
# SwiftPM locks its build folder, so targets run one after another.
.NOTPARALLEL:
.DEFAULT_GOAL := help

SOURCES := Package.swift Sources Tests
RELEASE := --configuration release --static-swift-stdlib

.PHONY: help
help: ## Say what there is
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: ## Install what is missing (apt; `scripts/setup --dry-run` only says what)
	@scripts/setup

.PHONY: build
build: setup ## Build cmdctld, cmdctl and cmdctl-shim into .build/release/
	swift build $(RELEASE)

.PHONY: lint
lint: setup ## Check the layout of the code
	swift format lint --strict --recursive $(SOURCES)

.PHONY: check
check: lint ## The fast part: layout, debug build without a warning, the tests of each room
	swift build --build-tests
	swift test --skip-build --skip EndToEndTests

.PHONY: test
test: check build ## Everything: check, the release programs end to end, Python's gRPC, a machine
	CMDCTL_BIN_DIR=.build/release swift test --skip-build --filter EndToEndTests
	CMDCTL_BIN_DIR=.build/release scripts/test-python
	CMDCTL_BIN_DIR=.build/release scripts/test-backends
	JOBS=60 CMDCTL_BIN_DIR=.build/release scripts/storm
	JOBS=40 ROOTLESS=yes CMDCTL_BIN_DIR=.build/release scripts/storm
	CMDCTL_BIN_DIR=.build/release scripts/test-vm

SUITE ?=

.PHONY: test-vm
test-vm: build ## Control groups, limits and containment, each suite in a virtual machine (SUITE=name)
	swift build --build-tests
	CMDCTL_BIN_DIR=.build/release scripts/test-vm $(SUITE)

.PHONY: soak
soak: build ## Crowds of 2,000 followers that come and go, in ways the small tests do not reach
	CMDCTL_SOAK=1 CMDCTL_BIN_DIR=.build/release scripts/test-python overload.test_leaks overload.test_dead_peers

CRASHES ?= 200

.PHONY: crash
crash: build ## Kill the daemon, and shims, at CRASHES moments each, under busy clients
	swift build --build-tests
	CMDCTL_CRASHES=$(CRASHES) CMDCTL_BIN_DIR=.build/release swift test --skip-build \
		--filter 'DaemonCrashTests|ShimCrashTests|StopPointTests'

JOBS ?= 1000

.PHONY: storm
storm: build ## Kill the daemon and shims among JOBS jobs of every kind: nothing may be left (SEED=n)
	JOBS=$(JOBS) CMDCTL_BIN_DIR=.build/release scripts/storm

FUZZ_SECONDS ?= 60
TARGET ?= all

.PHONY: fuzz
fuzz: setup ## Damaged input for every reader (TARGET=index FUZZ_SECONDS=1200 for one, longer)
	@scripts/fuzz $(TARGET) $(FUZZ_SECONDS)

.PHONY: sim
sim: setup ## Run 10,000 seeds on simulated machines (SEEDS=n, FIRST=n), or replay one (SEED=n)
	@scripts/simulate

.PHONY: sim-planted
sim-planted: setup ## Plant the bugs of Tests/Planted, one by one: each must be found in 1,000 seeds
	@scripts/planted-bugs

BENCH := CMDCTL_BIN_DIR=.build/release scripts/bench

.PHONY: bench-setup
bench-setup:
	@scripts/setup --benchmarks

.PHONY: bench-test
bench-test: bench-setup build
	CMDCTL_BIN_DIR=.build/release PYTHONPATH=Benchmarks/harness \
		python3 -B -m unittest discover --start-directory Benchmarks/tests/peers

.PHONY: bench
bench: bench-test ## Every benchmark beside its peers, in five rounds, in about an hour: table, figures, plots (root)
	$(BENCH) all

.PHONY: bench-quick
bench-quick: bench-setup build ## The same at small sizes, in under three minutes after the build (root)
	$(BENCH) all --quick

.PHONY: bench-check
bench-check: bench-setup build ## Say which goals of Benchmarks/thresholds.json are missed, by the last run or a quick one (root)
	$(BENCH) check

.PHONY: demo
demo: build ## See a job run, its output stream, another being stopped
	@scripts/demo

.PHONY: format
format: setup ## Lay the code out as `make lint` wants it
	swift format --in-place --parallel --recursive $(SOURCES)

.PHONY: clean
clean: ## Forget everything built
	rm -rf .build
