"""A small web server for tests: it serves one file, as well or as badly as it is told to."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Behaviour:
    """What the server does; ``requests`` are the headers' ``Range`` of all that came, ``paths`` what they asked for."""

    content: bytes
    knows_ranges: bool = True
    tells_length: bool = True
    statuses: list[int] = field(default_factory=list)  # answered first, one after the other, before all goes well
    cuts: list[int] = field(default_factory=list)  # after how many bytes the first answers break off
    wrong_start: bool = False
    pause_seconds: float = 0.0  # between the first and the second half
    url: str = ""
    ranges: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour

    def do_GET(self) -> None:
        told = self.behaviour
        told.paths.append(self.path)
        told.ranges.append(self.headers.get("Range", ""))
        if told.statuses:
            self.send_error(told.statuses.pop(0))
            return
        start = self._start()
        if start >= len(told.content) > 0:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(told.content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._send(told.content[start:], start)

    def _start(self) -> int:
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        return int(match[1]) if match and self.behaviour.knows_ranges else 0

    def _send(self, body: bytes, start: int) -> None:
        told = self.behaviour
        self.send_response(206 if start else 200)
        if start:
            first = start + 1 if told.wrong_start else start
            self.send_header("Content-Range", f"bytes {first}-{len(told.content) - 1}/{len(told.content)}")
        if told.tells_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if told.cuts:
            self.wfile.write(body[: told.cuts.pop(0)])
            self.close_connection = True
            return
        half = len(body) // 2
        self.wfile.write(body[:half])
        self.wfile.flush()
        time.sleep(told.pause_seconds)
        self.wfile.write(body[half:])

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving(content: bytes, **behaviour: Any) -> Iterator[Behaviour]:
    """A server of ``content`` until the context ends; ``url`` of what it gives is the address."""
    told = Behaviour(content, **behaviour)
    handler = type("Told", (Handler,), {"behaviour": told})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        told.url = f"http://127.0.0.1:{server.server_port}/files/weights.bin"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
