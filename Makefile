# Everything is in scripts/; this file is the list of what there is.
.PHONY: help demo demo-reset test check bench faults generate build clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## set up what is needed and start a filled portal; Ctrl-C stops it, its data stays; PORT=9000 for another port
	@scripts/setup && exec bin/ouderportaal demo $(if $(PORT),--port $(PORT))

demo-reset: ## empty the demo
	@scripts/demo-reset

test: ## set up and run every test: Go with race detector on real servers, then browser journeys
	@scripts/test

check: ## formatting, vet, staticcheck, types, freshness of generated code, architecture, budgets
	@scripts/check

bench: ## measure against the plain alternatives; results in bench/README.md
	@scripts/bench

faults: ## kill processes and wipe Redis while 10,000 mails are on their way, and look that each comes once; some ten minutes
	@scripts/faults

generate: ## templ to Go, browser assets
	@go tool templ generate && npm run build

build: ## bin/ouderportaal and bin/ouderportaal-images
	@scripts/setup

clean: ## remove what was built; demo data stays
	@rm -rf bin .build node_modules internal/ui/dist/* && touch internal/ui/dist/.gitkeep
