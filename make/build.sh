#!/usr/bin/env bash
# The one way releases are built: make/build.sh TARGET
#
# The same source and the same compiler (rust-toolchain.toml) give the same bytes, wherever and by whom it is built: what
# lies in the builder's own paths and environment is kept out. Prints the path of the program on stdout.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -eq 1 ] || { echo 'usage: make/build.sh TARGET' >&2; exit 2; }
target=$1

# Whatever would change the flags. CARGO_TARGET_DIR, CARGO_HOME and CARGO_BUILD_JOBS may be as they like.
while IFS= read -r name; do
  case $name in
    CARGO_TARGET_DIR | CARGO_BUILD_JOBS) ;;
    RUSTFLAGS | RUSTC | RUSTC_* | CARGO_ENCODED_RUSTFLAGS | CARGO_INCREMENTAL | CARGO_PROFILE_* | CARGO_BUILD_* | CARGO_TARGET_*)
      unset "$name" ;;
  esac
done < <(compgen -e)

# As the compiler sees it, on Windows too.
path() {
  if command -v cygpath > /dev/null; then cygpath -w "$1"; else printf '%s\n' "$1"; fi
}

cargo fetch --locked --target "$target" >&2
home=${CARGO_HOME:-$HOME/.cargo}
! command -v cygpath > /dev/null || home=$(cygpath -u "$home")
folder=${CARGO_TARGET_DIR:-$PWD/target}
commit=$(rustc -vV | sed -n 's/^commit-hash: //p')
# The last one that fits counts.
flags="'--remap-path-prefix=$(path "$PWD")=/countersign', '--remap-path-prefix=$(path "$folder")=/countersign/target'"
flags+=", '--remap-path-prefix=$(rustc --print sysroot)/lib/rustlib/src/rust=/rustc/$commit'"
for registry in "$home"/registry/src/*/; do
  flags+=", '--remap-path-prefix=$(path "${registry%/}")=/registry'"
done

# Joined to the flags of .cargo/config.toml. What it says of each crate is kept beside the program.
suffix=
case $target in *-windows-*) suffix=.exe ;; esac
program=$folder/$target/release/countersign$suffix
mkdir -p "${program%/*}"
cargo build --locked --release --target "$target" --bin countersign --message-format json-render-diagnostics \
  --config "target.$target.rustflags = [$flags]" > "$program.artifacts.json"
printf '%s\n' "$program"
