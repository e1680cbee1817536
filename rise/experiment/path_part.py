"""Names as parts of paths: every name has one part, safe in any shell and pattern, and back.

Letters, digits and `_-.,=@` stay, so that ordinary names are their own parts; any other byte is
`~` and two hex digits (`Real World`: `Real~20World`). `%` as in addresses would not do: Slurm
reads it as a pattern in the paths of logs.
"""

import unicodedata
from urllib.parse import quote, unquote

MARK, STAY = "~", "_-.,=@"
# Bytes of a part: file systems allow 255, also where a digest or a suffix follows.
MOST = 120


def path_part(name: str) -> str:
    """Return the part of a path that stands for a name; other names have others.

    Letters beyond ASCII stay where the name is in Unicode's normal form C, so that two spellings of
    it are two parts on a file system that takes them for one.
    """
    composed = unicodedata.is_normalized("NFC", name)
    part = "".join(c if _stays(c, composed) else _coded(c) for c in name)
    return _coded(".") + part[1:] if part.startswith(".") else part


def name_of(part: str) -> str:
    """Return the name that a part of a path stands for; a foreign folder's is its own."""
    try:
        name = unquote(part.replace(MARK, "%"), errors="surrogatepass")
    except UnicodeDecodeError:
        return part
    return name if path_part(name) == part else part


def name_fault(name: str) -> str | None:
    """Say why a name cannot be part of a path; None if it can."""
    if not name.strip():
        return f"{name!r} is blank; give a name"
    if not name.isprintable():
        return f"{name!a} contains an unprintable character; rename it"
    if (size := len(path_part(name).encode())) > MOST:
        return f"{name[:20]!r}... is {size} bytes long as a folder's name; shorten it to {MOST}"
    return None


def _stays(c: str, composed: bool) -> bool:
    return c in STAY or (c.isalnum() and (c.isascii() or composed))


def _coded(c: str) -> str:
    # quote() leaves the unreserved characters alone, `~` among them.
    coded = quote(c, safe="", errors="surrogatepass")
    return (coded if coded != c else f"%{ord(c):02X}").replace("%", MARK)
