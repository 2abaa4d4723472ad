"""Two authorities, a server's certificate and a client's, for every subject alike."""

import subprocess


class Certificates:
    """Made by `cmdctl pki` in a directory that is not there yet."""

    def __init__(self, programs, directory):
        self.directory = directory
        for words in [
                ["init", directory],
                ["issue", "--dir", directory, "server", "--host", "127.0.0.1"],
                ["issue", "--dir", directory, "client", "bench", "--role", "admin"]]:
            subprocess.run(
                [programs.release / "cmdctl", "pki", *words], check=True,
                stdout=subprocess.DEVNULL)

    def of_server(self):
        """Flags of `cmdctld` and of the peers."""
        return [
            "--cert", self.directory / "server.pem", "--key", self.directory / "server.key",
            "--client-ca", self.directory / "client-ca.pem"]

    def of_client(self):
        """Flags of `cmdctl` and of the programs in load/, without the server's authority."""
        return ["--cert", self.directory / "bench.pem", "--key", self.directory / "bench.key"]

    @property
    def server_authority(self):
        """The file that clients know the server by."""
        return self.directory / "server-ca.pem"

    @property
    def client_authority(self):
        """The file that servers know clients by."""
        return self.directory / "client-ca.pem"
