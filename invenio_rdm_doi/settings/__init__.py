# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reading and checking of ``RDM_RECORDS_DOI_DATACITE_*`` in ``invenio.cfg``.

* :mod:`.model`: the typed settings.
* :mod:`.loader`: reads a configuration and reports all of its problems at once.
* :mod:`.connection`, :mod:`.metadata`: single values, by subject.
"""
