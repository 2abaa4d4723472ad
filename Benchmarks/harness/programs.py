"""The programs of a run: those under test, and those that measure."""

import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parents[1]
_FLAGS = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror"]


class Programs:
    """Where each is; what measures is built first."""

    def __init__(self, release, directory):
        self.release = release
        for name in ["cmdctl", "cmdctld", "cmdctl-shim"]:
            if not (release / name).exists():
                raise SystemExit(f"bench: {release / name} is not built")
        directory.mkdir(parents=True, exist_ok=True)
        self.starts = directory / "starts"
        self.spawn = directory / "spawn"
        self.turns = directory / "turns.so"
        load = HERE / "load"
        _build(self.starts, load / "starts.c", load / "channel.c", load / "secure.c", "-lnghttp2", "-lssl", "-lcrypto")
        _build(self.spawn, HERE / "peers/spawn.c")
        _build(self.turns, load / "turns.c", "-shared", "-fPIC")


def _build(program, *words):
    subprocess.run(["cc", *_FLAGS, "-o", program, *words], check=True)
