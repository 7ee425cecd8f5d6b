"""A web server on 127.0.0.1 that misbehaves on demand."""

import contextlib
import http.server
import re
import socket
import ssl
import struct
import threading
import time


class Server:
    """Serves `content` at any path in the manner that the path's first word names."""

    def __init__(self, content, elsewhere=None):
        self.content = content
        self.elsewhere = elsewhere  # address to which /moved leads
        self.asked = []  # (manner, range header) of each request
        self.stop = threading.Event()

    def url(self, manner):
        return f"{self.address}/{manner}/archive.bin"

    @contextlib.contextmanager
    def running(self, certificate=None):
        """Serve while the block runs; over TLS with a file of certificate and key."""
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                manner = self.path.split("/")[1]
                owner.asked.append((manner, self.headers.get("Range")))
                getattr(owner, manner)(self)

            def log_message(self, *_arguments):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            if certificate:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificate)
                server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https" if certificate else "http"
            self.address = f"{scheme}://127.0.0.1:{server.server_port}"
            thread = threading.Thread(target=server.serve_forever, args=(0.02,))
            thread.start()
            try:
                yield self
            finally:
                self.stop.set()
                server.shutdown()
                thread.join()

    def _send(self, handler, body, status=200, length=None, **headers):
        handler.send_response(status)
        handler.send_header("Content-Length", str(length or len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    def good(self, handler):
        """The whole file, or the part that is asked for."""
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range") or "")
        if not asked:
            return self._send(handler, self.content)
        start = int(asked[1])
        place = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
        self._send(handler, self.content[start:], 206, Content_Range=place)

    def damaged(self, handler):
        """The right length, one byte wrong."""
        self._send(handler, self.content[:-1] + b"\x00")

    def accepted(self, handler):
        """As figshare.com answers scripts since January 2026."""
        self._send(handler, b"", 202)

    def empty(self, handler):
        """Success, and nothing in it."""
        self._send(handler, b"")

    def missing(self, handler):
        self._send(handler, b"<h1>There is nothing here</h1>", 404)

    def page(self, handler):
        """A friendly page with status 200 in the place of the file."""
        self._send(handler, b"<h1>Please log in</h1>")

    def busy(self, handler):
        self._send(handler, b"try again", 503)

    def busy_once(self, handler):
        if len(self.asked) == 1:
            return self.busy(handler)
        self.good(handler)

    def truncated(self, handler):
        """Half of what was announced, then an orderly end."""
        half = len(self.content) // 2
        self._send(handler, self.content[:half], length=len(self.content))
        handler.close_connection = True

    def reset_once(self, handler):
        """The first time, half the file and then a hard reset of the connection."""
        if len(self.asked) > 1:
            return self.good(handler)
        self.truncated(handler)
        handler.wfile.flush()
        time.sleep(0.05)  # let the half arrive before the reset discards it
        option = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
        handler.connection.close()

    def stalled(self, handler):
        """Half the file, then silence."""
        self.truncated(handler)
        handler.wfile.flush()
        self.stop.wait(5)

    def trickle(self, handler):
        """A byte now and then, forever."""
        self._send(handler, b"", length=len(self.content))
        with contextlib.suppress(OSError):
            while not self.stop.wait(0.05):
                handler.wfile.write(b"x")
                handler.wfile.flush()

    def endless(self, handler):
        """No announced length, and far more than the file."""
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(50):
                handler.wfile.write(self.content)

    def moved(self, handler):
        self._send(handler, b"", 302, Location=self.elsewhere)

    def circle(self, handler):
        self._send(handler, b"", 302, Location=self.url("circle"))
