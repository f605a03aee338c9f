# `make` alone lists the targets. Everything beyond Rust and Python 3 goes into target/ and .venv/.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv/bin/python
# The oldest cfn-lint that schemas/cfn-lint is for, and cfn-guard; the newest cfn-lint is in .venv.
OLDEST := target/cfn-lint-oldest
GUARD := target/cfn-guard/bin/cfn-guard
GUARD_VERSION := 3.2.1
FUZZ := target/cargo-fuzz/bin/cargo-fuzz
FUZZ_VERSION := 0.13.2
# How long each target is fuzzed, and which ones; all where none is named.
FUZZ_SECONDS ?= 600
FUZZ_TARGETS ?=
DENY := target/cargo-deny/bin/cargo-deny
DENY_VERSION := 0.20.2
RELEASE := target/release/bootstrap
TEMPLATES := $(wildcard cfn-templates/*.yaml)
MISTAKES := $(wildcard cfn-templates/examples/*-mistakes.yaml)
EXAMPLES := $(filter-out $(MISTAKES),$(wildcard cfn-templates/examples/*.yaml))
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

.PHONY: demo
demo: .venv/made build ## link an organization and share its licenses on a local cloud (KEEP=1 leaves it running)
	@cd tests && ../$(VENV) -m demo

.PHONY: demo-stop
demo-stop: .venv/made ## stop what `make demo KEEP=1` left running
	@cd tests && ../$(VENV) -m demo stop

.PHONY: test
test: .venv/made $(OLDEST)/made $(GUARD) build ## run every test: Rust, the local cloud against AWS's models, linters, end to end
	cargo test --workspace --locked
	cd tests && ../$(VENV) -m unittest discover -t . -s cfn_lint
	cd tests && ../$(VENV) -m unittest discover -t . -s url_check
	$(GUARD) test --rules-file schemas/guard/license-manager.guard --test-data tests/guard/license-manager.yaml
	$(GUARD) validate --rules schemas/guard --data $(TEMPLATES) $(EXAMPLES)
	$(VENV) tests/conformance/conformance.py target/debug/local-cloud
	cd tests && ../$(VENV) -m unittest discover -t . -s e2e

.PHONY: torture
torture: ## run the whole product of the fault and crash matrices, and print how many cases that is
	TORTURE=1 cargo test --locked --profile torture --package provider --test integration matrix -- --nocapture

.PHONY: mutants
mutants: .venv/made ## take one safeguard at a time out of the code: the fault matrix, or the test that is named, must fail without it
	cd tests && $(PYTHON) -m mutants

.PHONY: fuzz
fuzz: $(FUZZ) ## fuzz each target for FUZZ_SECONDS (600) on the pinned toolchain (needs a C++ compiler); FUZZ_TARGETS names some
	@$(PYTHON) tests/fuzz/run.py $(FUZZ) $(FUZZ_SECONDS) $(FUZZ_TARGETS)

.PHONY: check
check: .venv/made $(DENY) lint doc drift ## check format, lints, documentation, templates, schemas and dependencies
	cargo fmt --all --check
	$(VENV) -m ruff format --check provider schemas tests
	.venv/bin/cfn-lint --append-rules schemas/cfn-lint --template $(TEMPLATES) $(EXAMPLES)
	.venv/bin/cfn-lint --template $(MISTAKES)
	$(DENY) --locked check -D warnings bans licenses sources

.PHONY: fmt
fmt: .venv/made ## format Rust and Python
	cargo fmt --all
	$(VENV) -m ruff format provider schemas tests

.PHONY: lint
lint: .venv/made ## run clippy and ruff
	cargo clippy --workspace --all-targets --locked -- -D warnings
	$(VENV) -m ruff check provider schemas tests

.PHONY: doc
doc: ## build the documentation, warnings are errors
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

.PHONY: deny
deny: $(DENY) ## check the dependencies as `make check` does, and for advisories (fetches RustSec's database from GitHub)
	$(DENY) --locked check -D warnings

.PHONY: schemas
schemas: ## generate schemas/ and the README's property tables from the Rust types
	cargo run --locked --package provider --bin schemagen

.PHONY: release-schemas
release-schemas: ## freeze the schemas of the version in Cargo.toml in schemas/released/, until it is out
	cargo run --locked --package provider --bin schemagen -- --release

.PHONY: drift
drift: ## fail where schemas/ or the README differ from the Rust types
	cargo test --locked --package provider --test integration schemas::

.PHONY: build
build: ## build the release bootstrap and the local cloud
	cargo build --release --locked --package provider --bin bootstrap
	cargo build --locked --package local-cloud --bin local-cloud

.PHONY: package
package: build ## make the zip for Lambda, for this machine's architecture, and the list of what is in it (SBOM)
	@$(PYTHON) provider/package.py $(RELEASE) target/package

.PHONY: clean
clean: ## stop what `make demo KEEP=1` left running, and remove everything that was built
	@if ls .demo/*/kept.json >/dev/null 2>&1; then $(MAKE) --no-print-directory demo-stop; fi
	cargo clean
	rm -rf .venv .demo

.venv/made: tests/requirements.txt tests/make_venv.py
	$(PYTHON) tests/make_venv.py .venv tests/requirements.txt
	@touch $@

$(OLDEST)/made: tests/cfn_lint/oldest.txt tests/make_venv.py
	$(PYTHON) tests/make_venv.py $(OLDEST) tests/cfn_lint/oldest.txt
	@touch $@

# Not dependencies of the workspace: each would bring in a hundred crates, some of them no longer maintained.
$(GUARD): Makefile
	cargo install --quiet --debug --locked --version $(GUARD_VERSION) --root target/cfn-guard cfn-guard
	@touch $@

# For the same reason, and because only who fuzzes needs it.
$(FUZZ): Makefile
	cargo install --quiet --debug --locked --version $(FUZZ_VERSION) --root target/cargo-fuzz cargo-fuzz
	@touch $@

$(DENY): Makefile
	cargo install --quiet --debug --locked --version $(DENY_VERSION) --root target/cargo-deny cargo-deny
	@touch $@
