"""Makes the disks: the root file system with the programs, and an empty one for the jobs."""

import os
import pathlib
import re
import shutil
import subprocess

BUSYBOX = pathlib.Path("/bin/busybox")
PROGRAMS = ["cmdctld", "cmdctl", "cmdctl-shim"]

# Where things are on the machine's root file system.
BIN = "usr/bin"
MOUNTPOINTS = ["proc", "sys", "dev", "run", "tmp", "data", "root", "suite"]


def make_root(tree, image, programs, packages):
    """A root file system of busybox, programs by their names, the libraries they need, and
    packages."""
    shutil.rmtree(tree, ignore_errors=True)
    for directory in [BIN, "usr/lib", "usr/lib64", "usr/sbin", "etc", "var/lib", *MOUNTPOINTS]:
        (tree / directory).mkdir(parents=True)
    for name in ["bin", "lib", "lib64", "sbin"]:
        (tree / name).symlink_to(f"usr/{name}")
    for package in packages:
        merge(package, tree)
    install_busybox(tree)
    for name, program in programs.items():
        install_program(program, tree / BIN / name, tree)
    write_accounts(tree)
    format_disk(image, tree)


def install_busybox(tree):
    """Busybox under each of its names that no package has."""
    shutil.copy(BUSYBOX, tree / BIN)
    names = subprocess.run(
        [BUSYBOX, "--list"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    for name in names:
        taken = [os.path.lexists(tree / "usr" / place / name) for place in ["bin", "sbin"]]
        if not any(taken):
            (tree / BIN / name).symlink_to("busybox")


def install_program(program, destination, tree):
    """A program without its symbols for debugging, and the libraries ldd(1) finds for it."""
    subprocess.run(["strip", "--strip-debug", "-o", destination, program], check=True)
    found = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           text=True).stdout
    for library in re.findall(r"(/\S+) \(0x", found):
        place = tree / library.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            shutil.copy(library, place)


def merge(package, tree):
    """Lays a package's files over the tree, in which /bin and its like are links into /usr."""
    with subprocess.Popen(["tar", "-C", package, "-c", "."], stdout=subprocess.PIPE) as packed:
        subprocess.run(
            ["tar", "-C", tree, "-x", "--keep-directory-symlink"], check=True, stdin=packed.stdout)


def write_accounts(tree):
    """The users that suites speak of."""
    (tree / "etc/passwd").write_text(
        "root:x:0:0:root:/root:/bin/sh\n"
        "daemon:x:1:1:daemon:/:/usr/sbin/nologin\n"
        "alice:x:1000:1000:alice:/tmp:/bin/sh\n"
        "nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n")
    (tree / "etc/group").write_text("root:x:0:\ndaemon:x:1:\nalice:x:1000:\nnogroup:x:65534:\n")
    (tree / "etc/hosts").write_text("127.0.0.1 localhost\n")
    (tree / "etc/shadow").write_text("root:the-secret-of-the-host:19000::::::\n")
    (tree / "etc/shadow").chmod(0o600)


def format_disk(image, tree=None, size="2G"):
    """An ext4 file system in a sparse file; what a tree has in it belongs to root."""
    unfinished = image.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    # mke2fs copies the owners it sees, and in a user namespace of its own it sees root.
    as_root = [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]
    contents = ["-d", tree] if tree else []
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    subprocess.run(
        [*as_root, "mke2fs", "-q", "-t", "ext4", "-E", "lazy_itable_init=1,lazy_journal_init=1",
         *contents, unfinished, size],
        check=True, env={**os.environ, "PATH": path}, stdout=subprocess.DEVNULL)
    # A machine that runs keeps the one it has begun with.
    unfinished.rename(image)
