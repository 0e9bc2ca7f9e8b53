"""Metadata of the distribution that brings no MyoGen: that of mnvalidate itself, under another name."""

import tomllib
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

_ROOT = Path(__file__).resolve().parents[2]
_TAKEN = ("description", "license", "requires-python", "keywords", "classifiers", "scripts", "entry-points")


class WithoutMyogen(MetadataHookInterface):
    """Takes everything from the project's own pyproject.toml, except MyoGen."""

    def update(self, metadata: dict) -> None:
        """Take the project's metadata."""
        project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        metadata |= {key: project[key] for key in _TAKEN}
        metadata["dependencies"] = [each for each in project["dependencies"] if not each.startswith("myogen")]
