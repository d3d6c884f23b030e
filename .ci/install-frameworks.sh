#!/usr/bin/env bash
# Installs the web frameworks that spec/frameworks/ and samples/frameworks/ run. They are no dependencies of the library, so
# they have folders and locks of their own: one for the samples, one for the major of Nest before theirs. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."

for folder in samples/frameworks spec/frameworks/nest-11; do
  lock=$folder/package-lock.json
  if [ "$folder/node_modules/.package-lock.json" -nt "$lock" ]; then continue; fi
  npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund
done
