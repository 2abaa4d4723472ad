"""The peers that serve our own protocol: StartJob, GetJob, WaitJob, StopJob and GetOutput.

The same design with another gRPC: a log for each job, which the job writes itself, inotify for its
followers, messages of 64 KiB, TLS 1.3 with certificates on both sides.
"""

import peers
from subject import Subject


class Rival(Subject):
    """What they have in common."""

    def program(self):
        """Where it is; built if need be."""
        raise NotImplementedError

    def command(self):
        logs = self.directory / "logs"
        logs.mkdir()
        return [
            self.program(), "--listen", "127.0.0.1:0", *self.setting.certificates.of_server(),
            "--dir", logs]

    def start_job(self, arguments):
        """On the other processors: nothing of such a server could move it there later."""
        return super().start_job(self.setting.placing.on_others(arguments))

    def log_path(self, job):
        return self.directory / "logs" / f"{job}.log"


class GoSubject(Rival):
    """With grpc-go."""

    name = "Go"

    def program(self):
        return peers.go_peer(self.setting.programs.directory)


class CppSubject(Rival):
    """With gRPC C++."""

    name = "C++"

    def program(self):
        return peers.cpp_peer(self.setting.programs.directory)


def all_rivals(setting):
    """One of each; a quick run has time for the first."""
    chosen = (GoSubject,) if setting.quick else (GoSubject, CppSubject)
    return [rival(setting) for rival in chosen]
