#!/usr/bin/env bash
# Installs packages of the system, where this user may; else says in one line what to install. No service that comes
# with them is started: it would take a port that is not ours to give.
set -euo pipefail

if [ "$(id -u)" = 0 ]; then
    as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
else
    as_root=(false)
fi

if command -v apt-get >/dev/null && [ "${as_root[*]-}" != false ]; then
    policy=/usr/sbin/policy-rc.d  # Debian asks it before a package may start its service; 101 says no
    if [ ! -e "$policy" ]; then
        trap '"${as_root[@]}" rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin "$policy"
    fi
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
else
    echo "Please install these packages of your system, then try again: $*" >&2
    exit 1
fi
