# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Every setting of Invenio-RDM-DOI, with its default.

A setting that you do not write into ``invenio.cfg`` follows the setting of
InvenioRDM with the same ending (``DATACITE_USERNAME`` for
``RDM_RECORDS_DOI_DATACITE_USERNAME`` and so on) where that one is set, so that
an instance that has DataCite switched on already needs no new configuration.
Where both are set and differ, the application does not start.

:mod:`invenio_rdm_doi.settings` reads and checks them.
"""

from typing import Any

RDM_RECORDS_DOI_DATACITE_ENABLED = False
"""Register DOIs with DataCite.

Not set at all, it follows ``DATACITE_ENABLED``. ``False``, written explicitly,
leaves InvenioRDM exactly as it is without this package, its own DataCite
support included; run ``invenio doi forget-choices`` before.
"""

RDM_RECORDS_DOI_DATACITE_USERNAME = ""
"""DataCite repository account, such as ``"CERN.ZENODO"``."""

RDM_RECORDS_DOI_DATACITE_PASSWORD = ""
"""Password of the repository account, or an API key of DataCite's (``DC.…``)."""

RDM_RECORDS_DOI_DATACITE_PASSWORD_FILE = None
"""File with the password alone, such as ``"/run/secrets/datacite"``.

In the place of the password; a line break at its end does not count.
"""

RDM_RECORDS_DOI_DATACITE_REPOSITORY = None
"""Symbol of the repository account, such as ``"CERN.ZENODO"``.

Needed only where an API key takes the place of the user name; else it is the user name.
"""

RDM_RECORDS_DOI_DATACITE_PREFIX = ""
"""DOI prefix for new DOIs, such as ``"10.1234"`` (text, in quotes)."""

RDM_RECORDS_DOI_DATACITE_TEST_MODE = True
"""Use DataCite's test system, where DOIs do not resolve.

``True``: ``https://api.test.datacite.org/``, ``False``: ``https://api.datacite.org/``.
"""

RDM_RECORDS_DOI_DATACITE_FORMAT = "{prefix}/{id}"
"""How a DOI is made.

Text with ``{prefix}`` and ``{id}`` (the record's identifier), or a callable:

.. code-block:: python

    def make_doi(prefix, record):
        return f"{prefix}/archive.{record.pid.pid_value}"

    RDM_RECORDS_DOI_DATACITE_FORMAT = make_doi
"""

RDM_RECORDS_DOI_DATACITE_ADDITIONAL_PREFIXES: list[str] = []
"""Other prefixes of the account, whose existing DOIs are kept up to date."""

RDM_RECORDS_DOI_DATACITE_ACCOUNTS: dict[str, Any] = {}
"""Further accounts by name, with prefixes of their own.

The plain settings are the account ``default``. A record's first DOI is of the account
that serves its default community, else of ``default``; later versions, and the DOI of
all versions, stay with the account of the first.

.. code-block:: python

    RDM_RECORDS_DOI_DATACITE_ACCOUNTS = {
        "physics": {
            "username": "MEMBER.PHYSICS",
            "password_file": "/run/secrets/physics",
            "prefixes": ["10.4321"],
            "communities": ["physics"],
        },
    }

See ``docs/accounts.rst`` for all keys.
"""

RDM_RECORDS_DOI_DATACITE_API_URL = None
"""Address of the DataCite REST API; wins over the test mode.

For ``datacite-sandbox`` or a proxy. Must be https, except on this machine.
"""

RDM_RECORDS_DOI_DATACITE_TIMEOUT = (5, 30)
"""Seconds to wait for (a connection, an answer)."""

RDM_RECORDS_DOI_DATACITE_CONTACT = None
"""E-mail address that is sent to DataCite in the User-Agent.

DataCite asks for one, to be able to write to you instead of blocking you
(https://support.datacite.org/docs/best-practices-for-integrators).
"""

RDM_RECORDS_DOI_DATACITE_RATE = None
"""How much is sent to DataCite at most, by all workers together: (requests, seconds).

``None``: 80 % of what DataCite allows per address, ``(2400, 300)`` in production and
``(600, 300)`` on the test system (https://support.datacite.org/docs/rate-limit). Lower
it if other programs send to DataCite from the same address.
"""

RDM_RECORDS_DOI_DATACITE_RATE_STORAGE = None
"""Where all workers share the budget; an address as the ``limits`` package reads it.

``None``: the Redis or Valkey of ``RATELIMIT_STORAGE_URI`` or ``CACHE_REDIS_URL``.
"""

RDM_RECORDS_DOI_DATACITE_RESTRICTED = "withhold"
"""What DataCite gets of a restricted record's DOI. Never its metadata.

``"withhold"``: nothing, until the record is public.
``"placeholder"``: a registered DOI that leads to the landing page and says nothing.
"""

RDM_RECORDS_DOI_DATACITE_RESERVE_REMOTELY = False
"""Make a draft DOI at DataCite when a depositor reserves one; discarding deletes it.

A draft says nothing about the record. Without it, a reserved DOI is kept here only,
which suffices unless other systems make DOIs under the same prefix.
"""

RDM_RECORDS_DOI_DATACITE_DELETED = "metadata"
"""What DataCite keeps of a deleted record, besides its DOI and the tombstone's address.

``"metadata"``: its metadata and the date of the withdrawal, as DataCite recommends.
``"placeholder"``: nothing. A record whose tombstone is hidden always gets it.
"""

RDM_RECORDS_DOI_DATACITE_EMBARGO_YEAR = "end"
"""The publication year of a record whose files are, or were, under an embargo.

``"end"``: the year in which the embargo ends, as DataCite's schema asks for.
``"publication"``: the year of the publication date, as citations of the page have it.
"""

RDM_RECORDS_DOI_DATACITE_FORM_DEFAULT = "new"
"""What is chosen in the deposit form of a new upload.

``"new"``: to get a new DOI. ``"existing"``: the depositor has one already. ``"none"``:
no DOI, where DOIs are not required.
"""

RDM_RECORDS_DOI_DATACITE_METRICS_TOKEN = None
"""A secret with which Prometheus reads ``/api/dois/metrics``; ``None``: nobody does.

At least 16 characters. Prometheus sends it as ``Authorization: Bearer ...``
(``docs/monitoring.rst``).
"""

RDM_RECORDS_DOI_DATACITE_NOTICE_HOURS = 24
"""Hours between two mails to DOI managers about what needs a person; ``None``: none.

DOI managers are the users and roles with the action ``doi-manage``. A mail is sent only
when something changed. That DOIs of restricted records are findable is said at once.
"""

RDM_RECORDS_DOI_DATACITE_NOTIFY_OWNERS = False
"""Whether the owner of a record gets a mail when its metadata were refused.

Once for each failure, and only if the owner can correct it.
"""

RDM_RECORDS_DOI_DATACITE_AUDIT_EXCLUDE: list[str] = []
"""DOIs that other systems make with the same account: an audit does not miss them here.

Patterns as a shell has them, such as ``"10.1234/library.*"``; case does not count.
"""

RDM_RECORDS_DOI_DATACITE_ATTEMPTS_KEEP_DAYS = 90
"""How long attempts are kept, in days; the last 20 of each DOI are kept for ever.

How many there were, and how they ended, stays in a table of its own.
"""

RDM_RECORDS_DOI_DATACITE_FORMER_HOSTS: list[str] = []
"""Hosts at which this site was before, such as ``["old.example.org"]``.

A DOI at DataCite that leads to one of them is this site's, too; others in the same
account are left alone until ``invenio doi take-over``.
"""

RDM_RECORDS_DOI_DATACITE_RUNS = 1
"""How many Celery tasks deliver at a time, over all workers and hosts.

One can send as much as DataCite allows. More of them help only where making payloads
takes longer than sending them, and DataCite allows more than usual.
"""

RDM_RECORDS_DOI_DATACITE_RETRY_BASE = 30
"""Seconds before the first retry, at most; doubled with every failure."""

RDM_RECORDS_DOI_DATACITE_RETRY_CAP = 3600
"""Seconds between two tries, at most."""

RDM_RECORDS_DOI_DATACITE_PUBLISHER_IDENTIFIERS: dict[str, Any] = {}
"""Identifiers of publishers, by the name that depositors enter.

.. code-block:: python

    RDM_RECORDS_DOI_DATACITE_PUBLISHER_IDENTIFIERS = {
        "CERN": "https://ror.org/01ggx4157",
        "Our Archive": {"identifier": "archive-7", "scheme": "Our List"},
    }

Addresses of ROR, ISNI, Wikidata and re3data are recognised; for others write
``identifier``, ``scheme`` and, if there is one, ``scheme_uri``.
"""

RDM_RECORDS_DOI_DATACITE_DUMPERS: list[Any] = []
"""Your own changes of what is sent: functions, or their import strings.

Each takes ``(record, attributes)`` and returns the attributes; see
``docs/metadata.rst`` for an example.
"""

RDM_RECORDS_DOI_DATACITE_EXPORT: bool | list[str] = True
"""Export records just as DataCite gets them, with metadata schema 4.7.

A list of some of them: ``"json"`` and ``"xml"`` (DataCite JSON and XML on the record
page and by content negotiation), ``"oai"`` (``datacite`` and ``oai_datacite`` of
OAI-PMH), ``"dcat"`` (DCAT-AP, everywhere). ``False`` leaves all to InvenioRDM's own
serializers; a site's own ones stay in any case.
"""
