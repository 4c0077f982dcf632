# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Serializers in the place of the host's: all say what DataCite has."""

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
    """Records as DataCite JSON, metadata schema 4.7."""

    def __init__(self, **options: Any):
        """Constructor.

        :param options: for :class:`flask_resources.JSONSerializer`.
        """
        self.format_serializer = JSONSerializer(**options)

    def serialize_object(self, obj: Mapping[str, Any]) -> str:
        """One record or draft, as JSON."""
        return self.format_serializer.serialize_object(self.dump_obj(obj))

    def serialize_object_list(self, obj_list: Mapping[str, Any]) -> str:
        """The hits of a search, as JSON."""
        return self.format_serializer.serialize_object_list(self.dump_list(obj_list))

    def dump_obj(self, obj: Mapping[str, Any]) -> Attributes:
        """What DataCite has, or would get, without what is empty.

        :param obj: a record or a draft that the reader may see.
        """
        return describe(obj).attributes

    def dump_list(self, obj_list: Mapping[str, Any]) -> dict[str, Any]:
        """The same for all hits.

        A search index may lag behind: who may see a record is asked of what is read
        now, and what is not there any more is left out.
        """
        hits = obj_list["hits"]
        shown = [found.attributes for found in listed(hits["hits"]).values()]
        return {**obj_list, "hits": {**hits, "hits": shown}}


class DataCite47XMLSerializer(DataCite47JSONSerializer):
    """The same as DataCite XML."""

    def __init__(self, **options: Any):
        """Constructor; there are no options."""
        super().__init__()

    def serialize_object(self, obj: Mapping[str, Any]) -> str:
        """One record or draft, as an XML document."""
        found = describe(obj)
        return to_text(found.attributes, found.page())

    def serialize_object_list(self, obj_list: Mapping[str, Any]) -> str:
        """The hits of a search: documents, one after the other, as the host has it."""
        found = listed(obj_list["hits"]["hits"]).values()
        return "\n".join(to_text(item.attributes, item.page()) for item in found)


class DataCite47DCATSerializer(DCATSerializer):
    """DCAT-AP, which the host makes from DataCite XML: here, from that of 4.7."""

    def dump_obj(self, obj: Mapping[str, Any]) -> dict[str, Any]:
        """The metadata, and the files as the host lists them."""
        return self.with_files(describe(obj), obj)

    def dump_list(self, obj_list: Mapping[str, Any]) -> dict[str, Any]:
        """The same for all hits that may be read."""
        hits = obj_list["hits"]
        shown = listed(hits["hits"])
        by_id = {obj["id"]: obj for obj in hits["hits"]}
        dumped = [self.with_files(found, by_id[id_]) for id_, found in shown.items()]
        return {**obj_list, "hits": {**hits, "hits": dumped}}

    def transform_with_xslt(self, dc_record: Mapping[str, Any], **kwargs: Any) -> Any:
        """From DataCite XML to DCAT-AP, with what the stylesheet cannot know."""
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
            # The host looks for it by its words, and quotes them for XPath by half.
            return

    @staticmethod
    def with_files(found: Described, obj: Mapping[str, Any]) -> dict[str, Any]:
        """What :meth:`transform_with_xslt` needs: the metadata, and the files.

        :param obj: as the host's services show it.
        """
        shown = obj.get("files") and found.may_see_files()
        files = DcatSchema().get_files(obj) if shown else missing
        files_listed = [] if files is missing else files
        return {
            "attributes": found.attributes,
            "page": found.page(),
            "files": files_listed,
        }
