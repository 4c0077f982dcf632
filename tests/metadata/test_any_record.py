# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""DataCite accepts the description of every record that InvenioRDM accepts.

``DOI_EXAMPLES=20000`` tries more records, and different ones in each run.
"""

from __future__ import annotations

import json
import os
from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, event, given, reject, settings
from invenio_rdm_records.contrib.codemeta import CODEMETA_CUSTOM_FIELDS
from invenio_rdm_records.contrib.imprint import IMPRINT_CUSTOM_FIELDS
from invenio_rdm_records.contrib.journal import JOURNAL_CUSTOM_FIELDS
from invenio_rdm_records.contrib.meeting import MEETING_CUSTOM_FIELDS
from invenio_rdm_records.contrib.thesis.custom_fields import THESIS_CUSTOM_FIELDS
from invenio_rdm_records.services.schemas.metadata import MetadataSchema
from marshmallow import Schema, ValidationError

from invenio_rdm_doi.metadata.attributes import complete
from invenio_rdm_doi.metadata.describe import describe_record
from invenio_rdm_doi.metadata.source import Chain
from invenio_rdm_doi.metadata.validation import validate

from .judge import judge
from .records import OPTIONS, source
from .strategies import ACCESS, CUSTOM_FIELDS, METADATA
from .test_xml import complaints, lost_in_xml

FEW = 400
EXAMPLES = int(os.environ.get("DOI_EXAMPLES", FEW))
FIELDS = [
    *JOURNAL_CUSTOM_FIELDS,
    *IMPRINT_CUSTOM_FIELDS,
    *THESIS_CUSTOM_FIELDS,
    *MEETING_CUSTOM_FIELDS,
    *CODEMETA_CUSTOM_FIELDS,
]
passed = {"accepted": 0, "refused": 0}


@pytest.fixture(scope="module")
def host_schemas(app):
    """Return InvenioRDM's own schemas of metadata and of the optional fields."""
    custom_fields = Schema.from_dict({field.name: field.field for field in FIELDS})
    return MetadataSchema(), custom_fields()


@settings(
    max_examples=EXAMPLES,
    # The same examples in each run, unless more are requested.
    derandomize=EXAMPLES == FEW,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(metadata=METADATA, custom_fields=CUSTOM_FIELDS, access=ACCESS)
def test_datacite_accepts_what_the_host_accepts(
    host_schemas, metadata, custom_fields, access
):
    try:
        data = {
            "metadata": host_schemas[0].load(deepcopy(metadata)),
            "custom_fields": host_schemas[1].load(deepcopy(custom_fields)),
            "access": access,
            "pids": {"oai": {"identifier": "oai:example.org:abc"}},
        }
    except ValidationError as error:
        passed["refused"] += 1
        event(f"refused: {sorted(error.messages)[0]}")
        reject()
    passed["accepted"] += 1
    record = source(
        data,
        chain=Chain("10.1234/concept", "10.1234/before", None),
        options=replace(OPTIONS, access_rights=True),
    )
    before = deepcopy(data)
    description = describe_record(record)
    payload = {
        "doi": "10.1234/abc",
        **complete(description.attributes),
        "url": "https://repository.example.org/doi/10.1234/abc",
    }
    assert validate(payload, "findable") == []
    assert judge(payload) == []
    assert complaints(payload) == []
    assert lost_in_xml(payload) == []
    assert data == before
    assert json.dumps(describe_record(record).attributes) == json.dumps(
        description.attributes
    )


def test_enough_of_them_were_records():
    """The test above would pass if InvenioRDM refused every example."""
    assert passed["accepted"] >= min(EXAMPLES, FEW) * 0.9
