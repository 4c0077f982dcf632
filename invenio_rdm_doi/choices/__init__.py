# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Which DOI a draft may have: a new one, one that exists, or none.

* :mod:`.options`: what the deposit form offers for a draft.
* :mod:`.new_doi`: makes new DOIs, and foresees them.
* :mod:`.next_version`: which providers a version may use after the version before.
* :mod:`.existing_doi`: looks at a DOI that a depositor typed.
"""
