#!/usr/bin/env bash
# Fetches what spec/end-to-end/ runs against, on a Debian machine: Prometheus with promtool, VictoriaMetrics with vmagent,
# Chromium. The servers are unpacked, not installed, so that no service starts; Chromium is installed for its libraries.
# Safe to run again: what is there already is not fetched again. The last line says where everything is.
#
# Packages come from where this system's apt takes its own, VictoriaMetrics from Debian 13 if
# this release has none that speaks OTLP.
set -euo pipefail

home=${TRACK_INFERENCE_BACKENDS:-${XDG_CACHE_HOME:-$HOME/.cache}/track-inference-backends}
mkdir -p "$home/bin"
exec 9>"$home/.lock"
if command -v flock >/dev/null; then flock -w 900 9; fi

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }
updated=''
update() { if [ -z "$updated" ]; then as_root apt-get update -qq >&2; updated=yes; fi; }

# unpack NAME BINARY...: downloads a package with apt as it is configured at the moment, and links its binaries.
unpack() {
  local package=$1 folder options=(-qq -o APT::Sandbox::User=root)
  shift
  folder=$home/${package%/*}
  rm -rf "$folder" && mkdir -p "$folder/download"
  (cd "$folder/download" && apt-get download "${options[@]}" "$package" >&2 && dpkg -x ./*.deb "$folder" &&
    dpkg-deb -f ./*.deb Package Version >"$folder/version")
  rm -rf "$folder/download"
  for binary in "$@"; do ln -sf "$folder/usr/bin/$binary" "$home/bin/$binary"; done
}

# A second set of apt lists that knows Debian 13 as well, with this system's mirror and keys.
with_debian_13() {
  local uri keys
  uri=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed -n 's/^URIs: *\([^ ]*\).*/\1/p' | grep -m1 -E '/debian/?$' || true)
  if [ -z "$uri" ]; then
    uri=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
      sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' | grep -m1 -E '/debian/?$' || true)
  fi
  if [ -z "$uri" ]; then echo 'apt is configured without a Debian mirror' >&2; return 1; fi
  keys=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed -n 's/^Signed-By: *\(\/[^ ]*\)$/\1/p' | head -n 1)
  mkdir -p "$home"/apt/lists/partial "$home"/apt/cache/archives/partial
  printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: %s\n' \
    "$uri" "${keys:-/usr/share/keyrings/debian-archive-keyring.gpg}" >"$home/apt/debian.sources"
  cat >"$home/apt/apt.conf" <<CONF
Dir::Etc::sourcelist "$home/apt/debian.sources";
Dir::Etc::sourceparts "-";
Dir::State::lists "$home/apt/lists";
Dir::Cache "$home/apt/cache";
Acquire::Languages "none";
CONF
  export APT_CONFIG=$home/apt/apt.conf
  apt-get update -qq -o APT::Sandbox::User=root >&2
  "$@"
  unset APT_CONFIG
  rm -rf "$home/apt"
}

if [ ! -x "$home/bin/prometheus" ] || [ ! -x "$home/bin/promtool" ]; then
  update
  unpack prometheus prometheus promtool
fi

if [ ! -x "$home/bin/victoria-metrics" ] || [ ! -x "$home/bin/vmagent" ]; then
  update
  # It speaks OTLP since 1.92.
  own=$(apt-cache policy victoria-metrics | sed -n 's/^ *Candidate: //p')
  if [ -n "$own" ] && dpkg --compare-versions "$own" ge 1.92; then
    unpack victoria-metrics victoria-metrics vmagent
  else
    with_debian_13 unpack victoria-metrics/trixie victoria-metrics vmagent
  fi
fi

if ! command -v chromium >/dev/null; then
  update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-liberation >&2
fi

sed -n 's/^Version: //p' "$home"/prometheus/version | sed 's/^/prometheus /'
sed -n 's/^Version: //p' "$home"/victoria-metrics/version | sed 's/^/victoria-metrics /'
chromium --version --no-sandbox 2>/dev/null | head -n 1
echo "servers: $home/bin"
