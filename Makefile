# Thin: every target calls a script or CMake. `make help` lists them.
export BUILD ?= build
PREFIX ?= /usr/local

.DEFAULT_GOAL := help
.PHONY: build run failover test drill snmp-drill busy compare testssl browser promtool ansible sanitize bench reloads failing walk fuzz install deb deb-test scenarios words format help real-checks vm-test checked vagrant-box

build: ## build everything into $(BUILD)
	@scripts/build

run: ## a two-node pair with a VIP, a client and three origins in network namespaces; Ctrl-C stops it
	@scripts/run

failover: ## make the active node of a running `make run` fail, print the outage; HOW=node|lbd|link|stop
	@scripts/failover $(HOW)

test: ## all tests; TEST=pattern runs the matching ones
	@scripts/test $(if $(TEST),'$(TEST)')

drill: build ## two nodes whose daemons are killed, frozen and cut off in random order, MINUTES (10); ARGS="--seed N --interval S"
	@scripts/pair drill_test.py --strict --minutes $(or $(MINUTES),10) $(ARGS)

snmp-drill: build ## daemons of two nodes are killed, frozen and cut off, told by the notifications of lbsnmpd; ARGS="--seconds N --seed N"
	@scripts/install-deps test
	@scripts/pair snmp_drill_test.py $(ARGS)

busy: build ## two nodes beside programs that want all processors, MINUTES (15): nothing may happen; ARGS="--help" lists the options
	@scripts/pair busy.py --minutes $(or $(MINUTES),15) $(ARGS)

compare: build ## outages of a pair of vrrpd beside a pair of keepalived, ROUNDS (15); ARGS="--help" lists the options
	@scripts/pair vrrp_compare.py --rounds $(or $(ROUNDS),15) $(ARGS)

testssl: build ## testssl.sh against lbd and haproxy with the same configuration; minutes
	@scripts/install-deps testssl
	@tests/peers/testssl.py

browser: build ## the statistics page in headless chromium; PICTURES=DIRECTORY keeps what it looks like
	@scripts/install-deps browser
	@PYTHONPATH=tests tests/flow/browser.py

promtool: build ## promtool of Prometheus over the exporter's metrics and docs/monitoring/alerts.yml
	@scripts/install-deps promtool
	@PYTHONPATH=tests TANDEM_BUILD=$(abspath $(BUILD)) tests/flow/promtool.py

real-checks: build ## the health checks that know a protocol against redis, MariaDB, PostgreSQL, OpenSMTPD and OpenLDAP
	@scripts/install-deps test real-checks
	@PYTHONPATH=tests TANDEM_BUILD=$(abspath $(BUILD)) tests/flow/real_servers.py

ansible: build ## Ansible's module for haproxy against haproxy and lbd
	@scripts/install-deps test ansible
	@PYTHONPATH=tests TANDEM_BUILD=$(abspath $(BUILD)) tests/peers/ansible.py

sanitize: ## all tests with AddressSanitizer and UBSan (WITH=thread: ThreadSanitizer); TEST=pattern
	@scripts/sanitize $(or $(WITH),address) $(if $(TEST),'$(TEST)')

bench: ## lbd beside haproxy and nginx on this machine; ARGS="--help" lists the options
	@scripts/bench $(ARGS)

failing: build ## servers that are killed, frozen, slowed and restarted under 5,000 requests a second; ARGS="--help"
	@scripts/install-deps bench
	@scripts/build bench
	@TANDEM_BUILD=$(abspath $(BUILD)) python3 bench/failing_servers.py $(ARGS)

checked: build ## what checks of 20,000 servers every two seconds cost, beside haproxy; ARGS="--help"
	@TANDEM_BUILD=$(abspath $(BUILD)) python3 bench/checked_servers.py $(ARGS)

reloads: build ## 20 reloads under 2,000 requests a second and 500 tunnels: what clients notice; ARGS="--help"
	@TANDEM_BUILD=$(abspath $(BUILD)) python3 bench/reloads.py $(ARGS)

walk: build ## SNMP walks of 10,000 servers, and what they do to lbd's answers; ARGS="--help"
	@scripts/install-deps test
	@TANDEM_BUILD=$(abspath $(BUILD)) scripts/bench_snmp $(ARGS)

fuzz: ## the fuzz targets, FUZZ_SECONDS each (60)
	@scripts/fuzz

install: ## the programs under $(PREFIX); DESTDIR is honoured
	@scripts/build
	@cmake --install $(BUILD) --prefix $(PREFIX)

deb: ## the Debian packages, into $(BUILD)/deb; FROM=DIRECTORY takes the programs that were built there
	@scripts/deb $(FROM)

deb-test: ## those packages in two booted containers: units, pair, upgrade under load, purge
	@scripts/deb_test

scenarios: ## power-off, freezes, cut cables, partitions, full disks … on such a pair, with limits; NAMES="power disk" plays these
	@scripts/deb_test scenarios $(NAMES)

vm-test: ## the same with two machines in qemu, each with a kernel of its own; minutes; NAMES="power clock" plays these
	@scripts/deb_test vm $(NAMES)

vagrant-box: ## a box for vagrant/ that needs no network, into $(BUILD)/tandem-lab.box; as root, minutes
	@scripts/install-deps vagrant
	@TANDEM_BUILD=$(abspath $(BUILD)) vagrant/box/build

words: build ## docs/words.md anew: every word that lbd knows
	@$(BUILD)/lbd -dKmarkdown > docs/words.md

format: ## clang-format over the tree
	@scripts/format

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16
