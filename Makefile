# Everything that a person does with this repository; `make help` lists it.
SHELL := /bin/bash
CACHE := $(or $(HYPERWRIGHT_CACHE),$(HOME)/.cache/hyperwright)
PYTEST := $(CACHE)/python/bin/pytest
JOBS := $(shell nproc)
BUILD := build/dev
# Kubernetes clusters that the end-to-end tests are spread over: they mostly wait.
CLUSTERS := $(shell echo $$(($$(nproc) + 1)))
# Rooms whose tests run under the sanitizers.
ASAN := kube hyperpod state
TSAN := client runtime
space := $(subst ,, )

.DEFAULT_GOAL := build
.PHONY: help setup build demo test unit e2e kills one mutants soak conformance properties bench bench-peers lint tidy format asan tsan clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the Debian packages that the build needs (quick when they are there)
	@scripts/setup build

build: setup ## build everything, into build/dev
	@cmake --preset dev $(if $(wildcard $(BUILD)/build.ninja),>/dev/null)
	@ninja -C $(BUILD) -j $(JOBS)

demo: setup ## the whole system in one process: watch it work (DEMO="--once --speed 600" for flags)
	@cmake --preset dev $(if $(wildcard $(BUILD)/build.ninja),>/dev/null)
	@ninja -C $(BUILD) -j $(JOBS) --quiet hyperwright
	@$(BUILD)/hyperwright demo $(DEMO)

test: ## install what the tests need, build, run all tests, the end-to-end ones on a real Kubernetes among them
	@$(MAKE) --no-print-directory build unit e2e

unit: build ## the tests of all rooms, and the scenarios
	@cd $(BUILD) && ctest --output-on-failure -j $(JOBS)

e2e: build ## the end-to-end tests on a real Kubernetes (T=name runs some)
	@scripts/setup test
	@scripts/kubernetes >/dev/null
	@HYPERWRIGHT_BINARY=$(CURDIR)/$(BUILD)/hyperwright $(PYTEST) tests/e2e -q -n $(CLUSTERS) $(if $(T),-k '$(T)')

kills: build ## SIGKILL the controller at 25 random moments (KILLS_SEED=n draws those of another run again)
	@scripts/setup test
	@scripts/kubernetes >/dev/null
	@HYPERWRIGHT_BINARY=$(CURDIR)/$(BUILD)/hyperwright $(PYTEST) tests/e2e -q -rP -m kills

one: setup ## build what one test needs and run it: make one T='Budget.*'
	@scripts/one '$(T)'

mutants: setup ## break each rule on purpose, and see how many seeds of the fault harness it takes until it is found
	@cmake --preset release >/dev/null && ninja -C build/release -j $(JOBS) --quiet sim_seeds && build/release/tests/sim_seeds --mutants

soak: setup ## many seeds of the fault harness, resumable: make soak SEEDS=20000 (FROM=1)
	@cmake --preset release >/dev/null && ninja -C build/release -j $(JOBS) --quiet sim_seeds && scripts/soak $(or $(SEEDS),20000) $(or $(FROM),1) $(JOBS)

conformance: setup ## which scenarios of Karpenter's conformance list hold, differ by decision, or are missing
	@cmake --preset dev $(if $(wildcard $(BUILD)/build.ninja),>/dev/null)
	@scripts/conformance --build $(BUILD)

properties: setup ## the solver's properties over 100,000 drawn clusters each (PROPERTIES="--cases 5000 --only Supply" for fewer)
	@scripts/properties $(PROPERTIES)

bench: setup ## print the figures (the end-to-end one needs `make test` to have run once)
	@scripts/bench

bench-peers: setup ## the solver beside Karpenter's own on the same workloads (PEERS=--quick for small ones)
	@scripts/bench-peers $(PEERS)

lint: ## the house rules, the format, and the static checks of changed files
	@scripts/setup lint
	@scripts/lint
	@scripts/format --check
	@scripts/tidy

format: ## rewrite the sources as .clang-format says
	@scripts/format

asan: setup ## tests of the rooms that read input, under the address and undefined behaviour sanitizers
	@cmake --preset asan >/dev/null && ninja -C build/asan -j $(JOBS) $(ASAN:%=%_test) && cd build/asan && ctest --output-on-failure -j $(JOBS) -R '^($(subst $(space),|,$(ASAN)))$$'

tsan: setup ## tests of the rooms that have threads, under the thread sanitizer
	@cmake --preset tsan >/dev/null && ninja -C build/tsan -j $(JOBS) $(TSAN:%=%_test) && cd build/tsan && ctest --output-on-failure -R '^($(subst $(space),|,$(TSAN)))$$'

clean: ## remove what was built here (the caches stay)
	rm -rf build
