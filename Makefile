# Everything a person types. `make demo` and `make test` set up a bare machine first; later runs find that done.
PYTHON ?= python3
STACK ?=
ARGS ?=
FLAGS ?=
BIN := .venv/bin
SETUP := $(PYTHON) tools/bootstrap.py
export PATH := $(CURDIR)/.tools/bin:$(PATH)
export PULUMI_SKIP_UPDATE_CHECK ?= true
export MAILSTEAD_LEDGERS ?= $(CURDIR)/.mailstead/ledgers
# Word by word as typed: the name of a resource has dollar signs in it, which neither make nor a shell may expand.
export MAILSTEAD_ARGS = $(value ARGS)

# What is missing is said at once, before anything is installed or checked.
ready = $(PYTHON) tools/ready.py $@ "$(STACK)"
# The state goes where `pulumi login` or PULUMI_BACKEND_URL says, else into this folder (without the side files that a kill can
# damage: docs/interrupted.md); a stack's first use makes it.
engine = set -e; \
	pulumi whoami --non-interactive >/dev/null 2>&1 || { \
		mkdir -p .mailstead/state; export PULUMI_BACKEND_URL="file://$(CURDIR)/.mailstead/state?metadata=skip"; }; \
	pulumi stack select --create $(STACK) >/dev/null
# What a killed engine left under way. The engine would only say so once it makes it a second time.
interrupted = pulumi stack export --stack $(STACK) | $(PYTHON) tools/interrupted.py
# What asks vCenter beside the engine can't decrypt the stack file: where the environment has no password, the engine tells it.
login = export VSPHERE_PASSWORD="$${VSPHERE_PASSWORD:-$$(pulumi config get vsphere:password --stack $(STACK) 2>/dev/null || true)}"
pages = echo 'docs/edits.md says what may be edited and how to let go of what is protected, docs/interrupted.md how to go on.' >&2;
# A preview of what `up` would do goes through the review, which ends all where it is unsafe. No --refresh: one may lose a VM that is there
# (docs/preflight.md); preflight and the hooks look at vCenter themselves.
review = seen=$$(mktemp -d); trap 'rm -rf "$$seen"' EXIT; \
	pulumi preview --stack $(STACK) --json --show-sames $(filter-out --yes -y --skip-preview -f --diff,$(FLAGS)) >"$$seen/preview.json" || true; \
	$(BIN)/mailstead review "$$seen/preview.json" --stack $(STACK) || { code=$$?; [ $$code = 2 ] || { \
		echo 'Nothing was changed. docs/review.md says what a finding means, and how one that is meant may pass.' >&2; $(pages) exit $$code; }; }

# A preview compares with the engine's state, which knows neither which vCenter it is nor which disk: the ledger speaks first, and at the end.
recorded = seen=0; $(BIN)/mailstead ledger check $(STACK) || seen=$$?
as_recorded = [ $$seen != 3 ] || { \
	echo 'make up would refuse this: vCenter is not as the ledger has it, or has what no ledger knows, as is said above the preview. Nothing was changed.' >&2; exit 3; }

.PHONY: help setup demo preview up destroy pulumi test lint unit engine clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: ## install what this machine lacks; instant when nothing is missing
	@$(SETUP)

demo: ## size, plan and apply a whole mail platform on a simulated vCenter, then clean up
	@$(SETUP) --keep-going
	@$(BIN)/mailstead demo

preview: ## show what `make up STACK=NAME` would change
	@$(ready)
	@$(SETUP)
	@$(BIN)/mailstead check $(STACK)
	@$(engine); $(login); $(recorded); pulumi preview --stack $(STACK) --diff $(FLAGS); $(interrupted); $(as_recorded)

up: ## apply STACK=NAME to its vCenter; FLAGS go to pulumi, such as FLAGS=--yes
	@$(ready)
	@$(SETUP)
	@$(BIN)/mailstead check $(STACK)
	@$(engine); $(interrupted); $(login); $(BIN)/mailstead preflight $(STACK); $(review); \
	pulumi up --stack $(STACK) $(FLAGS) || { code=$$?; $(BIN)/mailstead ledger write $(STACK) || true; $(pages) exit $$code; }; \
	$(BIN)/mailstead ledger write $(STACK)

destroy: ## take STACK=NAME down; mail data stays unless the stack says by name that it may go
	@$(ready)
	@$(SETUP)
	@$(engine); pulumi destroy --stack $(STACK) $(FLAGS) || { code=$$?; \
		echo 'What keeps mail data is protected. To let go of it, which stops and deletes no VM: drain the servers, then' >&2; \
		echo "  make pulumi STACK=$(STACK) ARGS='state unprotect --all'" >&2; \
		echo 'and again make destroy. docs/edits.md says all of it ("Taking a server out").' >&2; exit $$code; }; \
	$(login); $(BIN)/mailstead ledger write $(STACK) --accept >/dev/null
	@echo 'stacks/Pulumi.$(STACK).yaml stays. Before any "stack rm" read docs/stack.md: alone it deletes that file.'

pulumi: ## any other call of pulumi on STACK=NAME, such as ARGS=cancel or ARGS='stack --show-ids'
	@$(ready)
	@$(SETUP) >&2 # so that what pulumi prints, such as a preview as JSON, can go into a file
	@$(engine); exec $(PYTHON) -c 'import os, shlex, sys; \
		os.execvp("pulumi", ["pulumi", *shlex.split(os.environ["MAILSTEAD_ARGS"]), "--stack", sys.argv[1]])' $(STACK)

test: setup lint unit engine ## every check and test, as CI runs them

lint: setup ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: setup ## the tests that need no engine
	$(BIN)/pytest -n 2 --ignore=tests/engine
	cd tools/vcsim && go vet ./... && go test ./...

engine: setup ## the tests with the real engine on a simulated vCenter
	$(BIN)/pytest -n 2 --dist loadfile tests/engine

clean: ## remove what set-up made in this folder (the shared cache stays)
	rm -rf .venv .tools .mailstead
