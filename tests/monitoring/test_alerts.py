# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Alert rules, dashboard and documentation refer only to existing metrics."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.core import HistogramMetricFamily

from invenio_rdm_doi.monitoring.collector import Collector
from invenio_rdm_doi.monitoring.totals import Totals

DOCS = Path(__file__).parents[2] / "docs"
ALERTS = DOCS / "monitoring" / "alerts.yml"
DASHBOARD = DOCS / "monitoring" / "grafana.json"
NAME = re.compile(r"\brdm_doi_[a-z_]+")


@pytest.fixture()
def families(running_app):
    """Return the metrics of this version."""
    return list(Collector(Totals()).collect())


def names_of(families):
    found = set()
    for family in families:
        suffix = "_total" if family.type == "counter" else ""
        found.add(f"{family.name}{suffix}")
        if isinstance(family, HistogramMetricFamily):
            found.add(f"{family.name}_bucket")
    return found


@pytest.mark.parametrize("path", [ALERTS, DASHBOARD], ids=lambda path: path.name)
def test_what_is_asked_for_is_there(families, path):
    asked = set(NAME.findall(path.read_text("utf-8")))
    assert asked and asked <= names_of(families)


def test_every_metric_is_documented(families):
    text = (DOCS / "monitoring.rst").read_text("utf-8")
    documented = set(re.findall(r"``(rdm_doi_[a-z_]+)``", text))
    of_buckets = {name for name in names_of(families) if name.endswith("_bucket")}
    assert documented == names_of(families) - of_buckets


def test_every_rule_says_what_to_do():
    (group,) = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    for rule in group["rules"]:
        assert rule["annotations"]["action"], rule["alert"]
        assert rule["labels"]["severity"] in ("page", "warning")


def test_each_rule_is_tried_in_a_real_prometheus():
    (group,) = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    tried = Path(__file__).with_name("test_prometheus.py").read_text("utf-8")
    for rule in group["rules"]:
        assert f'fires("{rule["alert"]}")' in tried


def test_the_dashboard_is_one():
    dashboard = json.loads(DASHBOARD.read_text("utf-8"))
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids)) >= 8


@pytest.mark.skipif(not shutil.which("promtool"), reason="Prometheus is not installed")
def test_prometheus_takes_the_rules():
    done = subprocess.run(
        ["promtool", "check", "rules", str(ALERTS)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
