"""The programs of a run: those under test, and those that measure, which are built when first asked
for."""

import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parents[1]
_FLAGS = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror"]
_CHANNEL = ["load/channel.c", "load/secure.c", "-lnghttp2", "-lssl", "-lcrypto"]

# Sources below Benchmarks/ (a folder stands for all in it), and further flags of the compiler;
# headers lie beside the sources.
_IN_C = {
    "starts": ["load/starts.c", *_CHANNEL],
    # With what this processor has for hashes: half of what they cost.
    "follow": [
        "load/follow/", "load/secure.c", "-march=native", "-lnghttp2", "-lssl", "-lcrypto", "-lm"],
    "listen": [
        "load/listen.c", "load/follow/lines.c", "load/follow/histogram.c", "-lm"],
    "unary": ["load/unary.c", *_CHANNEL],
    "bodies.so": ["load/bodies.c", "-shared", "-fPIC"],
    "clientcert.so": ["load/clientcert.c", "-shared", "-fPIC"],
    "pump": ["peers/pump/", "-march=native", "-lssl", "-lcrypto"],
    "spawn": ["peers/spawn.c"],
    "turns.so": ["load/turns.c", "-shared", "-fPIC"],
    "writer": ["load/writer.c"],
}


class Programs:
    """Where each is."""

    def __init__(self, release, directory):
        """`release` has the programs under test, `directory` is for the others."""
        self.release = release
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self._built = set()

    def build(self):
        """Builds all of them."""
        for name in _IN_C:
            self.in_c(name)

    def in_c(self, name):
        """A program of the table above."""
        program = self.directory / name
        if name not in self._built:
            compile_in_c(name, program)
            self._built.add(name)
        return program


def compile_in_c(name, program):
    """Compiles one, unless it is there and newer than its sources."""
    sources = [file for word in _IN_C[name] for file in _sources(word)]
    flags = [word for word in _IN_C[name] if word.startswith("-")]
    if is_stale(program, sources):
        subprocess.run(["cc", *_FLAGS, "-o", program, *sources, *flags], check=True)


def _sources(word):
    if word.endswith("/"):
        return sorted((HERE / word).glob("*.c"))
    return [HERE / word] if word.endswith(".c") else []


def demand_release(directory):
    """Nothing can be said without the programs under test."""
    for name in ["cmdctl", "cmdctld", "cmdctl-shim"]:
        if not (directory / name).exists():
            raise SystemExit(f"bench: {directory / name} is not built")


def is_stale(program, sources):
    """Whether a program is older than what it is made of: sources, and the headers beside them."""
    if not program.exists():
        return True
    headers = [header for source in sources for header in source.parent.glob("*.h")]
    return any(file.stat().st_mtime >= program.stat().st_mtime for file in [*sources, *headers])
