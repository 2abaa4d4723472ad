"""Gives a state directory a past: very many jobs that have ended, each like one that really ran.

To run them all would take minutes. The records are rows of `jobs.sqlite` and the indexes are files
(docs/FORMATS.md), so those of the one are written again under other names: the daemon that starts
then finds what it would have left behind itself.
"""

import sqlite3
import struct
import time

_MILLISECOND = 1_000_000
# What a header of an index says of its job, and the checksum over all before it.
_ID, _CHECKSUM = slice(16, 32), slice(60, 64)
_HEADER = 64


def populate(state, model, count):
    """Makes `count` jobs of the past, a second after each other, like `model`, which has ended and
    left no output. No daemon may be at work in the directory."""
    index = bytearray((state / "logs" / f"{model}.idx").read_bytes())
    now = int(time.time() * 1000)
    ids = [_identifier(now - (count - number) * 1000, number) for number in range(count)]
    _add_rows(state / "jobs.sqlite", model, ids)
    for id in ids:
        index[_ID] = bytes.fromhex(id.replace("-", ""))
        index[_CHECKSUM] = struct.pack("<I", crc32c(index[:_CHECKSUM.start]))
        (state / "logs" / f"{id}.idx").write_bytes(index)
        (state / "logs" / f"{id}.log").touch()


def _add_rows(path, model, ids):
    """The same row again and again, at other times."""
    database = sqlite3.connect(path)
    rows = database.execute("SELECT * FROM jobs WHERE id = ?", [model])
    columns = [column for column, *_ in rows.description]
    row = dict(zip(columns, rows.fetchone()))
    places = ", ".join("?" * len(columns))
    with database:
        database.executemany(
            f"INSERT INTO jobs ({', '.join(columns)}) VALUES ({places})",
            (list(_at(row, id).values()) for id in ids))
        database.executemany(
            "INSERT INTO requests SELECT ?, owner, ? FROM requests WHERE job = ?",
            ((id, id, model) for id in ids))
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _at(row, id):
    created = int(id.replace("-", "")[:12], 16) * _MILLISECOND
    later = created - row["created_at"]
    times = {name: row[name] + later for name in ["created_at", "started_at", "ended_at"]}
    return {**row, **times, "id": id, "request_id": id}


def _identifier(milliseconds, number):
    """A UUID of version 7 (RFC 9562, section 5.7), whose random part is the number."""
    digits = f"{milliseconds:012x}7000{1 << 63 | number:016x}"
    return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])


def _make_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _make_table()


def crc32c(data):
    """The checksum of the formats: Castagnoli's, as in iSCSI."""
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ _TABLE[(value ^ byte) & 255]
    return value ^ 0xFFFFFFFF
