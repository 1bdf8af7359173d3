"""What a job and the server say to each other: JSON over a Unix socket, with file descriptors."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
"""Those by which processes are told to end, and which a caller may have them ignore."""
_LENGTH = struct.Struct("!I")
_DESCRIPTORS = 4
_CREDENTIALS = struct.Struct("3i")


@dataclass(frozen=True)
class Request:
    """A command as it would start directly.

    Attributes
    ----------
    words : list of str
        ``sys.argv``.
    folder : str
        The working directory.
    environment : mapping
        All of the environment.
    ignored : sequence of int
        The signals that it ignores, as below ``nohup``.
    """

    words: list[str]
    folder: str
    environment: Mapping[str, str]
    ignored: Sequence[int]


def send_request(connection: socket.socket, request: Request, descriptors: Sequence[int]) -> None:
    """Send a request with its standard streams and the descriptor that shows an end in order."""
    content = json.dumps(asdict(request)).encode()
    header = _LENGTH.pack(len(content))
    socket.send_fds(connection, [header], list(descriptors))
    connection.sendall(content)


def receive_request(connection: socket.socket) -> tuple[Request, list[int]] | None:
    """Receive a request and its descriptors; None where the other side went away instead."""
    header, descriptors, _, _ = socket.recv_fds(connection, _LENGTH.size, _DESCRIPTORS)
    content = b""
    if len(header) == _LENGTH.size:
        (length,) = _LENGTH.unpack(header)
        while len(content) < length and (part := connection.recv(length - len(content))):
            content += part
        if len(content) == length and len(descriptors) == _DESCRIPTORS:
            return Request(**json.loads(content)), descriptors
    for descriptor in descriptors:
        os.close(descriptor)
    return None


def send_answer(connection: socket.socket, **answer: Any) -> None:
    """Send one answer; a client that is gone needs none."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(json.dumps(answer).encode() + b"\n")


def other_side(connection: socket.socket) -> tuple[int, int]:
    """Return the process and the user at the other end, as the kernel knows them."""
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process, user, _ = _CREDENTIALS.unpack(packed)
    return process, user
