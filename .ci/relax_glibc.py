"""Make x86-64 programs that were linked with glibc 2.38 start on 2.36: relax_glibc.py PROGRAM...

Only for programs whose sole newer symbols are the C23 twins of strtol and its family
(__isoc23_strtol, ...), which differ from their elders by accepting "0b" prefixes. A twin's name is
moved past its prefix and its version set to GLIBC_2.2.5; the version that is then needed by nothing
becomes a second GLIBC_2.2.5. Any other newer symbol is an error, and nothing is written.
"""

import struct
import sys
from pathlib import Path

PREFIX, OLD = b"__isoc23_", b"GLIBC_2.2.5"


def name_at(table: bytes, offset: int) -> bytes:
    """The text that starts at an offset and ends with a zero."""
    return table[offset : table.index(b"\0", offset)]


def sections(data: bytes) -> dict[bytes, tuple[int, int]]:
    """Offset and size of every section by name (ELF64, little-endian)."""
    (start,) = struct.unpack_from("<Q", data, 0x28)
    size, count, names = struct.unpack_from("<HHH", data, 0x3A)
    heads = [struct.unpack_from("<IIQQQQ", data, start + at * size) for at in range(count)]
    table = bytes(data[heads[names][4] :])
    return {name_at(table, head[0]): (head[4], head[5]) for head in heads}


def needed_versions(data: bytes, start: int, strings: bytes) -> dict[int, tuple[bytes, int]]:
    """Name of each needed version and where its entry lies, by index."""
    found, at, following = {}, start, 1
    while following:
        _, count, _, entry, following = struct.unpack_from("<HHIII", data, at)
        entry += at
        for _ in range(count):
            _, _, index, name, step = struct.unpack_from("<IHHII", data, entry)
            found[index] = (name_at(strings, name), entry)
            entry += step
        at += following
    return found


def relax(data: bytearray) -> None:
    """Change a program in memory; exits where that is not enough."""
    where = sections(data)
    start, size = where[b".dynstr"]
    strings = bytes(data[start : start + size])
    versions = needed_versions(data, where[b".gnu.version_r"][0], strings)
    old = next(index for index, (name, _) in versions.items() if name == OLD)
    newer = {
        index
        for index, (name, _) in versions.items()
        if name.startswith(b"GLIBC_2.") and int(name.split(b".")[1]) > 36
    }
    symbols, size = where[b".dynsym"]
    for number in range(size // 24):
        version = where[b".gnu.version"][0] + 2 * number
        if struct.unpack_from("<H", data, version)[0] not in newer:
            continue
        symbol = symbols + 24 * number
        (name,) = struct.unpack_from("<I", data, symbol)
        if not name_at(strings, name).startswith(PREFIX):
            sys.exit(f"needs {name_at(strings, name).decode()} of a newer glibc")
        struct.pack_into("<I", data, symbol, name + len(PREFIX))
        struct.pack_into("<H", data, version, old)
    for index in newer:
        for field in (0, 8):  # hash and name of the version
            (of_old,) = struct.unpack_from("<I", data, versions[old][1] + field)
            struct.pack_into("<I", data, versions[index][1] + field, of_old)


for path in map(Path, sys.argv[1:]):
    content = bytearray(path.read_bytes())
    relax(content)
    path.write_bytes(content)
