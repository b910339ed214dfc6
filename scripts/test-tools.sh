#!/usr/bin/env bash
# The tests drive a real browser, a real nginx and a real PostgreSQL. Installs what is missing where this user may, else
# says what to install.
set -euo pipefail
here=$(dirname "$0")

if ! command -v chromium >/dev/null; then
    # Ubuntu's package of this name only points to a snap; Debian's is the browser
    "$here/packages.sh" chromium
fi
chromium --version >/dev/null 2>&1 || { echo "The tests need Chromium: install the package chromium." >&2; exit 1; }

if ! command -v nginx >/dev/null || ! command -v openssl >/dev/null; then
    "$here/packages.sh" nginx-light openssl
fi
nginx -v 2>/dev/null || { echo "The tests need nginx: install the package nginx-light." >&2; exit 1; }

has_postgresql() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_postgresql || "$here/packages.sh" postgresql
has_postgresql || { echo "The tests need PostgreSQL: install the package postgresql." >&2; exit 1; }
