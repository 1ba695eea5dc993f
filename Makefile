# Everything a person types. `make demo` and `make test` set up a bare machine first; later runs find that done.
STACK ?= demo
PYTHON ?= python3
BIN := .venv/bin
FLAGS ?=
export PATH := $(CURDIR)/.tools/bin:$(PATH)
export PULUMI_SKIP_UPDATE_CHECK ?= true

# The state goes where `pulumi login` or PULUMI_BACKEND_URL says, else into this folder; a stack's first use makes it.
engine = set -e; \
	pulumi whoami --non-interactive >/dev/null 2>&1 || { \
		mkdir -p .mailstead/state; export PULUMI_BACKEND_URL="file://$(CURDIR)/.mailstead/state"; }; \
	pulumi stack select --create $(STACK) >/dev/null

.PHONY: help setup demo test lint unit engine preview up destroy clean

help: ## what can be typed
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: ## install what this machine lacks; instant when nothing is missing
	@$(PYTHON) tools/bootstrap.py

demo: ## size, plan and apply a whole mail platform on a simulated vCenter, then clean up
	@$(PYTHON) tools/bootstrap.py --keep-going
	@$(BIN)/mailstead demo

test: setup lint unit engine ## every check and test, as CI runs them

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit:
	$(BIN)/pytest -n 2 --ignore=tests/engine
	cd tools/vcsim && go vet ./... && go test ./...

engine:
	$(BIN)/pytest -n 2 --dist loadfile tests/engine

preview: setup ## show what `make up STACK=…` would change
	@$(BIN)/mailstead check $(STACK)
	@$(engine); pulumi preview --stack $(STACK) --diff $(FLAGS)

up: setup ## apply STACK to its vCenter; FLAGS go to pulumi, such as FLAGS=--yes
	@$(BIN)/mailstead check $(STACK)
	@$(engine); pulumi up --stack $(STACK) $(FLAGS)

destroy: setup ## take STACK down; mail data stays unless the stack says by name that it may go
	@$(engine); pulumi destroy --stack $(STACK) $(FLAGS)

clean: ## remove what set-up made in this folder (the shared cache stays)
	rm -rf .venv .tools .mailstead
