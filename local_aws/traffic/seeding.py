"""Randomness that depends on nothing but what it is for."""

from __future__ import annotations

import hashlib

import numpy as np


def digest(*subject: object) -> bytes:
    """32 bytes that depend on the subject alone (its parts as text)."""
    return hashlib.sha256("\x1f".join(map(str, subject)).encode()).digest()


def number(*subject: object) -> int:
    """A 64-bit number that depends on the subject alone."""
    return int.from_bytes(digest(*subject)[:8], "big")


def generator(*subject: object) -> np.random.Generator:
    """A stream of random numbers of the subject's own: two subjects never share one, so that the files of
    one target and day come out the same whatever else was asked for.
    """
    return np.random.Generator(np.random.SFC64(int.from_bytes(digest(*subject), "big")))


def mixed(values: np.ndarray[tuple[int], np.dtype[np.int64]], key: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Each value scrambled into 64 bits (SplitMix64's finaliser), for lasting identities by number."""
    with np.errstate(over="ignore"):
        z = values.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))
