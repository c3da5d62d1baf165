#!/usr/bin/env bash
# Builds the program a second time, elsewhere and otherwise, and compares: make/reproduce.sh PROGRAM [TARGET]
#
# PROGRAM is what make/build.sh built, or what somebody published. The second build is of the crate as `cargo package`
# packs it, in a folder of another name, with another CARGO_HOME, user name, time zone, language, umask and number of jobs.
# Needs to find the crates: in this CARGO_HOME, or in the registry.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -ge 1 ] && [ $# -le 2 ] || { echo 'usage: make/reproduce.sh PROGRAM [TARGET]' >&2; exit 2; }
program=$(realpath "$1")
target=${2:-x86_64-unknown-linux-musl}
other=$(mktemp -d "${TMPDIR:-/tmp}/a second build, elsewhere.XXXXXX")
trap 'rm -rf "$other"' EXIT

cargo package --locked --no-verify --allow-dirty --target-dir "$other/packed" >&2
tar -xzf "$other"/packed/package/*.crate -C "$other"
mkdir -p "$other/cargo/registry"
for part in cache index; do
  from=${CARGO_HOME:-$HOME/.cargo}/registry/$part
  [ ! -d "$from" ] || cp -r "$from" "$other/cargo/registry/"
done
second=$(
  umask 027
  env -u CARGO_TARGET_DIR CARGO_HOME="$other/cargo" CARGO_BUILD_JOBS=1 TZ=Pacific/Chatham LANG=tr_TR.UTF-8 LC_ALL=C \
    USER=somebody LOGNAME=somebody SOURCE_DATE_EPOCH=1 "$other"/countersign-*/make/build.sh "$target"
)
sha256sum "$program" "$second"
cmp "$program" "$second" || { echo "make/reproduce.sh: the two builds differ" >&2; exit 1; }
echo 'the two builds are the same, byte for byte'
