"""Gives a state directory a past: very many jobs that have ended, each like one that really ran.

To run them all would take minutes. The records are rows of `jobs.sqlite` and the indexes are files
(docs/FORMATS.md), so those of the one are written again under other names, with other orders: the
daemon that starts then finds what it would have left behind itself.
"""

import json
import random
import sqlite3
import struct
import time

_MILLISECOND = 1_000_000
# What a header of an index says of its job, and the checksum over all before it.
_ID, _CHECKSUM = slice(16, 32), slice(60, 64)
_HEADER = 64


_PROGRAMS = [
    "/usr/bin/make", "/usr/bin/git", "/usr/bin/rsync", "/bin/tar", "/usr/bin/python3",
    "/usr/bin/find", "/usr/local/bin/deploy", "/opt/reports/nightly", "/usr/bin/ffmpeg"]


def orders(count, kinds):
    """What so many jobs were asked to do, each of one of so many kinds, in no order, but in the
    same one every time: a daemon may keep together what was ordered alike."""
    known = [_order(kind) for kind in range(kinds)]
    return random.Random(kinds).choices(known, k=count)


def _order(kind):
    """Members of a specification."""
    program = _PROGRAMS[kind % len(_PROGRAMS)]
    return {
        "command": [program, "--quiet", f"--input=/srv/data/{kind:03}", f"part-{kind % 7}"],
        "name": f"{program.rpartition('/')[2]}-{kind:03}",
        "labels": {"kind": f"{kind}", "team": f"team-{kind % 12}"}}


def populate(state, model, orders):
    """Makes a job of the past for each order, a second after each other, like `model` in all else,
    which has ended and left no output. No daemon may be at work in the directory."""
    count = len(orders)
    index = bytearray((state / "logs" / f"{model}.idx").read_bytes())
    now = int(time.time() * 1000)
    ids = [_identifier(now - (count - number) * 1000, number) for number in range(count)]
    _add_rows(state / "jobs.sqlite", model, zip(ids, orders))
    for id in ids:
        index[_ID] = bytes.fromhex(id.replace("-", ""))
        index[_CHECKSUM] = struct.pack("<I", crc32c(index[:_CHECKSUM.start]))
        (state / "logs" / f"{id}.idx").write_bytes(index)
        (state / "logs" / f"{id}.log").touch()


def _add_rows(path, model, jobs):
    """The same row again and again, at other times and with other orders."""
    database = sqlite3.connect(path)
    rows = database.execute("SELECT * FROM jobs WHERE id = ?", [model])
    columns = [column for column, *_ in rows.description]
    row = dict(zip(columns, rows.fetchone()))
    made = [_made(row, id, order) for id, order in jobs]
    places = ", ".join("?" * len(columns))
    with database:
        database.executemany(
            f"INSERT INTO jobs ({', '.join(columns)}) VALUES ({places})",
            (list(each.values()) for each in made))
        database.executemany(
            "INSERT INTO requests SELECT ?, owner, ? FROM requests WHERE job = ?",
            ((each["id"], each["request_id"], model) for each in made))
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _made(row, id, order):
    created = int(id.replace("-", "")[:12], 16) * _MILLISECOND
    later = created - row["created_at"]
    times = {name: row[name] + later for name in ["created_at", "started_at", "ended_at"]}
    specification = json.dumps(
        {**json.loads(row["specification"]), **order}, separators=(",", ":"))
    return {**row, **times, "id": id, "request_id": id, "specification": specification}


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
