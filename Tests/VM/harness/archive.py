"""Writes the initial ram file system: the `newc` format of the kernel's initramfs documentation.

Written here rather than by cpio(1), so that everything belongs to root whoever builds it.
"""

import stat

_MAGIC = b"070701"
_TRAILER = "TRAILER!!!"


class Archive:
    """A growing archive."""

    def __init__(self):
        self._chunks = []
        self._directories = set()
        self._inode = 0

    def file(self, path, content, mode=0o644):
        """A file, and the directories that lead to it."""
        self._lead_to(path)
        self._entry(path, stat.S_IFREG | mode, content)

    def directory(self, path):
        """A directory, and those that lead to it."""
        self._lead_to(f"{path}/")

    def link(self, path, target):
        """A symbolic link."""
        self._lead_to(path)
        self._entry(path, stat.S_IFLNK | 0o777, target.encode())

    def finish(self):
        """The archive's bytes."""
        self._entry(_TRAILER, 0, b"")
        return b"".join(self._chunks)

    def _lead_to(self, path):
        parts = path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            directory = "/".join(parts[:depth])
            if directory not in self._directories:
                self._directories.add(directory)
                self._entry(directory, stat.S_IFDIR | 0o755, b"")

    def _entry(self, path, mode, content):
        self._inode += 1
        name = path.encode() + b"\0"
        # inode, mode, uid, gid, links, mtime, size, four device numbers, name size, checksum
        fields = [self._inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name), 0]
        header = _MAGIC + b"".join(b"%08X" % field for field in fields)
        self._chunks += [padded(header + name), padded(content)]


def padded(data):
    """The bytes, up to the next multiple of four."""
    return data + b"\0" * (-len(data) % 4)
