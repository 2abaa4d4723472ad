import Glibc
import Logging
import Netlink
import Reactor
import ShimProtocol
import TestSupport
import Testing

@testable import Jobs

/// Jobs with networks of their own, as the supervisor starts them: real ones, each errand in a
/// process with a network namespace that leads nowhere.
@Suite(.enabled(if: geteuid() == 0), .timeLimit(.minutes(10))) struct PrivateNetworkTests {
    private struct Unexpected: Error {
        let what: String
    }

    /// A host that forwards packets, or does not.
    private static func host(forwards: Bool) -> [String] {
        let line = "echo \(forwards ? 1 : 0) > /proc/sys/net/ipv4/ip_forward && exec \"$@\""
        return ["/usr/bin/unshare", "-n", "/bin/sh", "-c", line, "sh"]
    }

    private func errand(_ name: String, forwards: Bool = true, _ body: () throws -> Void) throws {
        let process = try SeparateProcess(
            name, in: Self.self, about: "", wrapper: Self.host(forwards: forwards)
        ) { _ in try body() }
        #expect(process.status == .exited(code: 0), "\(process.diagnostics)")
    }

    private func demand(_ holds: Bool, _ what: @autoclosure () -> String) throws {
        guard !holds else { return }
        throw Unexpected(what: what())
    }

    private func connected(_ line: String) -> JobSpecification {
        JobSpecification(
            command: .shell(line), mergeOutput: true, isolation: .strict, network: .private)
    }

    private var interfaces: String {
        String(
            decoding: (try? LinuxKernel().contents(of: "/proc/self/net/dev", sizeMax: 1 << 20))
                ?? [], as: UTF8.self)
    }

    @Test func `a job has one interface, one address and one way out`() throws {
        try errand("inside") {
            let bench = try Workbench()
            let job = try bench.start(
                connected(
                    "cut -d : -f 1 /proc/self/net/dev; cut -f 1-3 /proc/self/net/route;"
                        + "wc -l < /proc/self/net/if_inet6"))
            let words = try bench.output(of: job).text.split(whereSeparator: \.isWhitespace)
            for word in ["lo", "eth0", "0100D30A"] {
                try demand(words.contains { $0 == word }, "\(words)")
            }
            // The loopback interface alone has an address of version 6.
            try demand(words.last == "1" || words.last == "0", "\(words)")
            try demand(
                job.networkAddress?.description == "10.211.0.2", "\(job.networkAddress as Any)")
        }
    }

    @Test func `an address is its job's when the records are lost`() throws {
        try errand("lost") {
            let bench = try Workbench()
            let job = try bench.start(connected("echo up; exec sleep 1000"))
            try bench.waitForOutput("up\n", of: job)
            try bench.endLife()
            bench.loseRecords()
            try bench.beginLife()
            let address = try bench.now(job).networkAddress
            try demand(address?.description == "10.211.0.2", "\(address as Any)")
            let other = try bench.start(connected("true")).networkAddress
            try demand(other?.description == "10.211.0.3", "\(other as Any)")
            _ = try bench.stop(try bench.now(job), grace: .zero)
        }
    }

    /// Perl says why it failed: for what is refused, or for what the host has no route to.
    private static let connection = """
        use Socket; for (@ARGV) { my ($address, $port) = split /:/; \
        socket(my $s, PF_INET, SOCK_STREAM, 0); alarm 20; \
        print connect($s, pack_sockaddr_in($port, inet_aton($address))) ? "reached" : "$!", "\\n" }
        """

    private static let listener = """
        use Socket; socket(my $s, PF_INET, SOCK_STREAM, 0); \
        bind($s, pack_sockaddr_in(7000, INADDR_ANY)); listen($s, 5); \
        $| = 1; print "listening\\n"; accept(my $c, $s) while 1
        """

    @Test func `a job reaches itself, but neither another one nor the host`() throws {
        try errand("apart") {
            let bench = try Workbench()
            let other = try bench.start(connected("/usr/bin/perl -e '\(Self.listener)'"))
            try bench.waitForOutput("listening\n", of: other)
            let line = """
                /usr/bin/perl -e '\(Self.listener)' > /dev/null & \
                until /usr/bin/perl -e '\(Self.connection)' 10.211.0.3:7000 | grep -q reached; do :; done
                /usr/bin/perl -e '\(Self.connection)' \
                10.211.0.3:7000 10.211.0.2:7000 10.211.0.1:7000 169.254.169.254:80
                """
            let job = try bench.start(connected(line))
            let said = try bench.output(of: job).text
            try demand(
                said == "reached\nNo route to host\nNo route to host\nNetwork is unreachable\n",
                said)
            _ = try bench.stop(other, grace: .zero)
        }
    }

    /// As `nft flush ruleset` does; answers whether there were any.
    private func takeRulesAway(_ stateDirectory: String) throws -> Bool {
        let table = FilterTable.privateNetworks(.standard, stateDirectory: stateDirectory)
        let request = NetlinkRequest(table.removal)
        let answer = try LinuxKernel().exchangeNetlink(
            family: NetlinkFamily.netfilter.rawValue, request.bytes)
        return request.answer(in: answer) == .done
    }

    @Test func `a job that starts after somebody took the rules away is held apart, too`() throws {
        try errand("flushed") {
            let bench = try Workbench()
            let other = try bench.start(connected("/usr/bin/perl -e '\(Self.listener)'"))
            try bench.waitForOutput("listening\n", of: other)
            try demand(try takeRulesAway(bench.directory), "there are no rules")
            let job = try bench.start(
                connected("/usr/bin/perl -e '\(Self.connection)' 10.211.0.2:7000"))
            let said = try bench.output(of: job).text
            try demand(said == "No route to host\n", said)
            _ = try bench.stop(other, grace: .zero)
        }
    }

    @Test func `while there is such a job, rules that were taken away come back`() throws {
        try errand("renewal") {
            let reactor = try Reactor(choosing: .auto)
            var limits = JobLimits()
            limits.networkRulesInterval = .milliseconds(1)
            let networks = PrivateNetworks(
                .standard, facts: HostFacts(of: reactor.kernel), stateDirectory: "/state",
                limits: limits, reactor: reactor,
                logger: Logger(label: "networks", factory: { _ in SwiftLogNoOpLogHandler() }))
            var answer: Result<Void, JobError>?
            networks.prepare(for: connected("true")) { answer = $0 }
            while answer == nil { try reactor.turn() }
            try answer?.get()
            guard let address = try networks.takeAddress(for: connected("true")) else {
                throw Unexpected(what: "there is no address")
            }
            for _ in 0..<3 {
                while try !takeRulesAway("/state") { try reactor.turn() }
            }
            networks.giveBack(address)
            // No timer is left.
            while !reactor.isIdle { try reactor.turn() }
        }
    }

    @Test func `nothing is left of a network when its job has ended`() throws {
        try errand("aftercare") {
            let bench = try Workbench()
            let job = try bench.start(connected("echo up; exec sleep 1000"))
            try bench.waitForOutput("up\n", of: job)
            try demand(interfaces.contains(job.id.interfaceName), interfaces)
            _ = try bench.stop(job, grace: .zero)
            // The kernel ends namespaces in its own time, and tells nobody.
            while interfaces.contains("cmdctl") { try bench.pause() }
        }
    }

    @Test func `the rules are gone when a supervisor that ends is told that all is tidy`() throws {
        try errand("rules") {
            let bench = try Workbench()
            try bench.waitForEnd(of: bench.start(connected("true")))
            bench.supervisor.refuseStarts()
            var isTidy = false
            bench.supervisor.whenTidy { isTidy = true }
            try demand(!isTidy, "it did not wait for the worker")
            try bench.turn { isTidy }
            let rules = FilterTable.privateNetworks(
                .standard, stateDirectory: bench.directory)
            let answer = try ask(.netfilter, rules.removal)
            try demand(answer == .refused(number: Errno.noEntry.rawValue), "there are rules")
        }
    }

    @Test func `an interface that bears an ended job's name is gone after the next start`() throws {
        try errand("sweep") {
            let bench = try Workbench()
            let job = try bench.start(connected("true"))
            try bench.waitForEnd(of: job)
            let (ended, stranger) = (job.id.interfaceName, "cmdctl-stranger")
            while interfaces.contains(ended) { try bench.pause() }
            for (name, peer) in [(ended, "peer1"), (stranger, "peer2")] {
                let pair = NetlinkMessage.makePair(name, peer: peer, inNamespaceOf: getpid())
                try demand(try ask(.route, [pair]) == .done, "there is no pair \(name)")
            }
            try bench.restart()
            while interfaces.contains(ended) { try bench.pause() }
            try demand(interfaces.contains(stranger), "what is no job's was taken, too")
        }
    }

    private func ask(
        _ family: NetlinkFamily, _ messages: [NetlinkMessage]
    ) throws -> NetlinkAnswer {
        let request = NetlinkRequest(messages)
        return request.answer(
            in: try LinuxKernel().exchangeNetlink(family: family.rawValue, request.bytes))
    }

    @Test func `a host that forwards nothing is told what it lacks`() throws {
        try errand("forwarding", forwards: false) {
            let bench = try Workbench()
            let refusal = try bench.tryToStart(connected("true"))
            guard case .failure(.networkUnavailable(let missing)) = refusal else {
                throw Unexpected(what: "\(refusal)")
            }
            try demand(missing.contains("net.ipv4.ip_forward"), missing)
            // A preview is told the same.
            var preview: Result<Job, JobError>?
            bench.supervisor.preview(connected("true"), owner: Workbench.alice) { preview = $0 }
            try bench.turn { preview != nil }
            guard case .failure(.networkUnavailable(missing)) = preview else {
                throw Unexpected(what: "\(preview as Any)")
            }
        }
    }

    @Test func `for whom is refused anyway the host is not even looked at`() throws {
        try errand("refusal", forwards: false) {
            let bench = try Workbench()
            let sleeper = JobSpecification(
                command: .program("sleep", arguments: ["1000"]), name: "sleeper")
            let job = try bench.start(sleeper)
            var again = connected("true")
            again.name = "sleeper"
            let refusal = try bench.tryToStart(again)
            guard case .failure(.nameTaken(name: "sleeper", by: job.id)) = refusal else {
                throw Unexpected(what: "\(refusal)")
            }
        }
    }
}

extension Workbench {
    /// Goes on for a moment, between two looks at what the kernel does in its own time.
    fileprivate func pause() throws {
        var isTime = false
        reactor.schedule(after: .milliseconds(10)) { isTime = true }
        try turn { isTime }
    }
}
