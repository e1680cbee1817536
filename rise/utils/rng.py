"""Random streams named by purpose and counter: every draw is a function of its key.

Nothing in the suite draws from a global generator, so no generator state is ever saved, and the
order in which things are computed changes no number.
"""

import hashlib
import json

import numpy as np

Key = str | int


def seed_of(purpose: str, *key: Key) -> int:
    """Compute a 63-bit seed that depends on the purpose and all parts of the key alone."""
    text = json.dumps([purpose, *key])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def numpy_stream(purpose: str, *key: Key) -> np.random.Generator:
    """Make a NumPy generator (Philox) for this purpose and key."""
    return np.random.Generator(np.random.Philox(seed_of(purpose, *key)))


def uniforms(ids: np.ndarray, counter: np.ndarray | int, n: int) -> np.ndarray:
    """Draw uniform numbers in [0, 1) that depend on (id, counter, column) alone (splitmix64).

    Args:
        ids: uint64 array (B,), one id for each image.
        counter: number of the draw, such as the view's index: one for all images or (B,).
        n: the number of draws an image needs.

    Returns:
        float64 array (B, n); row i does not depend on the other ids.

    Source of the mixing constants: Steele, Lea, Flood, "Fast splittable pseudorandom number
    generators", OOPSLA 2014.
    """
    with np.errstate(over="ignore"):
        golden = np.uint64(0x9E3779B97F4A7C15)
        start = _mix(
            ids.astype(np.uint64) + golden * (np.asarray(counter).astype(np.uint64) + np.uint64(1))
        )
        state = start[:, None] + golden * np.arange(1, n + 1, dtype=np.uint64)[None, :]
        draws: np.ndarray = (_mix(state) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return draws


def _mix(z: np.ndarray) -> np.ndarray:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = z ^ (z >> np.uint64(31))
    return mixed
