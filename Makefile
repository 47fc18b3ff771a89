# Every command of this project. `make` alone lists them, from the text behind `##`.

VENV := .venv
VENV_AWS := .venv-aws
# The region is for the checks of names and types only: `make validate` calls no AWS service.
AWS_DEFAULT_REGION ?= eu-central-1
# arm64 or x86_64, as the template's parameter Architecture.
ARCHITECTURE ?= arm64

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-zA-Z0-9_-]+:.*## / { printf "  make %-28s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: ## Run the function locally: deliver every sample, then serve the journal on http://127.0.0.1:9000
	cargo build
	target/debug/cargo-switchboard switchboard run --events events

.PHONY: demo
demo: ## Deliver every sample and stop; fails if one of them did
	cargo build
	target/debug/cargo-switchboard switchboard run --port 0 --events events --exit

.PHONY: test
test: ## Run all tests
	cargo test --workspace --exclude switchboard-benches

# What it asks of the machine: SOURCES × SEEDS processes that are started, crashed and started again.
SEEDS ?= 20
RECORDS ?= 100
SOURCES ?= kinesis dynamodb sqs sqs-fifo sns s3 eventbridge
SIMULATE = target/debug/cargo-switchboard switchboard simulate --seeds $(SEEDS) --records $(RECORDS) --reject-rate 0.02

.PHONY: simulate
simulate: ## Deliver as AWS does, with failures, crashes, timeouts and duplicates: is anything lost? (SEEDS= RECORDS= SOURCES=)
	cargo build --bin cargo-switchboard --example faulty
	for source in $(SOURCES); do \
		$(SIMULATE) --source $$source -- target/debug/examples/faulty || exit; \
		$(SIMULATE) --source $$source --no-repeats --env FAULTY_IDEMPOTENT=1 -- target/debug/examples/faulty || exit; \
	done

.PHONY: test-aws
test-aws: $(VENV_AWS)/stamp ## Test the store in DynamoDB on an emulator of AWS, with Powertools in Python beside it
	cargo test --package switchboard --features dynamodb --lib -- store::dynamodb
	.ci/test-aws $(VENV_AWS) cargo test --package switchboard --features dynamodb --test idempotency_dynamodb --test journal_dynamodb

.PHONY: bench
bench: ## Measure against functions written by hand: ratios, side by side in one run (ROWS=TEXT for some)
	cargo build --release --bin switchboard --example five_sources
	cargo build --release --package switchboard-benches
	target/release/switchboard-benches $(ROWS)

.PHONY: validate
validate: $(VENV)/stamp ## Check template.yaml with SAM and cfn-lint, without an AWS account
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$(AWS_DEFAULT_REGION) $(VENV)/bin/sam validate --lint --template template.yaml
	$(VENV)/bin/cfn-lint --non-zero-exit-code informational --regions $(AWS_DEFAULT_REGION) -- template.yaml

# A stamp is made last: an installation that broke off is begun anew.
$(VENV)/stamp: .ci/requirements.txt
$(VENV_AWS)/stamp: .ci/requirements-aws.txt
%/stamp:
	python3 -m venv --clear $*
	$*/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

.PHONY: build-SwitchboardFunction
build-SwitchboardFunction: ## Build the function for AWS into ARTIFACTS_DIR (called by `sam build --build-in-source`)
	cargo lambda build --release --bin switchboard --$(subst _,-,$(ARCHITECTURE))
	cp target/lambda/switchboard/bootstrap "$(ARTIFACTS_DIR)/bootstrap"
