extension SystemCallTable {
    /// Whom a job may talk to, and in what way.
    static let sockets = [rawSockets, otherSockets, seldomProtocols, socketPairs]

    private static let versionFour: UInt64 = 2
    private static let versionSix: UInt64 = 10

    /// SOCK_RAW of AF_INET and AF_INET6; flags such as SOCK_CLOEXEC are above the mask.
    private static let rawSockets = SystemCallException(
        name: "socket", arguments: "AF_INET or AF_INET6 with SOCK_RAW",
        reason: "who makes packets by hand can pretend to be another", answer: .notPermitted,
        conditions: [versionFour, versionSix].map {
            [.equal(argument: 0, $0), .masked(argument: 1, mask: 0xF, value: 3)]
        })

    /// What is left: AF_UNIX 1, AF_INET 2, AF_INET6 10, and NETLINK_ROUTE of AF_NETLINK 16, with
    /// which the C library learns its addresses.
    private static let otherSockets = SystemCallException(
        name: "socket",
        arguments: "families but AF_UNIX, AF_INET, AF_INET6, and AF_NETLINK for NETLINK_ROUTE",
        reason: "AF_VSOCK, AF_ALG, AF_PACKET and the like reach past the network namespace, or "
            + "seldom used code",
        answer: .notPermitted,
        conditions: ([0] + Array(3...9) + Array(11...15)).map { [.equal(argument: 0, $0)] }
            + [[.above(argument: 0, 16)], [.equal(argument: 0, 16), .not(argument: 2, 0)]])

    /// The kernel loads a module for whoever asks first: IPPROTO_DCCP 33, L2TP 115, SCTP 132 and
    /// SMC 256, of which the first and the third have a type of their own each.
    private static let seldomProtocols = SystemCallException(
        name: "socket",
        arguments: "AF_INET or AF_INET6 with SOCK_SEQPACKET, SOCK_DCCP, or the protocols DCCP, "
            + "L2TP, SCTP, SMC",
        reason: "seldom used code, which the kernel would load for it", answer: .notPermitted,
        conditions: [versionFour, versionSix].flatMap { family in
            [5, 6].map {
                [.equal(argument: 0, family), .masked(argument: 1, mask: 0xF, value: $0)]
            }
                + [33, 115, 132, 256].map {
                    [.equal(argument: 0, family), .equal(argument: 2, $0)]
                }
        })

    /// The kernel makes two sockets of the family before it asks that for a pair.
    private static let socketPairs = SystemCallException(
        name: "socketpair", arguments: "families but AF_UNIX",
        reason: "as for socket; no other has pairs that a program needs", answer: .notPermitted,
        conditions: [[.not(argument: 0, 1)]])
}
