#!/usr/bin/env bash
# Installs the web frameworks that spec/frameworks/ and samples/frameworks/ run. They are no dependencies of the library, so
# they have a folder and a lock of their own. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/../samples/frameworks"

if [ -e node_modules/.package-lock.json ] && [ node_modules/.package-lock.json -nt package-lock.json ]; then exit 0; fi
npm ci --ignore-scripts --no-audit --no-fund
