"""What a factory reads while it builds: files, folders, environment variables, and what cannot be known."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from mnvalidate.models.opened_in_c import can_observe, observe, stop_observing
from mnvalidate.records import Json

_PASSING_PLACES = ("/proc/", "/sys/", "/dev/")
_INSTALLED = ("site-packages", "dist-packages")
_ABSENT, _PRESENT = "absent", "present"
_PASSING_NAMES = ("__pycache__",)
# What reaches beyond this process and its files, by Python's audit events.
_BEYOND = {
    "subprocess.Popen": "starts a process",
    "os.system": "starts a process",
    "os.posix_spawn": "starts a process",
    "os.fork": "starts a process",
    "socket.connect": "opens a connection",
    "socket.getaddrinfo": "opens a connection",
}
# Packages that open files by themselves, in C.
_READERS_IN_C = ("h5py", "netCDF4", "tables", "pyarrow", "zarr", "neo", "pynwb")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a neuron was built of besides its specification.

    Parameters
    ----------
    files : dict of str to str
        Digest of every file that was read or imported, by path; of a package that is installed, its size and
        time.
    folders : dict of str to list of str
        Names in every folder that was listed.
    variables : dict of str to str or None
        Every environment variable that was asked for.
    unknown : tuple of str
        Why this is not all, empty where it is.
    homes : tuple of str
        Folders in which a model lies: that of its module, and the working folder.
    """

    files: dict[str, str] = field(default_factory=dict)
    folders: dict[str, list[str]] = field(default_factory=dict)
    variables: dict[str, str | None] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """Return what a key takes in: the same for a model that was moved as a whole."""
        files: dict[str, Json] = {self._at_home(name): digest for name, digest in self.files.items()}
        folders: dict[str, Json] = {self._at_home(name): list(each) for name, each in self.folders.items()}
        return {"files": files, "folders": folders, "variables": dict(self.variables)}

    def _at_home(self, path: str) -> str:
        for number, home in enumerate(self.homes):
            if path == home or path.startswith(home + os.sep):
                return f"<{number}>{path[len(home) :]}"
        return path

    @property
    def own_files(self) -> tuple[Path, ...]:
        """Files that belong to no installed package."""
        return tuple(Path(name) for name in self.files if not _is_installed(name))


class Watch:
    """Notes what this process reads while it is active; a context manager."""

    def __init__(self) -> None:
        self._opened: dict[str, os.stat_result | None] = {}
        self._tested: set[str] = set()
        self._listed: dict[str, list[str]] = {}
        self._asked: dict[str, str | None] = {}
        self._beyond: dict[str, None] = {}
        self._modules: frozenset[str] = frozenset()

    def __enter__(self) -> Watch:
        """Begin."""
        global _active
        self._modules = frozenset(sys.modules)
        _add_hooks()
        _active = self
        self.look_again()
        return self

    def __exit__(self, *error: object) -> None:
        """End."""
        global _active
        _active = None
        stop_observing()

    def look_again(self) -> None:
        """Watch the libraries, too, that were loaded in the meantime."""
        observe(self._called_in_c)

    def inputs(self, *homes: str) -> Inputs:
        """Digests of what was read, by a model that lies in some folders."""
        for name in set(sys.modules) - self._modules:
            file = getattr(sys.modules[name], "__file__", None)
            if isinstance(file, str):
                self._note_file(file)
            if name in _READERS_IN_C:
                self._beyond[f"reads files with {name}"] = None
        if not can_observe() and any(name.endswith(".hoc") for name in self._opened):
            self._beyond["reads hoc files, which cannot be seen on this system"] = None
        files: dict[str, str] = {}
        for name, status in self._opened.items():
            now = _status(name)
            if now is None:
                files[name] = _ABSENT
                continue
            if status is not None and (now.st_mtime_ns, now.st_size) != (status.st_mtime_ns, status.st_size):
                self._beyond[f"reads {name}, which changes meanwhile"] = None
            files[name] = _digest(name, now)
        for name in self._tested - files.keys():
            files[name] = _PRESENT if os.path.exists(name) else _ABSENT
        return Inputs(
            dict(sorted(files.items())),
            dict(sorted(self._listed.items())),
            dict(sorted(self._asked.items())),
            tuple(self._beyond),
            homes,
        )

    def note_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take notice of one of Python's audit events."""
        if event == "open":
            name, _, flags = arguments
            if flags & os.O_ACCMODE != os.O_WRONLY:
                self._note_file(name, makes=bool(flags & os.O_CREAT))
        elif event in ("sqlite3.connect", "ctypes.dlopen"):
            self._note_file(arguments[0])
        elif event in ("os.listdir", "os.scandir"):
            self._note_folder(arguments[0])
        elif event in _BEYOND:
            self._beyond[_BEYOND[event]] = None

    def note_variable(self, name: str | bytes, value: str | None) -> None:
        """Take notice of an environment variable."""
        self._asked[os.fsdecode(name)] = value

    def _called_in_c(self, function: str, name: str) -> None:
        if function == "getenv":
            self.note_variable(name, os.environ.get(name))
        elif function in ("popen", "system"):
            self._beyond["starts a process"] = None
        else:
            self._note_file(name)

    def note_question(self, name: object) -> None:
        """Take notice of someone who asks whether there is a file or a folder."""
        if isinstance(name, str | bytes | os.PathLike):
            path = os.path.abspath(os.fsdecode(name))
            if not path.startswith((*_PASSING_PLACES, *_standard_places())) and not _is_installed(path):
                self._tested.add(path)

    def _note_file(self, name: object, *, makes: bool = False) -> None:
        if not isinstance(name, str | bytes | os.PathLike):
            return  # a descriptor, whose file was opened before
        path = os.path.abspath(os.fsdecode(name))
        if path.endswith(".pyc"):
            with contextlib.suppress(ValueError):
                path = importlib.util.source_from_cache(path)
        if path not in self._opened and not path.startswith((*_PASSING_PLACES, *_standard_places())):
            status = _status(path)
            if status is not None or not makes:
                self._opened[path] = status

    def _note_folder(self, name: object) -> None:
        # The import system lists every folder on its path; what it finds there is imported.
        if not isinstance(name, str | bytes | os.PathLike | type(None)) or _called_by_import_system():
            return
        path = os.path.abspath(os.fsdecode(name or "."))
        if not path.startswith((*_PASSING_PLACES, *_standard_places())) and not _is_installed(path):
            with contextlib.suppress(OSError):
                names = (entry.name for entry in Path(path).iterdir())
                self._listed[path] = sorted(
                    name for name in names if name not in _PASSING_NAMES and name[0] != "."
                )


_EVENTS = frozenset({"open", "sqlite3.connect", "ctypes.dlopen", "os.listdir", "os.scandir", *_BEYOND})
_NOBODY = Watch()
_active: Watch | None = None
_has_hooks = False


@contextlib.contextmanager
def unwatched() -> Generator[None]:
    """Let what mnvalidate does itself pass."""
    watch = _active
    if watch is None:
        yield
        return
    with _paused(watch):
        yield
    watch.look_again()


@contextlib.contextmanager
def _paused(watch: Watch) -> Generator[None]:
    global _active
    _active = None
    try:
        yield
    finally:
        _active = watch


def _add_hooks() -> None:
    """Hook into Python, which lets nobody unhook."""
    global _has_hooks
    if _has_hooks:
        return
    _has_hooks = True
    sys.addaudithook(_audit)
    environment: Any = type(os.environ)
    get = environment.__getitem__

    def get_and_note(self: Any, name: Any) -> Any:
        try:
            value = get(self, name)
        except KeyError:
            with _noting() as watch:
                watch.note_variable(name, None)
            raise
        with _noting() as watch:
            watch.note_variable(name, os.fsdecode(value))
        return value

    environment.__getitem__ = get_and_note
    status = os.stat

    def status_and_note(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
        with _noting() as watch:
            watch.note_question(path)
        return status(path, *arguments, **options)

    module: Any = os  # a type checker lets nobody replace its functions
    module.stat = status_and_note


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _active is not None and event in _EVENTS:
        with _noting() as watch:
            watch.note_event(event, arguments)


@contextlib.contextmanager
def _noting() -> Generator[Watch]:
    """Note something; what that takes is not noted itself."""
    watch = _active
    if watch is None:
        yield _NOBODY
        return
    with _paused(watch):
        yield watch


def _called_by_import_system() -> bool:
    return any("importlib._bootstrap" in name for name in _files_of(sys._getframe(1)))


def _files_of(frame: Any) -> Iterator[str]:
    for _ in range(12):
        if frame is None:
            return
        yield frame.f_code.co_filename
        frame = frame.f_back


def _status(path: str, _stat: Callable[[str], os.stat_result] = os.stat) -> os.stat_result | None:
    try:
        status = _stat(path)
    except (OSError, ValueError):
        return None
    return status if (status.st_mode & 0o170000) == 0o100000 else None


def _digest(path: str, status: os.stat_result) -> str:
    if _is_installed(path):
        return f"{status.st_size} {status.st_mtime_ns}"
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return str(error.errno)


def _is_installed(path: str) -> bool:
    return any(part in _INSTALLED for part in Path(path).parts)


@cache
def _standard_places() -> tuple[str, ...]:
    """Folders of Python's own library; its version is part of every key."""
    places = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib")} | {os.path.dirname(os.__file__)}
    folders = [place + os.sep for place in places if place]
    return tuple(f"{folder}{name}" for folder in folders for name in _standard_names(folder))


def _standard_names(folder: str) -> Iterable[str]:
    return (entry.name for entry in Path(folder).iterdir() if entry.name not in _INSTALLED)


def installed_packages() -> list[str]:
    """Names and versions of every package on the import path."""
    names: set[str] = set()
    for place in sys.path:
        if _is_installed(place):
            with contextlib.suppress(OSError):
                names |= {entry.name for entry in Path(place).glob("*.dist-info")}
    return sorted(names)
