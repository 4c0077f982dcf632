# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The options of ``run-demo.sh``.

Needs nothing but Python, so that ``run-demo.sh --help`` answers before the environment
of the demo exists.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line.

    :returns: ``web`` (bool) and ``directory`` (Path or None).
    """
    parser = argparse.ArgumentParser(
        prog="run-demo.sh",
        description="Register DOIs of an InvenioRDM on this machine, from publishing "
        "a record to DataCite serving its DOI. The last line is a JSON object.",
    )
    parser.add_argument(
        "--web",
        action="store_true",
        help="build the pages too and keep serving until Ctrl-C",
    )
    parser.add_argument(
        "--directory",
        type=Path,
        help="keep logs, the instance and the sandbox's DOIs here",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    parse()
