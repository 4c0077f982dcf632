# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reads and checks ``RDM_RECORDS_DOI_DATACITE_*`` of ``invenio.cfg``.

* :mod:`.model`: the settings, typed.
* :mod:`.loader`: reads a configuration and reports all of its problems at once.
* :mod:`.connection`, :mod:`.metadata`: single values, by subject.
"""
