"""The rules of the house: style, types, directions of imports, and a light plugin."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*command, **environment):
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "ruff", "check", "."),
        ("-m", "ruff", "format", "--check", "."),
        ("-m", "mypy"),
        (
            "-c",
            "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())",
        ),
    ],
    ids=["ruff-check", "ruff-format", "mypy", "import-linter"],
)
def test_static_checks(command):
    result = run(*command)
    assert result.returncode == 0, result.stdout + result.stderr


MODULES = sorted((ROOT / "mnvalidate").rglob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_classes_stay_small(module):
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef):
            methods = [m.name for m in node.body if isinstance(m, ast.FunctionDef) and m.name[0] != "_"]
            assert len(methods) <= 15, node.name


def test_the_plugin_loads_nothing_heavy():
    result = run("-c", "import mnvalidate.pytest_plugin.hooks, sys; print(*sys.modules)")
    loaded = set(result.stdout.split())
    assert "mnvalidate.options" in loaded
    assert not loaded & {"numpy", "pandas", "matplotlib", "scipy", "neuron", "myogen", "jsonschema", "yaml"}


def test_the_controlling_process_never_loads_neuron():
    program = (
        "import mnvalidate.validation, mnvalidate.run.neurons, mnvalidate.report.write;"
        "import mnvalidate.api, sys; print(*sys.modules)"
    )
    loaded = set(run("-c", program).stdout.split())
    assert "mnvalidate.run.children" in loaded
    assert not loaded & {"neuron", "myogen", "hoc", "mnvalidate.clamp"}


def test_myogens_thresholds_are_ours():
    program = (
        "from myogen.simulator import RecruitmentThresholds; from mnvalidate.models.spec import Recruitment;"
        "rt, _ = RecruitmentThresholds(N=20, recruitment_range__ratio=100.0, mode='fuglevand');"
        "assert rt.tolist() == list(Recruitment().thresholds(20))"
    )
    result = run("-c", program, NEURON_MODULE_OPTIONS="-nogui")
    assert result.returncode == 0, result.stderr
