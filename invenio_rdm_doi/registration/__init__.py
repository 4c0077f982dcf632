# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Bringing DataCite up to date: what is wanted, and one way to deliver it.

The only writer of the package's tables.

* :mod:`.models`: the tables.
* :mod:`.intake`: a web request says that a DOI has to be brought up to date.
* :mod:`.subject`: the record or parent behind a DOI, as committed.
* :mod:`.target`: what DataCite should hold for it.
* :mod:`.queue`: claim what is due, settle what was delivered.
* :mod:`.delivery`: claim, build the target, send, settle.
"""
