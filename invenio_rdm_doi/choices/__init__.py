# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The choice of a draft's DOI: a new one, an existing one, or none.

* :mod:`.options`: the options that the deposit form offers for a draft.
* :mod:`.new_doi`: generates new DOIs, and predicts them.
* :mod:`.next_version`: the providers that a version may use, given the previous one.
* :mod:`.existing_doi`: checks a DOI that a depositor typed.
"""
