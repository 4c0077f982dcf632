# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Replacements for InvenioRDM's serializers, with the metadata that DataCite has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_resources import JSONSerializer
from flask_resources.serializers import BaseSerializer
from invenio_rdm_records.resources.serializers.dcat import DCATSerializer
from invenio_rdm_records.resources.serializers.dcat.schema import DcatSchema
from lxml import etree
from marshmallow import missing

from ...metadata.attributes import Attributes
from ...metadata.xml import to_text, to_xml
from .described import Described, describe, listed


class DataCite47JSONSerializer(BaseSerializer):
    """Serializer of records as DataCite JSON, metadata schema 4.7."""

    def __init__(self, **options: Any):
        """Constructor.

        :param options: options of :class:`flask_resources.JSONSerializer`.
        """
        self.format_serializer = JSONSerializer(**options)

    def serialize_object(self, obj: Mapping[str, Any]) -> str:
        """Return one record or draft as JSON."""
        return self.format_serializer.serialize_object(self.dump_obj(obj))

    def serialize_object_list(self, obj_list: Mapping[str, Any]) -> str:
        """Return the hits of a search as JSON."""
        return self.format_serializer.serialize_object_list(self.dump_list(obj_list))

    def dump_obj(self, obj: Mapping[str, Any]) -> Attributes:
        """Return the metadata that DataCite has or would get, without empty values.

        :param obj: a record or a draft that the user may see.
        """
        return describe(obj).attributes

    def dump_list(self, obj_list: Mapping[str, Any]) -> dict[str, Any]:
        """Return the same for all hits.

        A search index may lag behind, so read access is checked with the current
        records, and deleted records are left out.
        """
        hits = obj_list["hits"]
        shown = [found.attributes for found in listed(hits["hits"]).values()]
        return {**obj_list, "hits": {**hits, "hits": shown}}


class DataCite47XMLSerializer(DataCite47JSONSerializer):
    """Serializer of records as DataCite XML, metadata schema 4.7."""

    def __init__(self, **options: Any):
        """Constructor; there are no options."""
        super().__init__()

    def serialize_object(self, obj: Mapping[str, Any]) -> str:
        """Return one record or draft as an XML document."""
        found = describe(obj)
        return to_text(found.attributes, found.page())

    def serialize_object_list(self, obj_list: Mapping[str, Any]) -> str:
        """Return the hits of a search as consecutive documents, as InvenioRDM does."""
        found = listed(obj_list["hits"]["hits"]).values()
        return "\n".join(to_text(item.attributes, item.page()) for item in found)


class DataCite47DCATSerializer(DCATSerializer):
    """Serializer of DCAT-AP, which InvenioRDM makes from DataCite XML (here, 4.7)."""

    def dump_obj(self, obj: Mapping[str, Any]) -> dict[str, Any]:
        """Return the metadata, and the files as InvenioRDM lists them."""
        return self.with_files(describe(obj), obj)

    def dump_list(self, obj_list: Mapping[str, Any]) -> dict[str, Any]:
        """Return the same for all hits that the user may read."""
        hits = obj_list["hits"]
        shown = listed(hits["hits"])
        by_id = {obj["id"]: obj for obj in hits["hits"]}
        dumped = [self.with_files(found, by_id[id_]) for id_, found in shown.items()]
        return {**obj_list, "hits": {**hits, "hits": dumped}}

    def transform_with_xslt(self, dc_record: Mapping[str, Any], **kwargs: Any) -> Any:
        """Convert DataCite XML to DCAT-AP, and add data that the stylesheet lacks."""
        document = to_xml(dc_record["attributes"], dc_record.get("page"))
        root = self.xslt_transform_func(document).getroot()
        for subject in dc_record["attributes"].get("subjects") or []:
            self._add_subject(root, subject)
        root = self.add_missing_creatibutor_links(root)
        if dc_record["files"]:
            self._add_files(root=root, files=dc_record["files"])
        return root

    def _add_subject(self, root: Any, subject: Mapping[str, Any]) -> None:
        if "valueUri" not in subject:
            return
        named = {**subject, "valueURI": subject["valueUri"]}
        try:
            self.add_subjects_uri(root, [named])
        except (IndexError, etree.XPathError):
            # InvenioRDM searches for its text, and escapes it for XPath incompletely.
            return

    @staticmethod
    def with_files(found: Described, obj: Mapping[str, Any]) -> dict[str, Any]:
        """Return the input of :meth:`transform_with_xslt`: the metadata and the files.

        :param obj: a record or draft as returned by InvenioRDM's services.
        """
        shown = obj.get("files") and found.may_see_files()
        files = DcatSchema().get_files(obj) if shown else missing
        files_listed = [] if files is missing else files
        return {
            "attributes": found.attributes,
            "page": found.page(),
            "files": files_listed,
        }
