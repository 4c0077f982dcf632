#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

# The demo, from nothing: makes .venv in this checkout when it is not there yet, then
# runs demo/run.py. See demo/README.md; "./run-demo.sh --help" for the options.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

case " $* " in
  # No environment is made to show the options.
  *" --help "* | *" -h "*) exec "${PYTHON:-python3}" -m demo.options --help ;;
esac

. tools/environment.sh
environment demo

# In place of this shell, so that signals reach the one who cleans up.
exec .venv/bin/python -m demo.run "$@"
