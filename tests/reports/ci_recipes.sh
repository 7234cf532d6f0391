#!/bin/sh
# The recipes of docs/ci.md, taken out of the document and run: a baseline, the same again, an injected
# slowdown (1), an injected wrong answer (2), an empty suite (3).  TAP.
# Usage: ci_recipes.sh ZEROGAP EDIT_LOG CI.md
zerogap=$(realpath "$1") edit_log=$(realpath "$2") document=$3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/build" "$work/base" "$work/base/build"
ln -s "$zerogap" "$work/build/zerogap"
ln -s "$zerogap" "$work/base/build/zerogap"
PATH="$work/build:$PATH"
cd "$work" || exit 1
count=0

# expect STATUS NAME COMMAND...: one test point.
expect() {
    wanted=$1 name=$2
    shift 2
    "$@" > output.txt 2>&1
    got=$?
    count=$((count + 1))
    if [ "$got" -eq "$wanted" ]; then
        echo "ok $count - $name"
    else
        echo "not ok $count - $name: exit status $got, not $wanted"
        sed 's/^/# /' output.txt
    fi
}

# block LINE: the fenced block of the document that begins with the line.
block() {
    awk -v first="$1" '/^```/ { open = !open; n = 0; next } open && ++n == 1 { wanted = $0 == first }
        open && wanted' "$document"
}

# commands LINE: the shell lines of the YAML recipe in that block, from "set +e" to "exit".
commands() {
    block "$1" | sed -n '/set +e/,/exit \$/p' | sed 's/^ *//; s|^PATH=.*||; s|\.\./base/|base/|'
}

cat > ci.yaml <<'YAML'
suite: ci
about: Small enough for a test, repeated often enough for a gate.
limits: {seconds: 20, memory_mb: 2048}
tolerance: 1.0e-6
repeat: 8
data:
  - {name: tiny, generator: planted, n: 40, d: 4, neurons: 3, noise: 0.1, seed: 0}
model:
  - {activation: relu2, loss: squared, beta: 0.1}
methods:
  - {method: adam, neurons: 10, learning_rate: 0.01, epochs: 6000}
YAML
sed 's/^methods:/expect:\n  - {data: tiny, method: adam, objective: 1.0e-3, rtol: 1.0e-9}\nmethods:/' ci.yaml > wrong.yaml
sed '/^  - {method/d; s/^methods:/methods: []/' ci.yaml > empty.yaml

echo "1..14"
block "#!/bin/sh" > zerogap-nightly
ALLOW=400
export ALLOW
expect 0 "cron: the first run becomes the baseline" sh zerogap-nightly ci.yaml store
sleep 1
expect 0 "cron: the same program passes" sh zerogap-nightly ci.yaml store
expect 0 "cron: pages are written" test -s store/report.html -a -s store/history.html
"$edit_log" 0.02 - store/baseline.ndjson faster.ndjson && cp store/baseline.ndjson keep.ndjson
cp faster.ndjson store/baseline.ndjson
sleep 1
expect 1 "cron: an injected slowdown" sh zerogap-nightly ci.yaml store
cp keep.ndjson store/baseline.ndjson
sleep 1
expect 2 "cron: an injected wrong answer" sh zerogap-nightly wrong.yaml store
sleep 1
expect 4 "cron: an empty suite is bad input" sh zerogap-nightly empty.yaml store

GITHUB_STEP_SUMMARY=$work/github.md
export GITHUB_STEP_SUMMARY
commands 'name: zerogap' | sed 's/--allow 5/--allow 400/' > github.sh
commands 'zerogap:' | sed 's/--allow 5/--allow 400/' > gitlab.sh
expect 0 "GitHub Actions: the same program passes" sh github.sh
expect 0 "GitHub Actions: the summary is written" grep -q "zerogap: nothing got worse" github.md
rm -f base.ndjson new.ndjson
expect 0 "GitLab CI: the same program passes" sh gitlab.sh

"$edit_log" 50 - new.ndjson slow.ndjson
expect 1 "compare: an injected slowdown" zerogap compare new.ndjson slow.ndjson
"$edit_log" 1 wrong new.ndjson refuted.ndjson
expect 2 "compare: a wrong answer" zerogap compare new.ndjson refuted.ndjson
head -n 1 new.ndjson > nothing.ndjson
expect 5 "compare: a run that was killed before its first case" \
  zerogap compare new.ndjson nothing.ndjson
sed 's/{name: tiny.*/{name: absent, source: annealing}/' ci.yaml > skipped.yaml
expect 3 "run: a suite whose cases are all skipped" zerogap run skipped.yaml --offline -o none.ndjson
expect 3 "compare: nothing was measured" zerogap compare new.ndjson none.ndjson
