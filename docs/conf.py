# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Sphinx configuration."""

from importlib import metadata

project = "Invenio-RDM-DOI"
copyright = "2026, The invenio-rdm-doi developers"
author = "The invenio-rdm-doi developers"
version = release = metadata.version("invenio-rdm-doi")

extensions = ["sphinx.ext.autodoc"]
master_doc = "index"
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"invenio-rdm-doi {release}"
autodoc_typehints = "description"
