"""Generates the API's Python modules from proto/, then runs every test here.

Without arguments each file of tests is a process of its own, several at a time; with arguments,
which unittest understands, all is done here. A skipped test is a failure: what was not run was not
shown to work.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import time
import unittest

import grpc_tools
from grpc_tools import protoc

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
GENERATED = ROOT / ".build" / "python" / "generated"

# Files that measure how soon somebody is served: they have the machine to themselves.
ALONE = ["overload.test_connections"]


def generate():
    """Translates our own proto files; those of gRPC itself come with its packages."""
    GENERATED.mkdir(parents=True, exist_ok=True)
    files = sorted((ROOT / "proto" / "cmdctl").rglob("*.proto"))
    files += sorted((ROOT / "proto" / "google" / "rpc").glob("*.proto"))
    standard = pathlib.Path(grpc_tools.__file__).parent / "_proto"
    status = protoc.main(
        ["protoc", f"-I{ROOT / 'proto'}", f"-I{standard}"]
        + [f"--python_out={GENERATED}", f"--grpc_python_out={GENERATED}"]
        + [str(file) for file in files]
    )
    if status != 0:
        sys.exit("protoc failed")


def run_here(names):
    """Runs these tests in this process."""
    sys.path[:0] = [str(HERE), str(GENERATED)]
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    if result.testsRun == 0:
        sys.exit("no test ran")
    if result.skipped:
        sys.exit(f"skipped: {[str(test) for test, _ in result.skipped]}")
    sys.exit(0 if result.wasSuccessful() else 1)


def run_module(name):
    """Runs one file in a process; what it says comes in one piece."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, __file__, name],
        env={**os.environ, "CMDCTL_API_GENERATED": "1"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    print(f"== {name}, {time.monotonic() - begun:.0f} s\n{done.stdout}", flush=True)
    return done.returncode == 0


def run_all():
    """Runs every file, as many at a time as there are processors, then those that want them all."""
    files = [file.relative_to(HERE) for file in sorted(HERE.rglob("test_*.py"))]
    names = [".".join(file.with_suffix("").parts) for file in files]
    # Crowds first: they wait long, for silence to be noticed, and hardly work.
    together = sorted(set(names) - set(ALONE), key=lambda name: not name.startswith("overload."))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        passed = dict(zip(together, pool.map(run_module, together)))
    passed |= {name: run_module(name) for name in ALONE}
    failed = [name for name in names if not passed[name]]
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


def main():
    if "CMDCTL_API_GENERATED" not in os.environ:
        generate()
    names = sys.argv[1:]
    run_here(names) if names else run_all()


main()
