"""Runs suites, each in a virtual machine of its own, and says which have passed.

Without arguments all of them, after those that must fail: what cannot fail proves nothing.
"""

import os
import pathlib
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import disk
import kernel
import machine
import packages
from archive import Archive
from suite import Suite
from tap import Verdicts

HERE = pathlib.Path(__file__).resolve().parents[1]
ROOT = HERE.parents[1]
CACHE = ROOT / ".build" / "vm"
BIN = pathlib.Path(os.environ.get("CMDCTL_BIN_DIR", ROOT / ".build" / "release")).resolve()

# What a suite may ask for beside the programs that every machine has: the tests of the rooms.
EXTRAS = {"tests": ROOT / ".build" / "debug" / "cmdctlPackageTests.xctest"}


class Bench:
    """The kernel and the disks; those are made once for all suites that need the same."""

    def __init__(self):
        CACHE.mkdir(parents=True, exist_ok=True)
        self._kernel = kernel.fetch(CACHE)
        self._programs = [built(BIN / name) for name in disk.PROGRAMS]
        self._programs.append(build_adversary())
        self._data = CACHE / "data.img"
        disk.format_disk(self._data)
        self._roots = {}
        self._making = threading.Lock()

    def run(self, suite):
        """Boots a machine for the suite; answers how much was checked and what is wrong."""
        place = CACHE / "suites" / suite.name
        place.mkdir(parents=True, exist_ok=True)
        ramdisk = place / "initrd"
        ramdisk.write_bytes(self._ramdisk(suite))
        console = place / "console.log"
        console.write_text("")
        verdicts = Verdicts()

        def report(line):
            verdicts.take(line)
            # In one piece, beside what other machines say.
            print(f"{suite.name}: {line}\n", end="", flush=True)

        disks = [self._root(suite), self._data]
        timed_out = machine.run(self._kernel, ramdisk, disks, suite, console, report)
        said = console.read_text(errors="replace")
        return len(verdicts.checks), verdicts.conclude(said, timed_out), said

    def _root(self, suite):
        key = "-".join(["root", *sorted(suite.packages + suite.programs)])
        with self._making:
            if key not in self._roots:
                trees = [packages.fetch(name, CACHE) for name in suite.packages]
                image = CACHE / f"{key}.img"
                programs = {program.name: program for program in self._programs}
                programs |= {name: built(EXTRAS[name]) for name in suite.programs}
                disk.make_root(CACHE / key, image, programs, trees)
                self._roots[key] = image
        return self._roots[key]

    def _ramdisk(self, suite):
        archive = Archive()
        modules = self._kernel.load_order(kernel.BASE_MODULES + suite.modules)
        for module in modules:
            archive.file(f"modules/{module.name}", module.read_bytes())
        archive.file("modules/order", "".join(f"{m.name}\n" for m in modules).encode())
        archive.file("bin/busybox", disk.BUSYBOX.read_bytes(), 0o755)
        archive.file("init", (HERE / "guest/init").read_bytes(), 0o755)
        pages = [ROOT / "packaging/cmdctld.service", ROOT / "docs/SECURITY.md"]
        storm = (ROOT / "Tests/Storm").glob("*.py")
        for file in [*(HERE / "guest").iterdir(), *pages, *storm]:
            archive.file(f"suite/{file.name}", file.read_bytes())
        archive.file("suite/suite.sh", suite.text.encode())
        archive.file("suite/parameters", suite.parameters.encode())
        return archive.finish()


def built(program):
    """The same, if it is there."""
    if not program.exists():
        raise SystemExit(f"vm: {program} is not built")
    return program


def build_adversary():
    """The program that tries to get out. Static, so that it runs under any root."""
    program = CACHE / "adversary"
    sources = sorted((HERE / "adversary").glob("*.c"))
    warnings = ["-Wall", "-Wextra", "-Werror"]
    subprocess.run(
        ["cc", "-std=c17", "-O1", "-static", *warnings, "-o", program, *sources], check=True)
    # Here it would do what it is to do in there. Without arguments it must refuse before it looks
    # for any.
    if subprocess.run([program], stderr=subprocess.DEVNULL).returncode != 69:  # EX_UNAVAILABLE
        raise SystemExit("vm: the adversary does not refuse to run on this machine")
    return program


def demand_success(bench, suite):
    """Runs a suite that must pass; answers whether it did."""
    begun = time.monotonic()
    count, problems, console = bench.run(suite)
    seconds = time.monotonic() - begun
    if problems:
        print(f"{suite.name}: console, to its end:\n{console[-4000:]}")
    for problem in problems:
        print(f"{suite.name}: FAILED: {problem}")
    if not problems:
        print(f"{suite.name}: passed {count} checks in {seconds:.0f} s", flush=True)
    return not problems


def demand_failure(bench, suite):
    """Runs a suite that must be found to have failed, as its `# fails:` line says."""
    _, problems, _ = bench.run(suite)
    expected = suite.fails
    found = any(expected in problem for problem in problems)
    verdict = "found to fail, as it must" if found else f"NOT FOUND TO FAIL: {problems}"
    print(f"{suite.name}: {verdict}", flush=True)
    return found


def main(names):
    """Runs what is asked for, and answers whether all is as it must be."""
    bench = Bench()
    suites = {path.stem: Suite(path) for path in sorted((HERE / "suites").glob("*.sh"))}
    wrecks = [] if names else [Suite(path) for path in sorted((HERE / "wrecks").glob("*.sh"))]
    for name in names:
        if name not in suites:
            raise SystemExit(f"vm: no suite {name}; there are: {' '.join(suites)}")
    # What takes longest begins first, or it would end alone.
    chosen = sorted((suites[name] for name in names or suites), key=lambda suite: -suite.timeout)
    # As many machines as have processors of their own: what is measured in one must not wait for
    # another.
    at_once = max(1, (os.cpu_count() or 1) // machine.PROCESSORS)
    with ThreadPoolExecutor(at_once) as pool:
        failures = [pool.submit(demand_failure, bench, wreck) for wreck in wrecks]
        successes = [pool.submit(demand_success, bench, suite) for suite in chosen]
        results = [each.result() for each in failures + successes]
    print(f"{sum(results)} of {len(results)} suites are as they must be")
    return all(results)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
