# Thin on purpose: installs what is missing, configures, builds, and does one job per target.
#   make        build build/zerogap and build/zerogap-verify
#   make demo   train on real data, prove the result, write a report
#   make test   all tests of the default tier
#   make fuzz   all readers under libFuzzer, for MINUTES (10)
#   make deb    Debian packages in BUILD/deb, looked at by lintian
#   make paper  reproduce the paper: a report with a verdict for every claim
BUILD ?= build
.DEFAULT_GOAL := all
.PHONY: all demo paper paper-full test check-all fuzz bench deb format drawing install clean

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD) $(NINJAFLAGS)

# The stamp is renewed when the package list changes, so that a second call starts at once.
$(BUILD)/packages.stamp: packages.txt scripts/install-packages
	@mkdir -p $(BUILD)
	@scripts/install-packages packages.txt
	@touch $@

$(BUILD)/build.ninja: $(BUILD)/packages.stamp
	@test -f $@ || meson setup $(BUILD) $(MESONFLAGS)
	@touch $@

demo: all
	@scripts/demo $(BUILD)

paper: all
	@scripts/paper $(BUILD)

paper-full: all
	@scripts/paper $(BUILD) full

test: all
	@scripts/test $(BUILD) default

check-all: all
	@scripts/install-packages packages-check.txt
	@scripts/check-all $(BUILD)

# MINUTES are shared by all targets, one after the other; needs clang, of packages-check.txt.
MINUTES ?= 10
fuzz: all
	@scripts/install-packages packages-check.txt
	@scripts/fuzz $(BUILD) $(MINUTES)

bench: all
	@scripts/bench $(BUILD)

deb:
	@scripts/install-packages packages-deb.txt
	@scripts/deb $(BUILD)

format:
	@git ls-files '*.c' '*.h' '*.cc' | xargs clang-format -i

# Needs graphviz, of packages-check.txt.
drawing:
	@dot -Tsvg docs/architecture.dot -o docs/architecture.svg

install: all
	@meson install -C $(BUILD)

clean:
	@rm -rf $(BUILD)
