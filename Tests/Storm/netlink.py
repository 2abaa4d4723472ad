"""Asks the kernel for the packet filters of this network namespace, as nft(8) would.

Messages and attributes are those of linux/netfilter/nf_tables.h.
"""

import socket
import struct

_NETLINK_NETFILTER = 12
_REQUEST_DUMP = 0x301
_DONE, _ERROR = 3, 2
_NFTABLES = 10 << 8

# What can be listed: the number of the question, and the attributes that name one answer.
_KINDS = {
    "table": (1, [1]),
    "chain": (4, [1, 3]),
    "rule": (7, [1, 2, 3]),
    "set": (10, [1, 2]),
    "object": (19, [1, 2]),
    "flow table": (23, [1, 2]),
}


def filters():
    """A line for every table, chain, rule, set, object and flow table there is."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER) as asking:
        return [
            f"{kind} {' '.join(_text(attributes.get(number, b'')) for number in names)}"
            for kind, (question, names) in _KINDS.items()
            for attributes in _list(asking, question)
        ]


def _list(asking, question):
    """The attributes of every answer; of all families, AF_UNSPEC."""
    header = struct.pack("=IHHII", 20, _NFTABLES | question, _REQUEST_DUMP, 1, 0)
    asking.sendto(header + struct.pack("=BBH", 0, 0, 0), (0, 0))
    while True:
        received = asking.recv(1 << 18)
        while received:
            size, kind = struct.unpack_from("=IH", received)
            if kind == _DONE:
                return
            if kind == _ERROR:
                number = -struct.unpack_from("=i", received, 16)[0]
                # A kernel without nf_tables, or none of this kind, has nothing of it.
                if number in _NOTHING:
                    return
                raise OSError(number, "the kernel does not list its packet filters")
            yield dict(_attributes(received[20:size]))
            received = received[(size + 3) & ~3:]


# EOPNOTSUPP, EINVAL, EPROTONOSUPPORT, ENOENT
_NOTHING = {95, 22, 93, 2}


def _attributes(payload):
    while len(payload) >= 4:
        size, kind = struct.unpack_from("=HH", payload)
        yield kind & 0x3FFF, payload[4:size]
        payload = payload[(size + 3) & ~3:]


def _text(value):
    """A name, or a number: handles are eight bytes in network order."""
    if len(value) == 8 and value[0] == 0:
        return str(int.from_bytes(value, "big"))
    return value.rstrip(b"\0").decode(errors="replace")
