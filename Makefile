# Every command of this project. `make` alone lists them, from the text behind `##`.

VENV := .venv
VENV_AWS := .venv-aws
VENV_DEPLOY := .venv-deploy
VENV_DURABLE := .venv-durable
VENV_API := .venv-api
# Packages of npm, within the environment of Python that they are used with.
NODE_AWS := $(VENV_AWS)/node
# Clients that others wrote, and packages of npm.
VENV_CLIENTS := .venv-clients
NODE_CLIENTS := $(VENV_CLIENTS)/node
NODE_DURABLE := $(VENV_DURABLE)/node
# The region is for the checks of names and types only: `make validate` calls no AWS service.
AWS_DEFAULT_REGION ?= eu-central-1
# x86_64 or arm64, as the template's parameter Architecture: what samconfig.toml has of it, or the template's default.
ARCH ?= $(or $(shell .ci/deploy --saved),x86_64)

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-zA-Z0-9_-]+:.*## / { printf "  make %-28s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: ## Run the function locally: deliver every sample, then serve the journal on http://127.0.0.1:9000
	cargo build
	target/debug/cargo-switchboard switchboard run --events events

.PHONY: demo
demo: ## Deliver every sample and stop; fails if a sample failed
	cargo build
	target/debug/cargo-switchboard switchboard run --port 0 --events events --exit

# The choice of packages decides with which features dependencies are built. An example has dev-dependencies, as tests have, so what
# `make test` has built is used again.
BUILD := cargo build --workspace --exclude switchboard-benches --example echo

.PHONY: test
test: ## Run all tests
	cargo test --workspace --exclude switchboard-benches

.PHONY: test-otel
test-otel: ## Test traces, with a collector in the tests' own process
	cargo build --package lambda-switchboard --features otel --example observed --example traced
	cargo test --package lambda-switchboard --features otel --lib
	cargo test --package lambda-switchboard --features otel --test library -- traces:: telemetry::

.PHONY: test-api
test-api: $(VENV_API)/stamp ## Hold HTTP APIs against other people's clients: the journal against its OpenAPI document, an MCP server against agents
	$(BUILD) --bin switchboard --bin cargo-switchboard --bin switchboard-mcp
	$(VENV_API)/bin/python tests/api target/debug/cargo-switchboard target/debug/switchboard target/debug/switchboard-mcp

.PHONY: test-browser
test-browser: ## Test with a browser that no web page of another site can reach a function under `run` (Chromium or Chrome; BROWSER= for another)
	$(BUILD) --bin cargo-switchboard
	python3 tests/browser target/debug/cargo-switchboard target/debug/examples/echo $(BROWSER)

CONSOLE := crates/cargo-switchboard/console

.PHONY: console
console: $(CONSOLE)/node_modules/stamp ## Build the page of the console from its sources, into the files that are committed
	npm --prefix $(CONSOLE) run --silent check
	cd $(CONSOLE) && node build.mjs

# The pictures of each view stay in target/console.
.PHONY: test-console
test-console: $(CONSOLE)/node_modules/stamp ## Test the console of `run` with a browser, and that the committed page is what its sources give (BROWSER= for another)
	npm --prefix $(CONSOLE) run --silent check
	cd $(CONSOLE) && node build.mjs $(CURDIR)/target/console/dist
	diff -r $(CONSOLE)/dist target/console/dist
	$(BUILD) --bin cargo-switchboard --bin switchboard --example workflow
	node crates/cargo-switchboard/tests/console/check.mjs target/debug/cargo-switchboard target/debug/switchboard \
		target/debug/examples/workflow $(CONSOLE)/node_modules target/console $(BROWSER)

$(CONSOLE)/node_modules/stamp: $(CONSOLE)/package-lock.json
	npm ci --prefix $(CONSOLE) --no-audit --no-fund --silent
	touch $@

# Starts, crashes and restarts SOURCES × SEEDS processes.
SEEDS ?= 20
RECORDS ?= 100
SOURCES ?= kinesis dynamodb kafka sqs sqs-fifo sns s3 cloudwatch_events ses pipe-kinesis pipe-dynamodb pipe-sqs
# They change nothing but their answer, and may finish a record twice.
UNPROTECTED ?= kinesis-window dynamodb-window kinesis_firehose
SIMULATE = target/debug/cargo-switchboard switchboard simulate --seeds $(SEEDS) --records $(RECORDS) --reject-rate 0.02

.PHONY: simulate
simulate: ## Simulate every event source, with failures, crashes, timeouts and duplicates: is anything lost? (SEEDS= RECORDS= SOURCES=)
	cargo build --package cargo-switchboard --bin cargo-switchboard
	cargo build --package lambda-switchboard --example faulty
	for source in $(SOURCES) $(UNPROTECTED); do \
		$(SIMULATE) --source $$source -- target/debug/examples/faulty || exit; \
	done
	for source in $(SOURCES); do \
		$(SIMULATE) --source $$source --no-repeats --env FAULTY_IDEMPOTENT=1 -- target/debug/examples/faulty || exit; \
	done

# One choice of packages and features for all commands, so that cargo builds the AWS SDK only once. `--no-run` builds the companion's
# binary.
WITH_AWS := --package switchboard-function --package lambda-switchboard --package cargo-switchboard --package switchboard-aws \
	--package switchboard-test-support --features switchboard-test-support/dynamodb \
	--features switchboard-function/dynamodb,lambda-switchboard/dynamodb,lambda-switchboard/durable-client,cargo-switchboard/aws

.PHONY: test-aws
test-aws: $(NODE_AWS)/stamp $(VENV)/stamp $(VENV_CLIENTS)/stamp ## Test against AWS's side: stores and triggers on an emulator, Powertools in Python and TypeScript, log lines and metrics by their schema
	cargo test $(WITH_AWS) --lib -- store::dynamodb lambda_client:: doctor::live wire:: poll:: redrive:: arn:: bucket:: connection:: failure::
	.ci/test-aws $(VENV_AWS) cargo test $(WITH_AWS) --test library --test function -- idempotency_dynamodb:: journal_dynamodb:: journal_faults::
	$(MAKE) kill-dynamodb KILLS=20
	cargo test $(WITH_AWS) --test aws --no-run
	LAMBDA_EXECUTOR=local .ci/test-aws $(VENV_AWS) $(VENV_AWS)/bin/python crates/cargo-switchboard/tests/doctor/live.py target/debug/cargo-switchboard
	PATH="$(CURDIR)/$(VENV_CLIENTS)/bin:$$PATH" LAMBDA_EXECUTOR=local .ci/test-aws $(VENV_AWS) \
		$(VENV_AWS)/bin/python crates/cargo-switchboard/tests/aws/page.py target/debug/cargo-switchboard docs/triggers.md
	$(VENV_AWS)/bin/python crates/cargo-switchboard/tests/doctor/transform.py target/debug/cargo-switchboard
	$(VENV_AWS)/bin/python crates/cargo-switchboard/tests/doctor/fixed.py target/debug/cargo-switchboard $(VENV)/bin/cfn-lint
	$(BUILD) --bin switchboard --bin cargo-switchboard --example observed --example faulty
	AWS_LAMBDA_LOG_FORMAT=JSON POWERTOOLS_METRICS_NAMESPACE=Observed \
		target/debug/cargo-switchboard switchboard invoke --raw --binary target/debug/examples/observed \
		events/s3 events/dynamodb events/kinesis events/cloudwatch_events 2>&1 >/dev/null \
		| $(VENV_AWS)/bin/python crates/switchboard/tests/telemetry/check.py
	AWS_DEFAULT_REGION=eu-west-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test \
		$(VENV_AWS)/bin/python crates/cargo-switchboard/tests/aws/lambda_api.py target/debug/cargo-switchboard target/debug/examples/echo
	AUTH=true LAMBDA_EXECUTOR=local MINISTACK_HOST=eu-west-1.amazonaws.com .ci/test-aws $(VENV_AWS) cargo test $(WITH_AWS) --test aws

# One version, as cargo-deny's. Built without optimisation: a minute or two, once.
WEB_ADAPTER_VERSION := 1.0.0-rc1
WEB_ADAPTER := target/tools/lambda_web_adapter-$(WEB_ADAPTER_VERSION)

.PHONY: test-clients
test-clients: $(NODE_CLIENTS)/stamp $(WEB_ADAPTER)/bin/lambda-adapter ## Test `run` with clients that others wrote: runtimes in Python and Node.js, the Web Adapter, AWS SDKs and the AWS CLI
	$(BUILD) --bin cargo-switchboard
	$(VENV_CLIENTS)/bin/python crates/cargo-switchboard/tests/clients/check.py \
		target/debug/cargo-switchboard target/debug/examples/echo $(NODE_CLIENTS)/node_modules $(WEB_ADAPTER)/bin/lambda-adapter

.PHONY: web-adapter
web-adapter: $(WEB_ADAPTER)/bin/lambda-adapter

$(WEB_ADAPTER)/bin/lambda-adapter:
	CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --locked --debug --version $(WEB_ADAPTER_VERSION) --root $(WEB_ADAPTER) lambda_web_adapter

.PHONY: test-durable
test-durable: $(NODE_DURABLE)/stamp ## Test durable executions with AWS's SDKs for Python and JavaScript, on the service of `run --durable`
	$(BUILD) --bin cargo-switchboard
	python3 crates/cargo-switchboard/tests/durable/scenarios.py \
		target/debug/cargo-switchboard $(VENV_DURABLE)/bin/python $(NODE_DURABLE)/node_modules

# A workspace of its own, for a newer compiler and a newer AWS SDK. They share what they can.
DURABLE_HANDLERS := --locked --manifest-path crates/switchboard-durable/Cargo.toml --target-dir target

# How many times `simulate --durable` crashes the example `checkout` in other ways: four a second.
CHECKOUT_SEEDS ?= 40

.PHONY: test-handlers
test-handlers: ## Test durable handlers on AWS's SDK for Rust, and crash the example `checkout` (CHECKOUT_SEEDS=)
	cargo clippy $(DURABLE_HANDLERS) --all-targets -- -D warnings
	cargo build $(DURABLE_HANDLERS) --examples
	cargo test $(DURABLE_HANDLERS)
	$(BUILD) --bin cargo-switchboard
	target/debug/cargo-switchboard switchboard simulate --durable --event crates/switchboard-durable/examples/checkout/order.json \
		--callback true --seeds $(CHECKOUT_SEEDS) -- target/debug/examples/checkout

# What is deployed: the stock function with its journal in DynamoDB, and without SQLite.
DEPLOYED := --no-default-features --features dynamodb

# The emulator runs the function on this machine.
HOST_ARCH := $(subst aarch64,arm64,$(shell uname -m))

.PHONY: build-here
build-here:
	$(MAKE) build ARCH=$(HOST_ARCH)

.PHONY: e2e
e2e: $(VENV_AWS)/stamp build-here ## Test the deployed function: build it, deploy it to an emulator of AWS, trigger every source
	$(VENV_AWS)/bin/python tests/e2e $(HOST_ARCH) target/lambda/switchboard/bootstrap.zip

# Copies are measured, as copies are deployed: the linker's own file runs one or two per cent slower, because of how it is in memory.
MEASURED := bare five_sources instrumented lanes plain streamed switchboard switchboard-benches typed typed_plain untagged

.PHONY: bench
bench: ## Measure against functions written by hand: ratios, side by side in one run (ROWS=TEXT for some)
	mkdir -p target/bench
	cargo build --release --bin switchboard $(DEPLOYED)
	cp target/release/switchboard target/bench/switchboard-deployed
	cargo build --release --bin switchboard
	cargo build --release --package switchboard-benches
	cp $(addprefix target/release/,$(MEASURED)) target/bench
	cargo build --release --package switchboard-benches --bin switchboard-benches --features dynamodb
	cp target/release/switchboard-benches target/bench
	target/bench/switchboard-benches $(ROWS)

# Every event has its own request id and trace, so anything that a process keeps shows. An empty value means all.
soak: SOURCES =
N ?= 1000000

.PHONY: soak
soak: ## Send a million events of each source in each mode: memory, descriptors and threads must not grow (N= SOURCES= MODES=)
	mkdir -p target/bench
	cargo build --release --package switchboard-benches
	cp $(addprefix target/release/,bare five_sources switchboard-benches) target/bench
	target/bench/switchboard-benches soak "$(N)" "$(SOURCES)" "$(MODES)"

# With VERIFY=--verify cargo builds each package from its archive as well: minutes, for the AWS SDK is among what is built.
VERIFY ?=

.PHONY: package
package: ## Make the packages to publish and check what is in them (VERIFY=--verify builds each)
	.ci/package $(VERIFY)

ROUNDS ?=

.PHONY: weight
weight: ## Count the packages of a function with and without the library (ROUNDS=2 builds them too: seconds of a processor; ROWS=TEXT some)
	.ci/weight $(if $(ROUNDS),--seconds $(ROUNDS) "$(ROWS)")

PUBLISHED := --package lambda-switchboard --package lambda-event-source-mapping --package lambda-sandbox --package switchboard-aws --package cargo-switchboard

.PHONY: msrv
msrv: ## Check that what is published compiles with the oldest compiler it promises, if rustup has it
	cargo +$(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) check --locked --all-features $(PUBLISHED)

# docs.rs uses a nightly compiler, and `--cfg docsrs` puts the features that an item needs beside it.
.PHONY: docs-rs
docs-rs: ## Build the documentation of what is published as docs.rs does; needs a nightly compiler
	RUSTDOCFLAGS="--cfg docsrs -D warnings" cargo +nightly doc --locked --no-deps --all-features $(PUBLISHED)

# One version, as cargo-deny's. It needs a C++ compiler, for libFuzzer.
CARGO_FUZZ := 0.13.2
FUZZ := target/tools/cargo-fuzz-$(CARGO_FUZZ)
# Targets (all by default), and how long each runs.
TARGET ?=
SECONDS ?= 60

.PHONY: fuzz
fuzz: $(FUZZ)/bin/cargo-fuzz ## Fuzz everything that reads or writes, and print the number of executions (TARGET= SECONDS=)
	.ci/fuzz $(FUZZ)/bin/cargo-fuzz $(SECONDS) $(TARGET)

$(FUZZ)/bin/cargo-fuzz:
	CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --locked --debug --version $(CARGO_FUZZ) --root $(FUZZ) cargo-fuzz

# One version, as cargo-fuzz's.
CARGO_MUTANTS := 27.1.0
MUTANTS := target/tools/cargo-mutants-$(CARGO_MUTANTS)
# A part of a path, such as batch/pass.rs; and one part of many, such as 0/20. Everything takes hours.
FILE ?=
SHARD ?=

.PHONY: mutants
mutants: $(MUTANTS)/bin/cargo-mutants ## Change one place of the library at a time, and list the changes that no test notices (FILE= SHARD=)
	$(MUTANTS)/bin/cargo-mutants mutants --package lambda-switchboard --output target/mutants $(addprefix --re=,$(FILE)) $(addprefix --shard=,$(SHARD))

$(MUTANTS)/bin/cargo-mutants:
	CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --locked --debug --version $(CARGO_MUTANTS) --root $(MUTANTS) cargo-mutants

# Which stores, how many kills for each, and the seed of their moments.
STORES ?= sqlite dynamodb
KILLS ?= 1000
SEED ?= 1

.PHONY: kill
kill: $(addprefix kill-,$(STORES)) ## Kill the process a thousand times for each store while it writes: is anything lost, repeated, locked or damaged? (STORES= KILLS= SEED=)

KILL = --package switchboard-function --test function -- --nocapture --test-threads 1

.PHONY: kill-sqlite
kill-sqlite:
	cargo build --package lambda-switchboard --example faulty
	KILLS=$(KILLS) SEED=$(SEED) cargo test $(KILL) kill::sqlite::

# DynamoDB is an emulator's.
.PHONY: kill-dynamodb
kill-dynamodb: $(VENV_AWS)/stamp
	cargo build $(WITH_AWS) --bin switchboard --example faulty
	KILLS=$(KILLS) SEED=$(SEED) .ci/test-aws $(VENV_AWS) cargo test $(WITH_AWS) $(KILL) kill::dynamodb::

.PHONY: build
build: $(VENV_DEPLOY)/stamp ## Build the zip for Lambda: target/lambda/switchboard/bootstrap.zip (ARCH=x86_64 or arm64)
	PATH="$(CURDIR)/$(VENV_DEPLOY)/bin:$$PATH" \
		cargo lambda build --release --bin switchboard --output-format zip --$(subst _,-,$(ARCH)) --lambda-dir target/lambda
	.ci/artifact $(ARCH) target/lambda/switchboard/bootstrap.zip

.PHONY: deploy
deploy: $(VENV_DEPLOY)/stamp ## Build and deploy with SAM; asks for each setting the first time, and saves the answers in samconfig.toml
	PATH="$(CURDIR)/$(VENV_DEPLOY)/bin:$$PATH" SAM_CLI_TELEMETRY=0 .ci/deploy $(ARCH)

.PHONY: validate
validate: $(VENV)/stamp $(VENV_DEPLOY)/stamp ## Check template.yaml with doctor, SAM, cfn-lint and checkov, without an AWS account
	cargo build
	target/debug/cargo-switchboard switchboard doctor
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$(AWS_DEFAULT_REGION) $(VENV_DEPLOY)/bin/sam validate --lint --template template.yaml
	$(VENV)/bin/cfn-lint --non-zero-exit-code informational --regions $(AWS_DEFAULT_REGION) -- template.yaml
	$(VENV)/bin/checkov --framework cloudformation --file template.yaml --skip-download --compact --quiet

# One version, so that a new rule arrives by a change of ours. Built without optimisation: two minutes, once.
CARGO_DENY := 0.20.2
DENY := target/tools/cargo-deny-$(CARGO_DENY)

.PHONY: deny
deny: $(DENY)/bin/cargo-deny ## Check the licences, bans and sources of all dependencies against .cargo/deny.toml
	$(DENY)/bin/cargo-deny --locked --log-level error check licenses bans sources

$(DENY)/bin/cargo-deny:
	CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --locked --debug --no-default-features \
		--version $(CARGO_DENY) --root $(DENY) cargo-deny

# One version, as cargo-deny's. Built without optimisation: a minute of one processor's work, once.
MDBOOK_VERSION := 0.5.4
MDBOOK := target/tools/mdbook-$(MDBOOK_VERSION)
# The output of `cargo doc`, to check the links to the API documentation as well.
API ?=

.PHONY: docs
docs: $(MDBOOK)/bin/mdbook ## Build the book into target/book and check all links of the documentation, without a network (API=target/doc)
	$(MDBOOK)/bin/mdbook build docs
	.ci/book target/book $(API)

$(MDBOOK)/bin/mdbook:
	CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --locked --debug --no-default-features \
		--version $(MDBOOK_VERSION) --root $(MDBOOK) mdbook

# The stamp is written last, so an interrupted installation starts again.
$(VENV)/stamp: .ci/requirements.txt
$(VENV_AWS)/stamp: .ci/requirements-aws.txt
$(VENV_DEPLOY)/stamp: .ci/requirements-deploy.txt
$(VENV_CLIENTS)/stamp: .ci/requirements-clients.txt
$(VENV_DURABLE)/stamp: .ci/requirements-durable.txt
$(VENV_API)/stamp: .ci/requirements-api.txt
%/stamp:
	python3 -m venv --clear $*
	$*/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

$(NODE_AWS)/stamp: crates/switchboard/tests/powertools/package-lock.json $(VENV_AWS)/stamp
	mkdir -p $(@D)
	cp crates/switchboard/tests/powertools/package.json crates/switchboard/tests/powertools/package-lock.json $(@D)
	npm ci --prefix $(@D) --no-audit --no-fund --silent
	touch $@

# aws-lambda-ric has a part in C++: cmake comes from the environment of Python, the headers from the installation of Node.js.
CLIENTS := crates/cargo-switchboard/tests/clients
$(NODE_CLIENTS)/stamp: $(CLIENTS)/package-lock.json $(VENV_CLIENTS)/stamp
	mkdir -p $(@D)
	cp $(CLIENTS)/package.json $(CLIENTS)/package-lock.json $(@D)
	PATH="$(CURDIR)/$(VENV_CLIENTS)/bin:$$PATH" npm_config_nodedir="$$(node -p 'require("path").resolve(process.execPath, "../..")')" \
		npm ci --prefix $(@D) --no-audit --no-fund --silent
$(NODE_DURABLE)/stamp: crates/cargo-switchboard/tests/durable/package-lock.json $(VENV_DURABLE)/stamp
	mkdir -p $(@D)
	cp crates/cargo-switchboard/tests/durable/package.json crates/cargo-switchboard/tests/durable/package-lock.json $(@D)
	npm ci --prefix $(@D) --no-audit --no-fund --silent
	touch $@
