#!/usr/bin/env bash
# Looks the pinned packages up in the public advisories with the pip-audit given as the only argument. Fails for what is
# known of one of them, never for being offline. That bleach is kept by nobody any more no advisory says: a test does.
set -euo pipefail
said=$(mktemp)
trap 'rm -f "$said"' EXIT

if timeout 120 "$1" --progress-spinner off --disable-pip --no-deps --requirement constraints.txt >"$said" 2>&1; then
    cat "$said"
elif grep -q 'known vulnerabilit' "$said"; then
    cat "$said"
    exit 1
else
    echo "Advisories could not be looked up: they are out of reach from here."
fi
