"""One HTTP transfer that can be continued, watched and given up. pooch calls it."""

import os
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import requests
import urllib3

from spikewatt.data import space
from spikewatt.files.progress_bar import progress_bar

CHUNK = 2**16


@dataclass(frozen=True)
class Patience:
    """How long to wait for what, and how often to try."""

    connect_s: float = 20
    silence_s: float = 60  # without a single byte
    minimum_rate: float = 1024  # bytes a second, averaged over each `silence_s`
    attempts: int = 4  # per address
    pause_s: float = 2  # before the second attempt; doubled each time


class Refused(RuntimeError):
    """This address will not serve the file however often it is asked."""


class Interrupted(RuntimeError):
    """The transfer broke; what arrived is kept and the next attempt goes on there."""


class Transfer:
    """Downloader for `pooch.retrieve` of one archive, keeping unfinished parts.

    The part lies at `part`; a later attempt, from this address or another, asks for
    the rest only. Whether the whole is right is for pooch's checksum to say.
    """

    def __init__(self, archive, part, patience):
        self.archive = archive
        self.part = Path(part)
        self.patience = patience
        self.resumed = False

    def __call__(self, url, output_file, _pooch):
        try:
            with self._request(url) as response:
                self._receive(response)
        except requests.exceptions.SSLError as error:
            raise Refused(f"secure connection failed ({error})") from error
        except (
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            requests.exceptions.MissingSchema,
            requests.exceptions.TooManyRedirects,
        ) as error:
            raise Refused(str(error)) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise Interrupted(f"{type(error).__name__}: {error}") from error
        os.replace(self.part, output_file)

    def _request(self, url):
        have = self._have()
        # Packed transfer would make lengths and ranges mean something else.
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        waits = (self.patience.connect_s, self.patience.silence_s)
        return requests.get(url, headers=headers, stream=True, timeout=waits)

    def _have(self):
        return self.part.stat().st_size if self.part.exists() else 0

    def _receive(self, response):
        start = self._start(response)
        length = response.headers.get("Content-Length")
        total = start + int(length) if length and length.isdigit() else None
        self._check_length(total)
        expected = total or self.archive.size
        space.require_disk(
            self.part.parent, expected - start, f"downloading {self.archive.name}"
        )
        self.resumed = start > 0
        with (
            open(self.part, "ab" if start else "wb") as handle,
            progress_bar(self.archive.name, expected, "B", initial=start) as bar,
        ):
            received = start
            for block in self._blocks(response):
                received += len(block)
                if received > self.archive.size_limit:
                    raise Refused(f"it sends more than {self.archive.size_limit} bytes")
                handle.write(block)
                bar.update(len(block))
        if total is not None and received < total:
            raise Interrupted(f"it ended after {received} of {total} bytes")

    def _start(self, response):
        """The offset at which the answer goes on; errors for answers without data."""
        status = response.status_code
        if status == HTTPStatus.ACCEPTED:
            raise Refused("it answers with status 202 and no bytes of the file")
        if status == HTTPStatus.PARTIAL_CONTENT:
            have = self._have()
            if response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                return have
            self.part.unlink()
            raise Interrupted("it answered with another part than was asked for")
        if status == HTTPStatus.OK:
            return 0
        if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            self.part.unlink(missing_ok=True)
            raise Interrupted("it cannot continue the part that is here")
        problem = f"HTTP status {status} {response.reason or ''}".strip()
        busy = status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
        raise (Interrupted if busy or status >= 500 else Refused)(problem)

    def _check_length(self, total):
        archive = self.archive
        if total is None:
            return
        if not total:
            raise Refused("it answers with success and no bytes")
        if total > archive.size_limit or (archive.exact_size and total != archive.size):
            raise Refused(f"it offers {total} bytes, the archive has {archive.size}")

    def _blocks(self, response):
        """Blocks as they come; a trickle too thin to ever end counts as broken."""
        window = time.monotonic()
        received = 0
        while block := response.raw.read1(CHUNK, decode_content=False):
            yield block
            received += len(block)
            elapsed = time.monotonic() - window
            if elapsed >= self.patience.silence_s:
                if received < self.patience.minimum_rate * elapsed:
                    raise Interrupted(f"only {received} bytes came in {elapsed:.0f} s")
                window, received = time.monotonic(), 0
