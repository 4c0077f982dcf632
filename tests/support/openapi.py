# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The description of the REST API, and a check of answers against it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from jsonschema import Draft202012Validator

FILE = Path(__file__).parents[2] / "docs" / "openapi.yml"


@cache
def description():
    return yaml.safe_load(FILE.read_text())


def operations():
    """Return each operation by method and path."""
    return {
        (method, path): operation
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    }


def parameters(operation):
    """Return the parameters of an operation, with references resolved."""
    found = []
    for one in operation.get("parameters", ()):
        name = one.get("$ref", "").rpartition("/")[2]
        found.append(description()["components"]["parameters"][name] if name else one)
    return found


def complaints(method, address, answer):
    """Return the differences between an answer and its description."""
    path = urlsplit(address).path.removeprefix("/api")
    for (one, template), operation in operations().items():
        if one == method and _pattern(template).fullmatch(path):
            return _complaints(operation, answer)
    return [f"{method} {path} is not described"]


def _pattern(template):
    # Fixed paths precede those with names: in ``/dois/summary``, "summary" is no id.
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", template))


def _complaints(operation, answer):
    found = operation["responses"].get(str(answer.status_code))
    if found is None:
        return [f"status {answer.status_code} is not described"]
    if "$ref" in found:
        found = description()["components"]["responses"][found["$ref"].split("/")[-1]]
    schema = found["content"]["application/json"]["schema"]
    whole = {**schema, "components": description()["components"]}
    errors = Draft202012Validator(whole).iter_errors(answer.json)
    return [f"{error.json_path}: {error.message}"[:300] for error in errors]
