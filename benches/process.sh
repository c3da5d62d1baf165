#!/usr/bin/env bash
# What one call costs as a whole process, in a static release build: benches/process.sh [--readme] [ROUNDS]
#
# Prints wall time, CPU time and peak memory of the hook on a few calls, each also as a ratio to an empty static program,
# from one interleaved run; what long lines cost by the KB; and how many calls a second `replay` judges. With --readme, the
# tables of README.md are written anew. Needs Rust and Linux on x86_64; see also benches/judge.rs for what the judge alone
# takes.
#
# Other guards are measured beside it where their programs are named: PEER_DCG (destructive_command_guard 0.4.1), PEER_NAH,
# PEER_SAFETY_NET, PEER_DIPPY (dippy-hook); and COUNTERSIGN_BEFORE, this guard before a change.
set -euo pipefail
cd "$(dirname "$0")/.."

readme=()
if [ "${1-}" = --readme ]; then
  readme=(--readme README.md)
  shift
fi
target=x86_64-unknown-linux-musl
jobs=${CARGO_BUILD_JOBS:-1}
if ! rustup target list --installed 2>/dev/null | grep -qx "$target"; then
  rustup target add "$target" >&2
fi
CARGO_BUILD_JOBS=$jobs make/build.sh "$target" >&2
# .cargo/config.toml is found from there, too, so all are linked alike.
(cd benches/process && cargo build --locked --jobs "$jobs" --release --target "$target" --target-dir ../../target/benches) >&2

# Copied, as an installation copies them: a linker leaves a file in small pieces in the page cache, and each call would pay
# for that (a fifth of what it takes).
programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT
cp "target/benches/$target/release/empty" "target/$target/release/countersign" "$programs"
"target/benches/$target/release/measure" "$programs/empty" "$programs/countersign" "$@" "${readme[@]}"
