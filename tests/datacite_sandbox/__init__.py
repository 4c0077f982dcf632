# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Tests of the local DataCite.

Many docstrings consist of a reference to the test or source line of DataCite's service
that shows the behavior, such as ``post_spec.rb:88``. The abbreviations are those of
lupo's files: DC is datacite_dois_controller.rb, PS params_sanitizer.rb, SER
datacite_doi_serializer.rb and MD metadata.rb. "[code reading]" marks behavior that was
only read in the source.
"""
