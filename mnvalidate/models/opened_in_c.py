"""Files that NEURON itself opens: hoc's ``load_file``, ``xopen`` and ``File`` pass by Python's audit.

The calls of NEURON's libraries to the C library go through a table of addresses in each of them. Those of the
functions that open files are led through a function of Python's here, in this process, for good.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

type Observer = Callable[[str, str], None]

_PT_DYNAMIC = 2
_DT_PLTRELSZ, _DT_STRTAB, _DT_SYMTAB, _DT_RELA, _DT_RELASZ, _DT_JMPREL = 2, 5, 6, 7, 8, 23
_RELOCATION, _SYMBOL__bytes = "<QQq", 24
_OURS = ("nrn", "libhdf5")
_POINTER = ctypes.c_void_p

# What each function takes and returns; the first argument is a name in each.
_FUNCTIONS = {
    "fopen": (_POINTER, (ctypes.c_char_p, ctypes.c_char_p)),
    "fopen64": (_POINTER, (ctypes.c_char_p, ctypes.c_char_p)),
    "open": (ctypes.c_int, (ctypes.c_char_p, ctypes.c_int, ctypes.c_int)),
    "open64": (ctypes.c_int, (ctypes.c_char_p, ctypes.c_int, ctypes.c_int)),
    "getenv": (_POINTER, (ctypes.c_char_p,)),
    "popen": (_POINTER, (ctypes.c_char_p, ctypes.c_char_p)),
    "system": (ctypes.c_int, (ctypes.c_char_p,)),
}

_observer: Observer | None = None
_led_through: dict[str, ctypes._FuncPointer] = {}
_done: set[str] = set()


class _ProgramHeader(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("offset", ctypes.c_uint64),
        ("address", ctypes.c_uint64),
        ("physical", ctypes.c_uint64),
        ("file_size", ctypes.c_uint64),
        ("memory_size", ctypes.c_uint64),
        ("alignment", ctypes.c_uint64),
    )


class _Object(ctypes.Structure):
    _fields_ = (
        ("base", ctypes.c_uint64),
        ("name", ctypes.c_char_p),
        ("headers", ctypes.POINTER(_ProgramHeader)),
        ("n_headers", ctypes.c_uint16),
    )


def can_observe() -> bool:
    """Whether this is a system whose libraries are understood here."""
    return sys.platform == "linux" and ctypes.sizeof(_POINTER) == 8 and os.uname().machine in _JUMPS


_JUMPS = {"x86_64": (6, 7), "aarch64": (1025, 1026)}
"""Kinds of relocations that stand for the address of a function, by machine."""


def observe(observer: Observer) -> None:
    """Call `observer` with the name of a C function and its first argument, from now on.

    Libraries that are loaded later need another call. Where `can_observe` says no, nothing happens.
    """
    global _observer
    _observer = observer
    if can_observe():
        for library in _loaded_libraries():
            _lead_through(*library)


def stop_observing() -> None:
    """Call nobody any more."""
    global _observer
    _observer = None


def _loaded_libraries() -> list[tuple[str, int, int]]:
    """Name, base and place of the dynamic section of NEURON's libraries."""
    found: list[tuple[str, int, int]] = []

    def each(pointer: ctypes._Pointer[_Object], size: int, data: int) -> int:
        loaded = pointer.contents
        name = os.fsdecode(loaded.name or b"")
        if any(part in Path(name).name for part in _OURS) and name not in _done:
            headers = [loaded.headers[i] for i in range(loaded.n_headers)]
            dynamic = [header.address for header in headers if header.type == _PT_DYNAMIC]
            found.extend((name, loaded.base, loaded.base + address) for address in dynamic)
        return 0

    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Object), ctypes.c_size_t, _POINTER)
    ctypes.CDLL(None).dl_iterate_phdr(kind(each), None)
    return found


def _lead_through(name: str, base: int, dynamic: int) -> None:
    _done.add(name)
    entries = dict(_dynamic_entries(dynamic))
    kinds = _JUMPS[os.uname().machine]
    tables = [(entries.get(_DT_JMPREL), entries.get(_DT_PLTRELSZ, 0))]
    tables.append((entries.get(_DT_RELA), entries.get(_DT_RELASZ, 0)))
    for start, size in tables:
        if start is None:
            continue
        table = ctypes.string_at(_absolute(start, base), size)
        for offset, info, _ in struct.iter_unpack(_RELOCATION, table):
            if info & 0xFFFFFFFF in kinds:
                symbol = _absolute(entries[_DT_SYMTAB], base) + (info >> 32) * _SYMBOL__bytes
                text = _absolute(entries[_DT_STRTAB], base) + ctypes.c_uint32.from_address(symbol).value
                function = os.fsdecode(ctypes.string_at(text))
                if function in _FUNCTIONS:
                    _write(base + offset, _function(function))


def _dynamic_entries(dynamic: int) -> Iterator[tuple[int, int]]:
    while tag := ctypes.c_int64.from_address(dynamic).value:
        yield tag, ctypes.c_uint64.from_address(dynamic + 8).value
        dynamic += 16


def _absolute(address: int, base: int) -> int:
    """Address of a table: the loader has added the base in most systems, not in all."""
    return address if address >= base else address + base


def _function(name: str) -> ctypes._FuncPointer:
    if name not in _led_through:
        result, arguments = _FUNCTIONS[name]
        kind = ctypes.CFUNCTYPE(result, *arguments)
        original = kind((name, ctypes.CDLL(None)))

        def call(*values: bytes | int) -> object:
            if _observer is not None and isinstance(values[0], bytes):
                _observer(name, os.fsdecode(values[0]))
            return original(*values)

        _led_through[name] = kind(call)
    return _led_through[name]


def _write(slot: int, function: ctypes._FuncPointer) -> None:
    page = slot & -mmap.PAGESIZE
    if ctypes.CDLL(None).mprotect(_POINTER(page), ctypes.c_size_t(mmap.PAGESIZE), ctypes.c_int(3)) == 0:
        _POINTER.from_address(slot).value = ctypes.cast(function, _POINTER).value
