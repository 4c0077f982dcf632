# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The pages' JavaScript and CSS: built once, kept outside the checkout.

A build takes minutes and most of a gigabyte, so its result is kept under a key of all
that goes into it, and ``node_modules`` is kept for the next build.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path

from stack.processes import Child, ProcessError, Report, wait_until

from .site import CHECKOUT, TEMPLATE

BUILD_SECONDS = 1800.0
PROGRESS_SECONDS = 15.0
#: Results that are kept, the newest ones.
KEPT = 3
#: Made in a project when a build in it has ended well.
STAMP = "built"

PACKAGE = CHECKOUT / "invenio_rdm_doi"
#: One of InvenioRDM's dependencies asks for a release that npm does not have.
OVERRIDES = {"warcio": "2.4.11"}
#: For the tests in tests/js, which use the very libraries that the pages use. The
#: versions are the last ones for React 16 and Node 20.
TOOLS = {
    "@testing-library/dom": "^8.20.0",
    "@testing-library/jest-dom": "^6.6.0",
    "@testing-library/react": "^12.1.5",
    "@testing-library/user-event": "^14.5.0",
    "axe-core": "^4.10.0",
    "jsdom": "^26.0.0",
    "vitest": "^3.2.0",
}


def built_assets(report: Report) -> Path:
    """The folder with the static files of the pages; builds them if need be."""
    cache = _cache()
    node = _node_version()
    built = cache / f"static-{_key(node)}"
    if built.exists():
        report(f"The pages are built already: {built}")
        built.touch()
        return built
    cache.mkdir(parents=True, exist_ok=True)
    with _lock(cache / "lock", report):
        if not built.exists():
            _build(_project(cache, node), built, report)
            _remove_old(cache)
    return built


def node_project(report: Report) -> Path:
    """The folder with ``node_modules`` and the sources of InvenioRDM's packages."""
    node = _node_version()
    project = _project(_cache(), node)
    if not (project / STAMP).exists():
        shutil.rmtree(_cache() / f"static-{_key(node)}", ignore_errors=True)
        built_assets(report)
    return project / "assets"


def _project(cache: Path, node_version: str) -> Path:
    return cache / f"project-{_host_key(node_version)}"


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "invenio-rdm-doi"


def _node_version() -> str:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise ProcessError(
                f"--web needs Node.js 20 or newer with npm; there is no {program}."
            )
    node = subprocess.run(
        ["node", "--version"], capture_output=True, text=True, timeout=60
    )
    return node.stdout.strip()


def _host_key(node_version: str) -> str:
    """A key for everything that a build installs from elsewhere."""
    digest = hashlib.sha256(node_version.encode())
    for bundling in sorted(set(_bundling_distributions())):
        digest.update(bundling.encode())
    digest.update(json.dumps([OVERRIDES, TOOLS]).encode())
    return digest.hexdigest()[:16]


def _key(node_version: str) -> str:
    digest = hashlib.sha256(_host_key(node_version).encode())
    for path in sorted(set(_source_files())):
        digest.update(str(path.relative_to(CHECKOUT)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _bundling_distributions() -> Iterator[str]:
    tools = {"flask-webpackext", "invenio-assets", "pywebpack"}
    for distribution in distributions():
        name = distribution.metadata["Name"].lower().replace("_", "-")
        bundles = distribution.entry_points.select(group="invenio_assets.webpack")
        if name == "invenio-rdm-doi":
            yield from (f"{bundle.name}={bundle.value}" for bundle in bundles)
        elif bundles or name in tools:
            yield f"{name}=={distribution.version}"


def _source_files() -> Iterator[Path]:
    folders = (PACKAGE / "assets", PACKAGE / "static", TEMPLATE / "assets")
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file())
    yield from PACKAGE.rglob("webpack.py")
    yield from (TEMPLATE / "invenio.cfg", Path(__file__))


@contextmanager
def _lock(path: Path, report: Report) -> Iterator[None]:
    with path.open("w") as file:

        def acquired() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        if not acquired():
            report("Another build of the pages is running; waiting for it")
            if not wait_until(acquired, BUILD_SECONDS, pause=1):
                raise ProcessError(f"The other build did not end; it holds {path}.")
        yield


def _build(project: Path, built: Path, report: Report) -> None:
    report("Building the pages; the first time takes some minutes")
    shutil.rmtree(project / "static", ignore_errors=True)
    shutil.copytree(TEMPLATE, project, dirs_exist_ok=True)
    build = Child(
        "build of the pages",
        [sys.executable, "-m", "demo.build_assets"],
        project.with_name("build.log"),
        environ={
            **os.environ,
            "PYTHONPATH": str(CHECKOUT),
            "INVENIO_INSTANCE_PATH": str(project),
            "INVENIO_STATIC_FOLDER": str(project / "static"),
        },
        cwd=project,
    )
    build.log.unlink(missing_ok=True)
    start = time.monotonic()
    try:
        build.start()
        while not wait_until(lambda: not build.running, PROGRESS_SECONDS):
            seconds = time.monotonic() - start
            if seconds > BUILD_SECONDS:
                break
            lines = build.output().decode(errors="replace").split("\n")
            last = next((line for line in reversed(lines) if line.strip()), "")
            report(f"  still building, {seconds:.0f} s: {last.strip()[:60]}")
        build.wait(1)
    finally:
        build.stop()
    (project / "static").rename(built)
    (project / STAMP).touch()
    report(f"Built the pages in {time.monotonic() - start:.0f} s: {built}")


def _remove_old(cache: Path) -> None:
    for pattern in ("static-*", "project-*"):
        results = sorted(cache.glob(pattern), key=lambda path: path.stat().st_mtime)
        for old in results[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)


def main() -> None:
    """Build in the instance that the environment names; runs in a process of its own.

    The steps of ``invenio collect`` and ``invenio webpack buildall``, with the
    instance's own files and the overrides in between.
    """
    from flask_collect import Collect
    from flask_webpackext.proxies import current_webpack
    from invenio_app.factory import create_app

    app = create_app()
    with app.app_context():
        assets = Path(app.instance_path) / "assets"
        _clear(assets)
        Collect(app).collect(verbose=False)
        project = current_webpack.project
        project.create()
        shutil.copytree(TEMPLATE / "assets", assets, dirs_exist_ok=True)
        # Places where pages could be overridden; nothing is, but they must exist.
        for name in ("custom_fields", "search"):
            (assets / "templates" / name).mkdir(parents=True, exist_ok=True)
        package_json = assets / "package.json"
        package = json.loads(package_json.read_text())
        package["overrides"] = {**package.get("overrides", {}), **OVERRIDES}
        package["devDependencies"] = {**package.get("devDependencies", {}), **TOOLS}
        package_json.write_text(json.dumps(package, indent=2))
        print("npm install", flush=True)
        project.install("--no-audit", "--no-fund", "--loglevel", "http")
        print("rspack build", flush=True)
        project.build()


def _clear(assets: Path) -> None:
    """Remove the sources of an earlier build, which may have had other files."""
    for path in assets.iterdir() if assets.exists() else []:
        if path.name == "node_modules":
            continue
        shutil.rmtree(path) if path.is_dir() else path.unlink()


if __name__ == "__main__":
    main()
