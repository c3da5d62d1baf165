#!/usr/bin/env bash
# Fuzzes each target for a time: fuzz/run.sh [SECONDS-PER-TARGET] [TARGET…]
#
# Needs stable Rust, a C++ compiler and Python. It starts from what the project's tests hold (seeds.py), and from what earlier
# runs left in fuzz/target/corpus. What is found is minimized, and its file named. FUZZ_TARGET_DIR: where to build. FUZZ_SEED: where chance begins, so that the same is tried.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-20}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(protocol shell sql powershell code policy hook)
work=${FUZZ_TARGET_DIR:-$PWD/target}
host=$(rustc -vV | sed -n 's/^host: //p')
binary=$work/$host/release/fuzz
# A process keeps what policies leak, as the guard does, which ends after one call: so now and then a new one begins.
round=120
# The longest input, in bytes.
longest=8192

build() {
  # The fuzzer's counters, as cargo-fuzz has rustc put them in; naming the target keeps them out of build scripts.
  local flags=(-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-{level=4,inline-8bit-counters,pc-table,trace-compares})
  RUSTFLAGS=${flags[*]} CARGO_TARGET_DIR=$work cargo build --locked --release --target "$host"
}

# fuzz TARGET ARGUMENT…: the hook's home is a scratch one, and it is told of no project.
fuzz() {
  local target=$1
  shift
  env -u CLAUDE_PROJECT_DIR HOME="$work/home" FUZZ_TARGET="$target" "$binary" -timeout=20 -rss_limit_mb=3072 -detect_leaks=0 "$@"
}

# minimized TARGET FILE: the smallest input that is found to fail in the same way.
minimized() {
  local small=$2.min
  fuzz "$1" -minimize_crash=1 -max_total_time=30 -exact_artifact_path="$small" "$2" > /dev/null 2>&1 || true
  if [ -s "$small" ]; then printf '%s' "$small"; else printf '%s' "$2"; fi
}

# most LOG PATTERN: the greatest number that lines of this form say; 0 where none does.
most() {
  sed -nE "s/$2/\1/p" "$1" | sort -n | tail -1 | grep . || echo 0
}

# sum LOG PATTERN: all of them together.
sum() {
  sed -nE "s/$2/\1/p" "$1" | awk '{ all += $1 } END { print all + 0 }'
}

# Fuzzes a target; its log has all rounds.
try() {
  local target=$1 status=0 executions took start=$SECONDS left found
  local corpus=$work/corpus/$target artifacts=$work/artifacts/$target log=$work/$target.log
  mkdir -p "$corpus" "$artifacts" "$work/home"
  : > "$log"
  while left=$((seconds - (SECONDS - start))) && [ "$left" -gt 0 ] && [ "$status" -eq 0 ]; do
    fuzz "$target" -max_total_time=$((left < round ? left : round)) -max_len=$longest -dict="$work/seeds/$target.dict" \
      ${FUZZ_SEED:+-seed="$FUZZ_SEED"} -print_final_stats=1 -artifact_prefix="$artifacts/" "$corpus" "$work/seeds/$target" \
      >> "$log" 2>&1 || status=$?
  done
  # Ended from outside, or before it could say by what: that is no finding unless it comes again.
  if [ "$status" -gt 128 ] && [ -z "${again-}" ] && ! grep -q 'Test unit written' "$log"; then
    printf '%s: ended with %s, and left no input: once more (%s)\n' "$target" "$status" "$log.$status"
    mv "$log" "$log.$status"
    again=1 try "$target"
    return
  fi
  executions=$(sum "$log" '^stat::number_of_executed_units: *([0-9]+)') took=$((SECONDS - start))
  printf '%-10s %9s executions in %4s s, %6s/s, %6s edges, slowest %4s ms, most memory %5s KB (fuzzer: %s MB)' "$target" \
    "$executions" "$took" $((executions / (took > 0 ? took : 1))) "$(most "$log" '^.* cov: ([0-9]+) .*')" \
    $(($(most "$log" '^most: ([0-9]+) us.*') / 1000)) "$(most "$log" '^most: .*, ([0-9]+) KB')" \
    "$(most "$log" '^stat::peak_rss_mb: *([0-9]+)')"
  if [ "$status" -eq 0 ] && [ "$executions" -gt 0 ]; then
    printf '\n'
    return 0
  fi
  found=$(sed -n 's/.*Test unit written to //p' "$log" | tail -1)
  printf '\n*** FAILED: %s: ' "$target"
  { grep -m1 -A1 'panicked at' "$log" || grep -m1 -E '==ERROR|SUMMARY' "$log" || printf 'see %s\n' "$log"; } | tr '\n' ' '
  [ -z "$found" ] || printf '\n    %s' "$(minimized "$target" "$found")"
  printf '\n'
  return 1
}

build
./seeds.py "$work/seeds"
passed=0 failed=0
for target in "${targets[@]}"; do
  if try "$target"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done
printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$passed" -eq ${#targets[@]} ]
