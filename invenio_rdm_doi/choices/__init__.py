# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Which DOI a draft may have: a new one, one that exists, or none.

* :mod:`.options`: what the deposit form offers for a draft.
* :mod:`.kinds`: which choice is possible after the version before.
* :mod:`.existing`: looks at a DOI that a depositor typed.
"""
