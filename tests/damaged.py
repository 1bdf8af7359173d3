"""Damage to bytes, drawn by hypothesis: cut out, or overwritten with what parsers trip over."""

from __future__ import annotations

import io
import zipfile

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

FUZZ = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_PIECES = st.sampled_from([b"", b"\xff\xff", b"\0\0\0\0", b'"', b"[" * 2000, b"1e999", b"null", b"{}", b"-1"])
CHANGES = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 40), _PIECES | st.binary(min_size=1, max_size=4)),
    min_size=1,
    max_size=6,
)
"""Changes to make: the place, how many bytes go, and what comes in their place."""


def damaged(content: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """Return `content` with the changes made, one after the other."""
    changed = bytearray(content)
    for place, length, piece in changes:
        start = place % (len(changed) + 1)
        changed[start : start + length] = piece
    return bytes(changed)


def damaged_member(content: bytes, member: str, changes: list[tuple[int, int, bytes]]) -> bytes:
    """Damage one file inside of an archive whose checksums are then right again, as an attacker would."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w") as written:
        for entry in archive.infolist():
            inside = archive.read(entry)
            written.writestr(
                entry.filename, damaged(inside, changes) if entry.filename.endswith(member) else inside
            )
    return out.getvalue()
