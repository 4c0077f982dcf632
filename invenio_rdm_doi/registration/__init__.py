# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Keeping DataCite up to date: the wanted state of each DOI, and its delivery.

Only this subpackage writes the tables of :mod:`.models`, apart from repairs by the
audit and marks that a failure is handled.

* :mod:`.models`: the tables.
* :mod:`.intake`: a web request records that a DOI has to be brought up to date.
* :mod:`.subject`: the record or parent that a DOI identifies, as committed.
* :mod:`.target`: what DataCite should hold for it.
* :mod:`.queue`: claim due registrations, and give back those that were not sent.
* :mod:`.delivery`: claim, build the target, send, settle.
"""
