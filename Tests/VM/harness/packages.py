"""Debian packages, downloaded and unpacked below .build; none is installed."""

import subprocess


def fetch(name, cache):
    """The files of a package and of all it depends on, in a tree of the cache."""
    tree = cache / "packages" / name
    if not tree.exists():
        tree.parent.mkdir(parents=True, exist_ok=True)
        extract(closure(name), tree, cache)
    return tree


def closure(name):
    """A package and all it depends on, directly or not; of alternatives, the installable ones."""
    no = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"]
    asking = ["apt-cache", "depends", "--recurse", "--important", *[f"--no-{word}" for word in no]]
    found = subprocess.run(
        [*asking, name], check=True, stdout=subprocess.PIPE, text=True).stdout
    return sorted({line for line in found.splitlines() if line[0].isalnum()})


def extract(names, tree, cache):
    """Downloads packages and unpacks them into a new tree; a half-made one is not left behind."""
    downloads = cache / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    # Root would fetch as another user, who may not write here.
    fetching = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", *names]
    if subprocess.run(fetching, cwd=downloads).returncode != 0:
        raise SystemExit(f"vm: apt-get could not download {' '.join(names)}; try apt-get update")
    unfinished = tree.with_name(tree.name + ".new")
    subprocess.run(["rm", "-rf", unfinished], check=True)
    for archive in sorted(downloads.glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", archive, unfinished], check=True)
        archive.unlink()
    unfinished.rename(tree)
