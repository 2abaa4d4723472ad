"""Debian's kernel for virtual machines, taken out of its package; nothing is installed."""

import pathlib
import re
import subprocess

import packages

# A package without content that depends on the newest kernel: 6.1 on Debian 12.
METAPACKAGE = "linux-image-cloud-amd64"

# What every machine needs: disks, the console that carries the verdicts, file systems.
BASE_MODULES = ["virtio_pci", "virtio_blk", "virtio_console", "virtio_rng", "ext4", "overlay"]


class Kernel:
    """An extracted kernel: the image, and modules with what they depend on."""

    def __init__(self, tree):
        [self.image] = tree.glob("boot/vmlinuz-*")
        [self._modules] = tree.glob("lib/modules/*")
        self._files = {
            path.name.removesuffix(".ko").replace("-", "_"): path
            for path in self._modules.rglob("*.ko")
        }
        builtin = (self._modules / "modules.builtin").read_text().split()
        self._builtin = {pathlib.Path(line).stem.replace("-", "_") for line in builtin}

    def load_order(self, names):
        """The module files to load for these names, each after those it depends on."""
        order = {}

        def add(name):
            if name in self._builtin or name in order:
                return
            if name not in self._files:
                raise SystemExit(f"vm: the kernel has no module {name}")
            path = self._files[name]
            for dependency in dependencies(path):
                add(dependency)
            order[name] = path

        for name in names:
            add(name.replace("-", "_"))
        return list(order.values())


def dependencies(module):
    """What a module names in the `depends=` field of its .modinfo section; see modinfo(8)."""
    field = re.search(rb"\0depends=([^\0]*)\0", module.read_bytes())
    names = field.group(1).decode() if field else ""
    return [name.replace("-", "_") for name in names.split(",") if name]


def fetch(cache):
    """The kernel in this cache, fetched from the distribution the first time."""
    tree = cache / "kernel"
    if not tree.exists():
        shown = subprocess.run(
            ["apt-cache", "show", "--no-all-versions", METAPACKAGE],
            check=True, stdout=subprocess.PIPE, text=True).stdout
        package = re.search(r"^Depends: (linux-image-\S+)", shown, re.MULTILINE).group(1)
        packages.extract([package], tree, cache)
    return Kernel(tree)
