# Everything a person types. `make demo` and `make test` set up a bare machine first; later runs find that done.
STACK ?= demo
PYTHON ?= python3
BIN := .venv/bin
ENGINE := PATH="$(CURDIR)/.tools/bin:$$PATH"
export PULUMI_SKIP_UPDATE_CHECK ?= true

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
	cd tools/vcsim && $(ENGINE) go vet ./... && $(ENGINE) go test ./...

engine:
	$(BIN)/pytest -n 2 --dist loadfile tests/engine

preview: setup ## show what `make up STACK=…` would change
	@$(ENGINE) $(BIN)/mailstead check $(STACK) && $(ENGINE) pulumi preview --stack $(STACK) --diff

up: setup ## apply STACK to its vCenter
	@$(ENGINE) $(BIN)/mailstead check $(STACK) && $(ENGINE) pulumi up --stack $(STACK)

destroy: setup ## take STACK down; mail data stays unless the stack says by name that it may go
	@$(ENGINE) pulumi destroy --stack $(STACK)

clean: ## remove what set-up made in this folder (the shared cache stays)
	rm -rf .venv .tools .mailstead
