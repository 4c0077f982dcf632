#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT
#
# Linters, documentation and tests, on embedded services.
#
#   ./run-tests.sh [--docker] [--no-lint] [pytest arguments]
#
# --docker   PostgreSQL, Redis and OpenSearch from docker-services-cli
# --no-lint  tests only
#
# Variables that are set already (SQLALCHEMY_DATABASE_URI, BROKER_URL, SEARCH_HOSTS)
# win over starting that service.

set -o errexit -o nounset -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

docker=0 lint=1
arguments=()
for argument in "$@"; do
  case "$argument" in
    --docker) docker=1 ;;
    --no-lint) lint=0 ;;
    *) arguments+=("$argument") ;;
  esac
done

. demo/environment.sh
environment tests
export PATH="$PWD/.venv/bin:$PATH"

if [ "$lint" = 1 ]; then
  ruff check .
  black --check --quiet . || { echo "Run: .venv/bin/black ." >&2; exit 1; }
  isort --check-only --quiet . || { echo "Run: .venv/bin/isort ." >&2; exit 1; }
  # A source archive, or a checkout: only the latter has something to compare with.
  if [ -d .git ]; then
    check-manifest
  fi
  sphinx-build -q -W --keep-going docs docs/_build/html
fi

if [ "$docker" = 1 ]; then
  command -v docker-services-cli >/dev/null || pip install --quiet docker-services-cli
  cleanup() { eval "$(docker-services-cli down --env)"; }
  trap cleanup EXIT
  eval "$(docker-services-cli up --db postgresql --search opensearch --cache redis --mq redis --env)"
fi

python -m demo.services run -- python -m pytest ${arguments[@]+"${arguments[@]}"}
