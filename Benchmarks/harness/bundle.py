"""The bundle that crun runs: what a `strict` job has, as far as it can be said in an OCI bundle."""

import json

# Like a tenant's users: no one else has them.
USERS = {"containerID": 0, "hostID": 1_879_048_192 + 65_536 * 4095, "size": 65_536}
CAPABILITIES = [
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
    "CAP_SETUID", "CAP_NET_BIND_SERVICE"]


def make(directory):
    """Writes the bundle into a directory that is there, and lets its users come to it."""
    directory.chmod(0o755)
    root = directory / "root"
    root.mkdir()
    for name in ["usr", "proc", "dev", "tmp", "run", "etc"]:
        (root / name).mkdir()
    for name in ["bin", "sbin", "lib", "lib64"]:
        (root / name).symlink_to(f"usr/{name}")
    (directory / "config.json").write_text(json.dumps(_configuration(), indent=1))


def _configuration():
    return {
        "ociVersion": "1.0.0",
        "process": {
            "terminal": False,
            "user": {"uid": 0, "gid": 0},
            "args": ["/bin/true"],
            "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
            "cwd": "/",
            "capabilities": {
                kind: CAPABILITIES for kind in ["bounding", "effective", "permitted"]},
            "noNewPrivileges": True,
        },
        "root": {"path": "root", "readonly": True},
        "hostname": "job",
        "mounts": _mounts(),
        "linux": {
            "namespaces": [
                {"type": name} for name in [
                    "user", "pid", "mount", "network", "ipc", "uts"]],
            "uidMappings": [USERS],
            "gidMappings": [USERS],
        },
    }


def _mounts():
    return [
        _mount("/usr", "bind", "/usr", ["bind", "ro", "nosuid", "nodev"]),
        _mount("/proc", "proc", "proc", ["nosuid", "nodev", "noexec"]),
        _mount("/dev", "tmpfs", "tmpfs", ["nosuid", "noexec", "mode=755"]),
        _mount("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance"]),
        _mount("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777"]),
        _mount("/tmp", "tmpfs", "tmp", ["nosuid", "nodev", "mode=1777"]),
        _mount("/run", "tmpfs", "run", ["nosuid", "nodev", "mode=755"]),
    ]


def _mount(destination, kind, source, options):
    return {"destination": destination, "type": kind, "source": source, "options": options}
