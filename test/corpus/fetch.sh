#!/bin/sh
# Brings ONNX's own test data (the folder backend/test/data of the package `onnx`) into a folder.
# Usage: test/corpus/fetch.sh [FOLDER]    Needs Python 3 with pip.
set -eu
folder=${1:-"$(dirname "$0")/data"}
version=1.22.0
if [ -e "$folder/$version" ]; then
  echo "ONNX's test data $version is in $folder."
  exit 0
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --python-version 3.11 \
  --dest "$scratch" "onnx==$version"
mkdir -p "$folder"
python3 - "$scratch" "$folder" <<'PYTHON'
import sys, zipfile, pathlib
source, target = map(pathlib.Path, sys.argv[1:])
prefix = 'onnx/backend/test/data/'
with zipfile.ZipFile(next(source.glob('*.whl'))) as wheel:
    for entry in wheel.infolist():
        if entry.filename.startswith(prefix) and not entry.is_dir():
            path = target / entry.filename[len(prefix):]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(wheel.read(entry))
PYTHON
touch "$folder/$version"
echo "ONNX's test data $version is in $folder."
