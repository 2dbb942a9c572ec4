# `make` alone lists the targets. Needs Node and npm; the docker targets need only docker.

COMPOSE_FILE := docker-compose-dev.yaml
COMPOSE := docker compose -f $(COMPOSE_FILE)
QUINIELA := node dist/bundle/cli/main.js

# Two files that say what is up to date: npm's own record of what is installed, and our build's.
INSTALLED := node_modules/.package-lock.json
BUILT := dist/.built

# Folders count as sources: one changes when a file in it is renamed or deleted. With the dot the
# folder is not taken for the target of the same name.
SOURCES := tsconfig.json scripts/bundle.mjs scripts/build-stamp.mjs $(shell find src/. examples/. test/. bench/. -type d -o -name "*.ts")

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' Makefile

$(INSTALLED): package.json package-lock.json
	npm ci --ignore-scripts
	@touch $@

$(BUILT): $(INSTALLED) $(SOURCES)
	@rm -rf dist
	npm run build
	@touch $@

.PHONY: build
build: $(BUILT) ## Compile for this machine

.PHONY: demo
demo: $(BUILT) ## Run a whole lottery here (DATA=folder AGENCIES=5 DIALECT=native)
	@$(QUINIELA) demo \
	  $(if $(DATA),--data "$(DATA)") \
	  $(if $(AGENCIES),--agencies "$(AGENCIES)") \
	  $(if $(DIALECT),--dialect "$(DIALECT)")

.PHONY: test
test: $(BUILT) ## Run the tests (ONLY="ledger codec" for those files)
	node scripts/test.mjs $(ONLY)

.PHONY: torture
torture: $(BUILT) ## Run the tests that take minutes (ONLY="decoders kills", QUINIELA_SEED=n)
	node scripts/test.mjs --suite torture $(ONLY)

.PHONY: bench
bench: $(BUILT) ## Measure everything beside its peers (ARGS="--quick", ARGS="--only native")
	node dist/bench/main.js $(ARGS)

.PHONY: soak
soak: $(BUILT) ## Load a central for MINUTES=10, and tell whether its memory grows
	node dist/test/soak/main.js --minutes $(or $(MINUTES),10) $(ARGS)

.PHONY: mutants
mutants: $(BUILT) ## Break the program in small ways, and tell what no test notices (ARGS="--sample 100")
	node scripts/mutants.mjs $(ARGS)

.PHONY: api
api: $(BUILT) ## Write the reference of the public API to dist/api
	node scripts/api.mjs

.PHONY: test-containers
test-containers: $(BUILT) docker-image ## Run the black-box tests on real containers
	node scripts/test.mjs --suite containers

.PHONY: check
check: $(INSTALLED) ## Check types, lint and format
	npm run check
	npm run lint
	npm run format:check

.PHONY: docker-image
docker-image: ## Build server:latest and client:latest
	docker build -f ./server/Dockerfile -t server:latest .
	docker build -f ./client/Dockerfile -t client:latest .

.PHONY: docker-compose-up
docker-compose-up: docker-image ## Start the compose project, making up bets where there are none
	sh scripts/compose-data.sh $(COMPOSE_FILE)
	$(COMPOSE) up -d --build

.PHONY: docker-compose-down
docker-compose-down: ## Stop the compose project and remove it
	$(COMPOSE) stop -t 1
	$(COMPOSE) down --remove-orphans

.PHONY: docker-compose-logs
docker-compose-logs: ## Follow the compose project's logs
	$(COMPOSE) logs -f

.PHONY: clean
clean: ## Delete what was built and installed
	rm -rf dist node_modules
