"""The command line: every option with its ini twin, and what each accepts.

Only the standard library is imported here, because pytest reads this module in every run.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mnvalidate import option_values
from mnvalidate.models.asked import Wanted, asked_models, is_model_file
from mnvalidate.models.modifications import MYOGEN_LIBRARY, Modifications, read_modifications
from mnvalidate.models.registry import DEFAULT_MODEL
from mnvalidate.models.registry import OWN_NAMES as MODELS
from mnvalidate.models.scans import CELSIUS, Scan, read_scanned_variant, scanned
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.sources import NmodlError
from mnvalidate.solver import Solver

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for.

    Parameters
    ----------
    specs : tuple of ModelSpec
        The models.
    solver : Solver
        Method of integration.
    jobs : int or None
        Processes at a time; None for all cores.
    timeout__s : float
        Seconds that one neuron may take.
    report : Path or None
        Folder of the report; None for no report.
    species : str
        Species whose literature applies.
    store : Path or None
        Folder of the store of records; None for none.
    deviations : Path or None
        File of known deviations; None for none.
    deviations_shipped : bool
        Whether those known of the installed MyoGen apply.
    profile : Path or None
        File of other severities.
    explain : str
        Quantity or criterion to be explained in place of a run, or ``all``; empty for none.
    mechanisms : tuple of str
        Mechanisms to check, by name.
    all_mechanisms : bool
        Whether the models' own are to be checked, too.
    baseline : Path or None
        File of the baseline to compare with; None for none.
    save_baseline : Path or None
        File in which the model is to be saved; None for none.
    new_warnings : str
        ``error`` if a warning that the baseline does not have fails the run, ``warning`` if not.
    literature : Path or None
        Folder of literature beside the shipped; None for none.
    scan : Scan or None
        What the models are variants of; None where nothing is scanned.
    """

    specs: tuple[ModelSpec, ...]
    solver: Solver
    jobs: int | None
    timeout__s: float
    report: Path | None
    species: str
    store: Path | None = None
    deviations: Path | None = None
    deviations_shipped: bool = True
    profile: Path | None = None
    explain: str = ""
    mechanisms: tuple[str, ...] = ()
    all_mechanisms: bool = False
    baseline: Path | None = None
    save_baseline: Path | None = None
    new_warnings: str = "warning"
    literature: Path | None = None
    scan: Scan | None = None


class OptionError(ValueError):
    """An option has a value that is not allowed; the message names it and says what is."""


@dataclass(frozen=True, slots=True)
class _Option:
    flag: str
    default: str
    metavar: str
    help: str
    action: Literal["store", "append", "store_true"] = "store"
    words: tuple[str, ...] | None = None
    """What stands in place of a path; None where no path is meant."""

    def is_word(self, text: str) -> bool:
        """Whether a value stands in place of a path."""
        assert self.words is not None
        return text in self.words or (self.words == MODELS and not is_model_file(text))

    @property
    def ini(self) -> str:
        return self.flag.lstrip("-").replace("-", "_")

    @property
    def ini_type(self) -> Literal["args", "bool", "string"]:
        kinds: dict[str, Literal["args", "bool", "string"]] = {"append": "args", "store_true": "bool"}
        return kinds.get(self.action, "string")


NEW_WARNINGS_FAIL = "error"
"""What ``--mn-new-warnings`` says if they are to fail the run."""

OPTIONS = (
    _Option("--n-neurons", "5", "N", "size of the motoneuron pool"),
    _Option(
        "--mn-model",
        DEFAULT_MODEL,
        "MODEL",
        f"{', '.join(MODELS)}, a package's model, package.module:factory or a YAML file; repeat to compare",
        action="append",
        words=MODELS,
    ),
    _Option("--mn-species", "cat", "SPECIES", "species whose literature applies"),
    _Option(
        "--mn-literature",
        "",
        "DIR",
        "folder of facts, criteria and species of your own, beside the shipped literature",
        words=(),
    ),
    _Option(
        "--mn-nmodl",
        "",
        "PATH",
        "mod file or folder of mod files, checked and merged over the model's own by SUFFIX; repeatable",
        action="append",
        words=(),
    ),
    _Option(
        "--mn-library",
        "",
        "DIR",
        "folder of mod files that a factory's cells are made of, or myogen for MyoGen's; repeatable",
        action="append",
        words=(MYOGEN_LIBRARY,),
    ),
    _Option("--mn-celsius", "", "DEGC", "temperature in place of the model's own (MyoGen's: 36 degC)"),
    _Option("--mn-set", "", "NAME=VALUE", "argument of the model, as gamma=0.4; repeatable", action="append"),
    _Option("--mn-config", "", "FILE", "settings in YAML that are merged over MyoGen's own", words=()),
    _Option(
        "--mn-recruitment",
        "",
        "MODE[:range=R,slope=B,max=M]",
        "thresholds: fuglevand (default: range=100), deluca, konstantin or combined",
    ),
    _Option("--mn-seed", "", "N", "seed of the random generators (default: 42)"),
    _Option(
        "--mn-scan",
        "",
        "KEY=VALUES",
        "a variant for each value of an argument, celsius, seed or recruitment.range, .slope, .max, as "
        "gamma=0,0.1,0.2 or recruitment.slope=1:20:5 (start:stop:number); repeat for all combinations",
        action="append",
    ),
    _Option(
        "--mn-insert",
        "",
        "SECTION:SUFFIX[,PARAM=VALUE...]",
        "insert a mechanism into every neuron, in soma, dend or all sections; repeatable",
        action="append",
    ),
    _Option(
        "--mn-mechanism",
        "",
        "SUFFIX",
        "mechanism to check, or all of the model's; repeatable",
        action="append",
    ),
    _Option("--mn-dt", "", "MS", "integrate with this fixed step in ms (default: CVODE)"),
    _Option("--mn-jobs", "", "N", "processes that measure at a time (default: all cores)"),
    _Option(
        "--mn-timeout",
        "300",
        "S",
        "seconds that one neuron may take, and at most that for a check of a mechanism",
    ),
    _Option(
        "--mn-deviations",
        "shipped",
        "FILE",
        "known deviations that are excused: a YAML file, none, or those of the installed MyoGen",
        words=("shipped", "none"),
    ),
    _Option("--mn-profile", "", "FILE", "other severities for some criteria, a YAML file", words=()),
    _Option("--mn-spec", "", "", "print the models as they would be built, and exit", action="store_true"),
    _Option(
        "--mn-explain",
        "",
        "NAME",
        "explain how a quantity is measured and judged, or a criterion; all lists them; and exit",
    ),
    _Option(
        "--mn-cache-dir",
        "",
        "DIR",
        "folder in which records are kept (default: the user's cache folder)",
        words=(),
    ),
    _Option("--mn-no-cache", "", "", "measure every neuron, and keep no records", action="store_true"),
    _Option(
        "--mn-baseline",
        "",
        "FILE",
        "compare every number with the model as it was, a file that --mn-save-baseline has written",
        words=(),
    ),
    _Option("--mn-save-baseline", "", "FILE", "write the model as it is now, for --mn-baseline", words=()),
    _Option(
        "--mn-new-warnings",
        "warning",
        "SEVERITY",
        f"what a warning is that the baseline does not have: warning, or {NEW_WARNINGS_FAIL}, which fails",
    ),
    _Option("--mn-report", "results", "DIR", "folder for the CSV and the figures, or none", words=("none",)),
)


def add_options(parser: pytest.Parser) -> None:
    """Register every option and its ini twin."""
    group = parser.getgroup("mnvalidate", "motoneuron validation (mnvalidate)")
    for option in OPTIONS:
        default = f" (default: {option.default})" if option.default else ""
        named = {} if option.action == "store_true" else {"metavar": option.metavar}
        group.addoption(option.flag, action=option.action, default=None, help=option.help + default, **named)
        parser.addini(option.ini, f"default of {option.flag}", type=option.ini_type)


def read_options(config: pytest.Config) -> Options:
    """Read and check every option.

    Raises
    ------
    OptionError
        If a value is not allowed.
    """
    _check_spelling(config)
    given = {option.flag: _given(config, option) for option in OPTIONS}
    n_neurons = _parse("--n-neurons", given["--n-neurons"][0], option_values.whole_number)
    _look_here_too(config, given["--mn-model"])
    celsius = _parse("--mn-celsius", given["--mn-celsius"][0], option_values.temperature)
    changed = _modifications(given)
    texts = {flag: values[0] for flag, values in given.items()}
    varied, variant = read_scanned_variant(given["--mn-scan"], given["--mn-set"], texts)
    for value in (value for p in varied if p.key == CELSIUS for value in p.values):
        _parse(f"--mn-scan: {CELSIUS}", str(value), option_values.temperature)
    size_given = config.getoption("--n-neurons") or config.getini("n_neurons")
    wanted = Wanted(n_neurons, bool(size_given), celsius, changed, variant)
    specs, mechanisms = asked_models(given["--mn-model"], wanted)
    specs, scan = scanned(specs, varied) if varied else (specs, None)
    deviations = given["--mn-deviations"][0]
    literature = _file(given["--mn-literature"][0])
    store = Path(given["--mn-cache-dir"][0]) if given["--mn-cache-dir"][0] else default_store_folder()
    return Options(
        specs=specs,
        solver=_parse("--mn-dt", given["--mn-dt"][0], option_values.solver),
        jobs=_parse(
            "--mn-jobs",
            given["--mn-jobs"][0],
            lambda text: option_values.whole_number(text) if text else None,
        ),
        timeout__s=_parse("--mn-timeout", given["--mn-timeout"][0], option_values.positive_seconds),
        report=None if given["--mn-report"][0] == "none" else Path(given["--mn-report"][0]),
        species=_parse(
            "--mn-species", given["--mn-species"][0], lambda text: option_values.species(text, literature)
        ),
        literature=literature,
        store=None if given["--mn-no-cache"][0] else store,
        deviations=None if deviations in ("shipped", "none") else Path(deviations),
        deviations_shipped=deviations == "shipped",
        profile=_file(given["--mn-profile"][0]),
        explain=given["--mn-explain"][0],
        mechanisms=mechanisms,
        all_mechanisms=changed.all_mechanisms,
        baseline=_file(given["--mn-baseline"][0]),
        save_baseline=_file(given["--mn-save-baseline"][0]),
        new_warnings=_parse("--mn-new-warnings", given["--mn-new-warnings"][0], option_values.new_warnings),
        scan=scan,
    )


def _file(text: str) -> Path | None:
    return Path(text) if text else None


def default_store_folder() -> Path:
    """Folder of the user's records: ``mnvalidate`` in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mnvalidate"


def check_writable(folder: Path) -> None:
    """Make the report folder and try it.

    Raises
    ------
    OptionError
        If nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OptionError(
            f"--mn-report: cannot write to {str(folder)!r} ({error.strerror}); "
            "allowed is a writable folder or none"
        ) from error


def _check_spelling(config: pytest.Config) -> None:
    """Refuse a path after a space that would lead pytest away from the project.

    pytest settles its root folder and its ini file before it knows any plugin's options, and takes what
    exists and is no option of its own for a place of tests.
    """
    here = config.invocation_params.dir.resolve()
    flags = {option.flag for option in OPTIONS}
    for flag, value in pairwise(map(str, config.invocation_params.args)):
        path = (here / value).resolve()
        if flag in flags and path.exists() and not path.is_relative_to(here):
            raise OptionError(
                f"{flag}: write {flag}={value} with '='; after a space, pytest takes a path outside this "
                "folder for a place of tests and looks there for its settings"
            )


def _given(config: pytest.Config, option: _Option) -> list[str]:
    given = config.getoption(option.flag)
    if given == "" or (isinstance(given, list) and "" in given):  # a shell variable that is not set
        raise OptionError(f"{option.flag}: must not be empty")
    value: Any = given or config.getini(option.ini) or option.default
    values = [str(item) for item in value] if isinstance(value, list) else [str(value)]
    if given or option.words is None or config.inipath is None or not config.getini(option.ini):
        return values
    # As pytest's own: what an ini file names lies beside it, wherever the run was started.
    return [text if option.is_word(text) else str(config.inipath.parent / text) for text in values]


def is_given(config: pytest.Config) -> bool:
    """Whether one of the options stands on the command line."""
    return any(config.getoption(option.flag) is not None for option in OPTIONS)


def _look_here_too(config: pytest.Config, models: list[str]) -> None:
    """Let a factory be imported from the folder in which pytest was started, or that of its model file."""
    here = config.invocation_params.dir
    folders = [here] if any(":" in model for model in models) else []
    folders += [(here / model).resolve().parent for model in models if is_model_file(model)]
    sys.path.extend(str(folder) for folder in dict.fromkeys(folders) if str(folder) not in sys.path)


def _parse[T](flag: str, text: str, parser: Callable[[str], T]) -> T:
    try:
        return parser(text)
    except ValueError as error:
        raise OptionError(f"{flag}: {error}") from error


def _modifications(given: Mapping[str, list[str]]) -> Modifications:
    nmodl, insertions, mechanisms, library = (
        [text for text in given[flag] if text]
        for flag in ("--mn-nmodl", "--mn-insert", "--mn-mechanism", "--mn-library")
    )
    try:
        return read_modifications(nmodl, insertions, mechanisms, library, given["--mn-model"])
    except NmodlError as error:
        raise OptionError(str(error)) from error
