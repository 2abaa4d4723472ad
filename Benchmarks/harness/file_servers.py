"""Peers that serve files and know nothing of jobs: what the same bytes cost without gRPC, and at
least."""

import pathlib
import socket

from subject import Subject


class FileServer(Subject):
    """Serves the files of a directory."""

    def __init__(self, setting, files):
        """`files` is the directory."""
        super().__init__(setting)
        self.files = files


class Nghttpd(FileServer):
    """The HTTP/2 server of nghttp2, with the same libraries as `cmdctld`.

    It asks for a client's certificate and does not verify it: the handshake costs it less.
    """

    name = "nghttpd"
    # It cannot choose one itself. Nobody else has the loopback interface of a run.
    _PORT = 8443

    def command(self):
        pki = self.setting.certificates.directory
        return [
            "nghttpd", "--verify-client", "--htdocs", self.files, "--address", "127.0.0.1",
            self._PORT, pki / "server.key", pki / "server.pem"]

    def await_address(self):
        """It says nothing of its address, so that is tried."""
        try:
            socket.create_connection(("127.0.0.1", self._PORT)).close()
        except ConnectionRefusedError:
            return None
        return f"127.0.0.1:{self._PORT}"


class Pump(FileServer):
    """Reads, encrypts and sends, and nothing else: peers/pump."""

    name = "TLS pump"

    def command(self):
        return [
            self.setting.programs.in_c("pump"), "serve", "--listen", "127.0.0.1:0",
            *self.setting.certificates.of_server(), "--dir", self.files]


def path_of(name):
    """Where nghttpd has a file."""
    return pathlib.PurePosixPath("/") / name
