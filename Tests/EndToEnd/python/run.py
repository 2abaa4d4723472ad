"""Generates the API's Python modules from proto/, then runs every test here.

A skipped test is a failure: what was not run was not shown to work.
"""

import pathlib
import sys
import unittest

import grpc_tools
from grpc_tools import protoc

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
GENERATED = ROOT / ".build" / "python" / "generated"


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


def main():
    generate()
    sys.path[:0] = [str(HERE), str(GENERATED)]
    names = sys.argv[1:]
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(names) if names else loader.discover(str(HERE))
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    if result.testsRun == 0:
        sys.exit("no test ran")
    if result.skipped:
        sys.exit(f"skipped: {[str(test) for test, _ in result.skipped]}")
    sys.exit(0 if result.wasSuccessful() else 1)


main()
