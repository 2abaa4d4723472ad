import CLinux
import Foundation
import Glibc
import Netlink
import Reactor
import TestSupport
import Testing

/// The kernel takes the messages for what they are meant: each errand in a process with a network
/// namespace of its own, through which nothing goes.
@Suite(.enabled(if: geteuid() == 0), .timeLimit(.minutes(10)))
struct KernelTests {
    private struct Unexpected: Error {
        let what: String
    }

    private func errand(_ name: String, _ body: (String) throws -> Void) throws {
        let process = try SeparateProcess(
            name, in: Self.self, about: "", wrapper: ["/usr/bin/unshare", "-n"], body)
        #expect(process.status == .exited(code: 0), "\(process.diagnostics)")
    }

    private func ask(
        _ family: NetlinkFamily, _ messages: [NetlinkMessage],
        expecting expected: NetlinkAnswer = .done
    ) throws {
        let request = NetlinkRequest(messages)
        let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 14) { answers, count in
            count = max(
                0,
                clinux_exchange_netlink(
                    family.rawValue, request.bytes, request.bytes.count, answers.baseAddress,
                    answers.count))
        }
        let answer = request.answer(in: bytes)
        try demand(answer == expected, "\(messages) was answered \(answer)")
    }

    private func demand(_ holds: Bool, _ what: @autoclosure () -> String) throws {
        guard !holds else { return }
        throw Unexpected(what: what())
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    private static let gateway = IPv4Address(number: 0x0AD3_0001)
    private static let address = IPv4Address(number: 0x0AD3_0102)

    @Test func `a pair is made, gets addresses and a route, and goes with one end`() throws {
        try errand("pair") { _ in
            try ask(
                .route,
                [.makePair("cmdctl123456789", peer: "eth0", inNamespaceOf: getpid())])
            let index = Int32(bitPattern: if_nametoindex("cmdctl123456789"))
            let peer = Int32(bitPattern: if_nametoindex("eth0"))
            for message: NetlinkMessage in [
                .withholdVersionSix(from: index), .withholdVersionSix(from: peer),
                .addAddress(Self.gateway, to: index, peer: Self.address),
                .addAddress(Self.address, to: peer, peer: Self.gateway),
                .raise(index), .raise(peer), .addDefaultRoute(through: peer, by: Self.gateway),
            ] {
                try ask(.route, [message])
            }
            let routes = try text("/proc/self/net/route")
            try demand(routes.contains("eth0\t00000000\t0100D30A"), routes)
            try demand(try text("/proc/self/net/if_inet6").isEmpty, "version 6 has addresses")
            try ask(.route, [.removeInterface("cmdctl123456789")])
            try demand(if_nametoindex("eth0") == 0, "the other end is still there")
        }
    }

    @Test func `a name that is taken, and an interface that is not there, are refused`() throws {
        try errand("refusals") { _ in
            try ask(
                .route, [.makePair("lo", peer: "eth0", inNamespaceOf: getpid())],
                expecting: .refused(number: EEXIST))
            try ask(
                .route, [.removeInterface("cmdctl0")], expecting: .refused(number: ENODEV))
        }
    }

    /// All that a rule can say.
    private static let table = FilterTable(
        "cmdctl-test",
        [
            FilterChain(
                "arriving", at: .arriving, kind: .filter, priority: -300,
                [FilterRule([.arrivedBy("x"), .hasForgedSender], .drop)]),
            FilterChain(
                "input", at: .input, kind: .filter, priority: 0,
                [FilterRule([.arrivedBy("x")], .refuse)]),
            FilterChain(
                "forward", at: .forward, kind: .filter, priority: 0,
                [
                    FilterRule([.arrivedBy("x"), .isVersionSix], .drop),
                    FilterRule([.leavesBy("x"), .isAnswer], .accept),
                    FilterRule(
                        [.arrivedBy("x"), .goesTo(IPv4Block(around: gateway, prefixLength: 16))],
                        .refuse),
                ]),
            FilterChain(
                "leaving", at: .leaving, kind: .nat, priority: 100,
                [FilterRule([.arrivedBy("x")], .masquerade)]),
        ])

    @Test func `a table is put in force twice, and removed once`() throws {
        try errand("table") { _ in
            try ask(.netfilter, Self.table.installation)
            try ask(.netfilter, Self.table.installation)
            try ask(.netfilter, Self.table.removal)
            try ask(.netfilter, Self.table.removal, expecting: .refused(number: ENOENT))
        }
    }
}
