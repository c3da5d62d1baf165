#!/usr/bin/env bash
# Builds what is published for one target: make/release.sh TARGET [FOLDER]
#
# Writes countersign-VERSION-TARGET.tar.gz (.zip for Windows) and its bill of materials, .cdx.json, to FOLDER (dist unless
# given), and prints their SHA-256. With TAG set, it must be the version's. See docs/release.md.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -ge 1 ] && [ $# -le 2 ] || { echo 'usage: make/release.sh TARGET [FOLDER]' >&2; exit 2; }
target=$1
folder=${2:-dist}

python=$(command -v python3 || command -v python)
version=$("$python" make/version.py ${TAG:+"$TAG"})
program=$(make/build.sh "$target")
name=countersign-$version-$target
mkdir -p "$folder"
"$python" make/sbom.py "$target" "$program" > "$folder/$name.cdx.json"

files=(README.md LICENSE docs/policy.schema.json "countersign.cdx.json=$folder/$name.cdx.json")
for file in docs/man/*.1; do files+=("man/${file##*/}=$file"); done
for file in docs/completions/*; do files+=("completions/${file##*/}=$file"); done
kind=tar.gz
case $target in *-windows-*) kind=zip ;; esac
"$python" make/pack.py "$folder/$name.$kind" "$name/" "$program" "${files[@]}"
cd "$folder"
sha256sum "$name.$kind" "$name.cdx.json" || shasum -a 256 "$name.$kind" "$name.cdx.json"
