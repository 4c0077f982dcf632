#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT
#
# Linters, documentation and tests, on embedded services.
#
#   ./run-tests.sh [--coverage] [--docker] [--no-lint] [--no-pages] [--v15] [pytest arguments]
#
# --coverage  measure coverage with Python 3.11 too, where it makes the tests take 1.6
#             times as long; with Python 3.12 and later it is always measured
# --docker    PostgreSQL, Redis and OpenSearch from docker-services-cli
# --no-lint   tests only
# --no-pages  without the tests of the pages: no JavaScript, no browser
# --v15       publish, reserve, discard and existing DOIs with the beta of InvenioRDM 15
#
# With pytest arguments, only pytest runs, with these arguments: no linters. A
# service is not started if its variable is set already (SQLALCHEMY_DATABASE_URI,
# BROKER_URL, SEARCH_HOSTS).

set -o errexit -o nounset -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# The tests of the pages need a browser; Playwright can download its own.
browser() {
  local name
  for name in "${CHROMIUM:-chromium}" chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
      return
    fi
  done
  python -m playwright install chromium
}

second_job='' log='' coverage_data=''
clean_up_tests() {
  if [ -n "$second_job" ]; then
    # Its child processes too: a background job does not receive Ctrl-C.
    pkill -TERM -P "$second_job" 2>/dev/null || true
    kill "$second_job" 2>/dev/null || true
  fi
  [ -z "$log" ] || rm -f "$log"
  [ -z "$coverage_data" ] || rm -rf "$coverage_data"
  [ "$docker" = 0 ] || eval "$(docker-services-cli down --env)"
}

coverage=0 docker=0 lint=1 pages=1 v15=0
arguments=()
for argument in "$@"; do
  case "$argument" in
    --coverage) coverage=1 ;;
    --docker) docker=1 ;;
    --no-lint) lint=0 ;;
    --no-pages) pages=0 ;;
    --v15) v15=1 ;;
    *) arguments+=("$argument") ;;
  esac
done

if [ "$v15" = 1 ]; then
  venv=.venv-15
  . tools/environment.sh
  environment tests "invenio-app-rdm[opensearch2]>=15.0.0b6.dev0,<16" \
    "invenio-rdm-records>=36,<37"
  export PATH="$PWD/$venv/bin:$PATH"
  browser
  V15_TESTS="happy_path or discard or reserved or typed"
  exec python -m pytest tests/e2e -k "$V15_TESTS" ${arguments[@]+"${arguments[@]}"}
fi

. tools/environment.sh
environment tests
export PATH="$PWD/$venv/bin:$PATH"

if [ "$lint" = 1 ] && [ "${#arguments[@]}" = 0 ]; then
  ruff check .
  black --check --quiet . || { echo "Run: .venv/bin/black ." >&2; exit 1; }
  isort --check-only --quiet . || { echo "Run: .venv/bin/isort ." >&2; exit 1; }
  mypy
  lint-imports --no-cache >/dev/null || { lint-imports --no-cache; exit 1; }
  # check-manifest compares with a Git checkout; a source archive is none.
  if [ -e .git ]; then
    check-manifest
  fi
  sphinx-build -q -W --keep-going docs docs/_build/html
fi

trap clean_up_tests EXIT
if [ "$docker" = 1 ]; then
  command -v docker-services-cli >/dev/null || pip install --quiet docker-services-cli
  eval "$(docker-services-cli up --db postgresql --search opensearch --cache redis --mq redis --env)"
fi

if [ "${#arguments[@]}" -gt 0 ]; then
  case "${arguments[*]}" in *e2e*) browser ;; esac
  python -m stack.services run -- python -m pytest "${arguments[@]}"
  exit
fi

# Two halves at the same time, each with its own services; directories that are not
# listed here belong to the first.
second=(tests/{administration,alembic,audit,choices,cli,rdm,resources,services})
if [ -n "${SQLALCHEMY_DATABASE_URI-}${BROKER_URL-}${SEARCH_HOSTS-}" ]; then
  # Both halves would use the same tables.
  second=()
fi
first=(--ignore=tests/e2e ${second[@]+"${second[@]/#/--ignore=}"})

# Python 3.12 and later measure coverage with sys.monitoring, which costs little.
if python -c 'import sys; sys.exit(sys.version_info < (3, 12))'; then
  coverage=1
  export COVERAGE_CORE=sysmon
fi
coverage_data=$(mktemp -d)
# Run one half: a name for its coverage data, and arguments for pytest. The floor applies
# to both halves together.
half() {
  local measure=()
  if [ "$coverage" = 1 ]; then
    measure=(--cov --cov-report= --cov-fail-under=0)
  fi
  COVERAGE_FILE="$coverage_data/.coverage.$1" python -m stack.services run -- \
    python -m pytest ${measure[@]+"${measure[@]}"} "${@:2}"
}

second_half() {
  local status=0
  if [ "${#second[@]}" -gt 0 ]; then
    half second "${second[@]}" || status=$?
  fi
  if [ "$pages" = 1 ]; then
    { browser && python tests/js/run.py && python -m pytest tests/e2e; } || status=$?
  fi
  return "$status"
}

log=$(mktemp)
second_half >"$log" 2>&1 &
second_job=$!
status=0
half first "${first[@]}" || status=$?
echo "The second half:"
wait "$second_job" || status=$?
cat "$log"
if [ "$coverage" = 1 ]; then
  echo "Coverage (the floor is in setup.cfg):"
  export COVERAGE_FILE="$coverage_data/.coverage"
  python -m coverage combine --quiet "$coverage_data"
  python -m coverage report || status=$?
else
  echo "Coverage was not measured; see --coverage."
fi
exit "$status"
