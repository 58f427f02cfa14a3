# The door to everything that is built, started or checked here. `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test setup assets build fmt lint unit e2e torture deny doc fuzz footprint bench-ingest bench-tus bench-web bench-pages lighthouse interaction kill-loop failpoints reliability hygiene \
  postgres postgres-stop clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 22

demo: ## build what is needed and start the service with a simulated TikTok on loopback
	@scripts/demo.sh $(ARGS)

test: ## everything that is checked before a change is accepted
	@scripts/test.sh

setup: ## install or name what is missing on this machine
	@scripts/setup.sh build test

assets: ## bundle the browser's files into crates/web/assets/dist
	@scripts/setup.sh build
	@scripts/assets.sh

build: assets ## build the binary
	cargo build --locked -p moloko

fmt: ## format the Rust code
	cargo fmt --all

lint: assets ## lints as errors
	@scripts/test.sh format lint

unit: assets ## Rust tests on SQLite and PostgreSQL
	@scripts/test.sh unit

e2e: assets ## the whole story in a real browser, and the crash tests, against the binary
	@scripts/test.sh browser

torture: assets ## a thousand seeded stories of faults against the release binary; MOLOKO_TORTURE_SEEDS=N tells more
	@scripts/test.sh torture

kill-loop: assets ## kill -9 at random moments of a publish, RUNS=1000 LANES=2 SEED=... MINUTES=...
	cargo build --locked --quiet -p moloko
	node tests/e2e/crash/kill_loop.mjs

failpoints: assets ## end the process at every arrow of the attempt machine
	cargo build --locked --quiet -p moloko --features failpoints
	cp target/debug/moloko target/moloko-failpoints
	cargo build --locked --quiet -p moloko
	MOLOKO_TEST_BINARY=$(CURDIR)/target/moloko-failpoints node tests/e2e/crash/failpoints.mjs

reliability: failpoints kill-loop ## real processes in every trouble of docs/reliability.md; about half an hour
	node tests/e2e/crash/two_nodes.mjs
	node tests/e2e/crash/database.mjs
	node tests/e2e/crash/disk.mjs
	node tests/e2e/crash/clock.mjs
	node tests/e2e/crash/network.mjs
	node tests/e2e/crash/key_rotation_nodes.mjs
	cargo build --locked --quiet -p store --example storage --features testing-bucket
	node tests/e2e/crash/bucket.mjs
	node tests/e2e/crash/backup_bucket.mjs

fuzz: ## damaged files, answers and headers for the parsers, without end; ROUNDS=N ends after N rounds, SEED=N repeats one
	@scripts/fuzz.sh $(ROUNDS)

deny: ## licences, bans and sources of every dependency
	@scripts/test.sh policy

doc: assets ## the API documentation, warnings as errors
	@scripts/test.sh doc

footprint: assets ## start time, idle memory, memory under load of the release binary
	cargo build --locked --release -p moloko
	MOLOKO_TEST_BINARY=$(CURDIR)/target/release/moloko node tests/e2e/footprint.mjs

bench-ingest: assets ## upload ingest of the release binary against nginx (Debian packages nginx and curl)
	cargo build --locked --release -p moloko
	@scripts/bench-ingest.sh

bench-tus: assets ## the same against two public servers of its protocol, @tus/server and rustus (fetched into target/tools)
	cargo build --locked --release -p moloko
	@scripts/bench-tus.sh

bench-web: assets ## a queue page of the release binary against an axum hello (Debian package wrk)
	@scripts/bench-web.sh

bench-pages: assets ## every page in a workspace of 100,000 posts over a loopback socket, on SQLite and PostgreSQL
	@scripts/postgres.sh start
	MOLOKO_TEST_POSTGRES_URL=$$(scripts/postgres.sh url) cargo bench --locked -p web --bench pages

lighthouse: assets ## Lighthouse in its phone profile over the pages of the release binary (fetched into tests/lighthouse/node_modules)
	cargo build --locked --release -p moloko
	[ -d tests/lighthouse/node_modules ] || (cd tests/lighthouse && npm ci --no-audit --no-fund --loglevel=error)
	MOLOKO_TEST_BINARY=$(CURDIR)/target/release/moloko node tests/lighthouse/pages.mjs $(PAGES)

interaction: assets ## how long interactions take to their paint on a throttled phone profile of Chromium; ARGS="--turns=30"
	cargo build --locked --release -p moloko
	[ -d tests/e2e/node_modules ] || (cd tests/e2e && npm ci --no-audit --no-fund --loglevel=error)
	MOLOKO_TEST_BINARY=$(CURDIR)/target/release/moloko node tests/e2e/interaction.mjs $(ARGS)

hygiene: ## what must not be in the repository
	@scripts/hygiene.sh

postgres: ## start the private PostgreSQL of the tests and print its address
	@scripts/postgres.sh start && scripts/postgres.sh url

postgres-stop: ## stop it
	@scripts/postgres.sh stop

clean: ## remove what was built
	@scripts/postgres.sh stop >/dev/null 2>&1 || true
	rm -rf target crates/web/node_modules crates/web/assets/dist tests/e2e/node_modules tests/lighthouse/node_modules
