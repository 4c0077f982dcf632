# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

# Creates .venv in this checkout, with the package and one of its extras. Source it:
#
#   . tools/environment.sh
#   environment demo
#
# With a folder other than .venv, and packages in addition to the extra's:
#
#   venv=.venv-15 environment tests "invenio-app-rdm>=15.0.0b6.dev0"

venv=${venv:-.venv}

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "error: $*"
  exit 1
}

find_python() {
  local name
  for name in "${PYTHON:-}" python3.12 python3.11 python3.13 python3 python; do
    [ -n "$name" ] || continue
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s\n' "$name"
      return
    fi
  done
  fail "Python 3.11 or newer is needed; set PYTHON to one."
}

# Prints a checksum of the environment's sources; it is up to date if this is unchanged.
wanted() {
  { cat setup.cfg pyproject.toml tools/environment.sh; printf '%s\n' "$@"; } | cksum
}

# Runs a command in the background and reports its progress every ten seconds.
with_progress() {
  local log=$1 start=$SECONDS
  shift
  "$@" >"$log" 2>&1 &
  child=$!
  while kill -0 "$child" 2>/dev/null; do
    sleep 1
    if [ $(((SECONDS - start) % 10)) -eq 9 ]; then
      say "  $((SECONDS - start)) s: $(tail -n 1 "$log" | tr -cd '[:print:]' | cut -c 1-70)"
    fi
  done
  wait "$child"
}

clean_up() {
  [ -z "${child:-}" ] || kill "$child" 2>/dev/null || true
  [ -z "${scratch:-}" ] || rm -rf "$scratch"
}

install() {
  local python extra=$1
  shift
  python=$(find_python)
  scratch=$(mktemp -d)
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  say "Installing into $venv; the first time takes a few minutes"
  if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --clear "$venv" ||
      fail "no virtual environment could be made (Debian: apt install python3-venv)."
  fi
  if ! TMPDIR=$scratch with_progress "$scratch/log" "$venv/bin/python" -m pip install \
    --disable-pip-version-check --progress-bar off --editable ".[$extra]" "$@"; then
    tail -n 20 "$scratch/log" >&2
    fail "the packages could not be installed."
  fi
  wanted "$@" >"$venv/installed-$extra"
  child=
  clean_up
  scratch=
  trap - EXIT INT TERM
}

# Installs the environment unless it is up to date. One for tests also suits the demo.
environment() {
  local extra=$1
  shift
  if [ "$extra" = demo ] && [ "$(cat "$venv/installed-tests" 2>/dev/null)" = "$(wanted "$@")" ]; then
    return
  fi
  if [ "$(cat "$venv/installed-$extra" 2>/dev/null)" != "$(wanted "$@")" ]; then
    install "$extra" "$@"
  fi
}
