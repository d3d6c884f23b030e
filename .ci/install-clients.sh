#!/usr/bin/env bash
# Installs the clients that spec/follow/ runs in majors beside those at the root. They have a folder and a lock of their own:
# some ask for a newer Node than the library does. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/../spec/follow/other-majors"

if [ -e node_modules/.package-lock.json ] && [ node_modules/.package-lock.json -nt package-lock.json ]; then exit 0; fi
npm ci --ignore-scripts --no-audit --no-fund
