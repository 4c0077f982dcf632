# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""All settings of Invenio-RDM-DOI, with their defaults.

A setting that is missing in ``invenio.cfg`` takes the value of InvenioRDM's
setting with the same ending (``DATACITE_USERNAME`` for
``RDM_RECORDS_DOI_DATACITE_USERNAME`` and so on) if that one is set, so that
an instance that already uses DataCite needs no new configuration.
If both are set and differ, the application does not start.

:mod:`invenio_rdm_doi.settings` reads and checks the settings.
"""

from typing import Any

RDM_RECORDS_DOI_DATACITE_ENABLED = False
"""Register DOIs with DataCite.

If it is not set, ``DATACITE_ENABLED`` decides. An explicit ``False`` leaves
InvenioRDM exactly as without this package, including its own DataCite
support; run ``invenio doi forget-choices`` first.
"""

RDM_RECORDS_DOI_DATACITE_USERNAME = ""
"""DataCite repository account, such as ``"CERN.ZENODO"``."""

RDM_RECORDS_DOI_DATACITE_PASSWORD = ""
"""Password of the repository account, or a DataCite API key (``DC.…``)."""

RDM_RECORDS_DOI_DATACITE_PASSWORD_FILE = None
"""File that contains only the password, such as ``"/run/secrets/datacite"``.

Use it instead of the password setting. A line break at the end is ignored.
"""

RDM_RECORDS_DOI_DATACITE_REPOSITORY = None
"""Symbol of the repository account, such as ``"CERN.ZENODO"``.

Needed only with an API key instead of a username; otherwise, it is the username.
"""

RDM_RECORDS_DOI_DATACITE_PREFIX = ""
"""DOI prefix for new DOIs, such as ``"10.1234"`` (text, in quotes)."""

RDM_RECORDS_DOI_DATACITE_TEST_MODE = True
"""Use DataCite's test system, where DOIs do not resolve.

``True``: ``https://api.test.datacite.org/``, ``False``: ``https://api.datacite.org/``.
"""

RDM_RECORDS_DOI_DATACITE_FORMAT = "{prefix}/{id}"
"""Format of new DOIs.

A string with ``{prefix}`` and ``{id}`` (the record's identifier), or a callable:

.. code-block:: python

    def make_doi(prefix, record):
        return f"{prefix}/archive.{record.pid.pid_value}"

    RDM_RECORDS_DOI_DATACITE_FORMAT = make_doi
"""

RDM_RECORDS_DOI_DATACITE_ADDITIONAL_PREFIXES: list[str] = []
"""Other prefixes of the account. Their existing DOIs are kept up to date."""

RDM_RECORDS_DOI_DATACITE_ACCOUNTS: dict[str, Any] = {}
"""Additional accounts by name, with their own prefixes.

The other settings define the account ``default``. A record's first DOI belongs to the
account that serves its default community, or else to ``default``; later versions and
the concept DOI use the same account as the first DOI.

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
"""Address of the DataCite REST API; takes precedence over the test mode.

For ``datacite-sandbox`` or a proxy. Must be https, except on this machine.
"""

RDM_RECORDS_DOI_DATACITE_TIMEOUT = (5, 30)
"""Timeouts in seconds: (connection, answer)."""

RDM_RECORDS_DOI_DATACITE_CONTACT = None
"""E-mail address that is sent to DataCite in the User-Agent.

DataCite requests one in order to contact you instead of blocking you
(https://support.datacite.org/docs/best-practices-for-integrators).
"""

RDM_RECORDS_DOI_DATACITE_RATE = None
"""Rate limit for requests to DataCite by all workers together: (requests, seconds).

``None``: 80 % of DataCite's limit per address, ``(2400, 300)`` in production and
``(600, 300)`` on the test system (https://support.datacite.org/docs/rate-limit). Lower
it if other programs send requests to DataCite from the same address.
"""

RDM_RECORDS_DOI_DATACITE_RATE_STORAGE = None
"""Storage of the rate budget that all workers share; a URI of the ``limits`` package.

``None``: the Redis or Valkey of ``RATELIMIT_STORAGE_URI`` or ``CACHE_REDIS_URL``.
"""

RDM_RECORDS_DOI_DATACITE_RESTRICTED = "withhold"
"""Data that DataCite gets for the DOI of a restricted record; never its metadata.

``"withhold"``: nothing, until the record is public.
``"placeholder"``: a registered DOI with placeholder metadata that leads to the landing
page.
"""

RDM_RECORDS_DOI_DATACITE_RESERVE_REMOTELY = False
"""Create a draft DOI at DataCite when a depositor reserves one; discarding deletes it.

A draft DOI reveals nothing about the record. Without it, a reserved DOI exists only in
this repository, which suffices unless other systems create DOIs with the same prefix.
"""

RDM_RECORDS_DOI_DATACITE_DELETED = "metadata"
"""Data of a deleted record at DataCite, besides its DOI and the tombstone's address.

``"metadata"``: its metadata and the date of the withdrawal, as DataCite recommends.
``"placeholder"``: only placeholder metadata. A record whose tombstone is hidden always
gets the placeholder.
"""

RDM_RECORDS_DOI_DATACITE_EMBARGO_YEAR = "end"
"""The publication year of a record whose files are, or were, under an embargo.

``"end"``: the year in which the embargo ends, as DataCite's schema requires.
``"publication"``: the year of the publication date, as in the record page's citations.
"""

RDM_RECORDS_DOI_DATACITE_FORM_DEFAULT = "new"
"""The default choice in the deposit form of a new upload.

``"new"``: a new DOI. ``"existing"``: the depositor already has a DOI. ``"none"``: no
DOI, if DOIs are not required.
"""

RDM_RECORDS_DOI_DATACITE_METRICS_TOKEN = None
"""A secret with which Prometheus reads ``/api/dois/metrics``; ``None`` disables it.

At least 16 characters. Prometheus sends it as ``Authorization: Bearer ...``
(``docs/monitoring.rst``).
"""

RDM_RECORDS_DOI_DATACITE_NOTICE_HOURS = 24
"""Hours between two mails to DOI managers about problems to solve; ``None``: no mails.

DOI managers are the users and roles with the action ``doi-manage``. A mail is sent only
when something changed. If DOIs of restricted records are findable, a mail is sent
immediately.
"""

RDM_RECORDS_DOI_DATACITE_NOTIFY_OWNERS = False
"""Whether the owner of a record gets a mail when its metadata were refused.

One mail is sent for each failure, and only if the owner can correct it.
"""

RDM_RECORDS_DOI_DATACITE_AUDIT_EXCLUDE: list[str] = []
"""DOIs that other systems create with the same account.

An audit does not report that they are missing here. Shell patterns, such as
``"10.1234/library.*"``; case is ignored.
"""

RDM_RECORDS_DOI_DATACITE_ATTEMPTS_KEEP_DAYS = 90
"""Days for which attempts are kept; the last 20 of each DOI are kept forever.

A separate table keeps the number of attempts and their outcomes.
"""

RDM_RECORDS_DOI_DATACITE_FORMER_HOSTS: list[str] = []
"""Former hosts of this site, such as ``["old.example.org"]``.

A DOI at DataCite that leads to one of them also belongs to this site; other DOIs in the
same account are not changed until ``invenio doi take-over``.
"""

RDM_RECORDS_DOI_DATACITE_RUNS = 1
"""Number of Celery tasks that deliver at the same time, over all workers and hosts.

One task can send as much as DataCite allows. More tasks help only if building payloads
takes longer than sending them and DataCite allows a higher rate than usual.
"""

RDM_RECORDS_DOI_DATACITE_RETRY_BASE = 30
"""Maximum number of seconds before the first retry; doubled with every failure."""

RDM_RECORDS_DOI_DATACITE_RETRY_CAP = 3600
"""Maximum number of seconds between two attempts."""

RDM_RECORDS_DOI_DATACITE_PUBLISHER_IDENTIFIERS: dict[str, Any] = {}
"""Identifiers of publishers, by the name that depositors enter.

.. code-block:: python

    RDM_RECORDS_DOI_DATACITE_PUBLISHER_IDENTIFIERS = {
        "CERN": "https://ror.org/01ggx4157",
        "Our Archive": {"identifier": "archive-7", "scheme": "Our List"},
    }

Addresses of ROR, ISNI, Wikidata and re3data are recognized; for others, set
``identifier``, ``scheme`` and, if there is one, ``scheme_uri``.
"""

RDM_RECORDS_DOI_DATACITE_DUMPERS: list[Any] = []
"""Functions that change the metadata before they are sent, or their import strings.

Each takes ``(record, attributes)`` and returns the attributes; see
``docs/metadata.rst`` for an example.
"""

RDM_RECORDS_DOI_DATACITE_EXPORT: bool | list[str] = True
"""Export records exactly as DataCite gets them, with metadata schema 4.7.

A list selects formats: ``"json"`` and ``"xml"`` (DataCite JSON and XML on the record
page and by content negotiation), ``"oai"`` (``datacite`` and ``oai_datacite`` of
OAI-PMH), ``"dcat"`` (DCAT-AP, everywhere). With ``False``, InvenioRDM's own serializers
are used for all formats; a site's own serializers are never replaced.
"""
