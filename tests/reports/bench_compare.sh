#!/bin/sh
# Google Benchmark's own JSON through compare: the same file twice passes, half of it is missing
# cases.  TAP.  Usage: bench_compare.sh BENCH ZEROGAP
bench=$(realpath "$1") zerogap=$(realpath "$2")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
echo "1..4"
"$bench" --benchmark_filter='lift_(apply|adjoint)/100/20' --benchmark_repetitions=6 \
    --benchmark_min_time=0.005 --benchmark_out="$work/base.json" \
    --benchmark_out_format=json > "$work/output.txt" 2>&1
status=$?
[ $status -eq 0 ] || sed 's/^/# /' "$work/output.txt"
[ $status -eq 0 ] && echo "ok 1 - benchmarks run" || echo "not ok 1 - benchmarks run"

# check NUMBER STATUS NAME COMMAND...
check() {
    number=$1 wanted=$2 name=$3
    shift 3
    "$@" > "$work/output.txt" 2>&1
    status=$?
    if [ $status -eq "$wanted" ]; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name: exit status $status, not $wanted"
        sed 's/^/# /' "$work/output.txt"
    fi
}
# Whatever the noise of this machine is.
check 2 0 "the same figures pass" "$zerogap" compare --allow 400 "$work/base.json" "$work/base.json"
"$zerogap" compare "$work/base.json" "$work/base.json" > "$work/table.txt"
check 3 0 "both benchmarks are matched" grep -q "2 cases matched" "$work/table.txt"
sed 's|lift_adjoint|lift_other|g' "$work/base.json" > "$work/new.json"
check 4 3 "a benchmark that is gone is no pass" "$zerogap" compare "$work/base.json" "$work/new.json"
