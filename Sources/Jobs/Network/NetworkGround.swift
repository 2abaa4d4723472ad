import Netlink
import Reactor

/// What keeps this host from giving jobs private networks.
struct NetworkObstacle: Error, Hashable, Sendable {
    /// As it follows "cannot be had on this server: ".
    let sentence: String
}

/// What private networks need of the host, for a worker.
struct NetworkGround: Sendable {
    let mayAdministrateNetwork: Bool
    let table: FilterTable
    let kernel: any Kernel

    private static let forwarding = "/proc/sys/net/ipv4/ip_forward"
    private static let interfaces = "/proc/self/net/dev"

    /// Makes sure that a job can be given a network, and puts the rules in force.
    func prepare() -> Result<Void, NetworkObstacle> {
        check().flatMap { _ in install() }
    }

    /// Tells what keeps jobs from being given networks, and changes nothing.
    ///
    /// Whether the kernel filters packets is found out by the first rule.
    func check() -> Result<Void, NetworkObstacle> {
        do throws(NetworkObstacle) {
            guard mayAdministrateNetwork else {
                throw NetworkObstacle(sentence: "the server lacks CAP_NET_ADMIN")
            }
            guard text(Self.forwarding).hasPrefix("1") else {
                throw NetworkObstacle(
                    sentence: "the host forwards no packets (net.ipv4.ip_forward is not 1)")
            }
            try checkPairs()
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// Asks for a pair in the namespace of a process that cannot be: only a kernel that knows such
    /// pairs looks for the process.
    private func checkPairs() throws(NetworkObstacle) {
        do throws(Errno) {
            try ask(.route, [.makePair("cmdctl", peer: "eth0", inNamespaceOf: -1)])
        } catch .noProcess {
            return
        } catch {
            throw NetworkObstacle(
                sentence: "the kernel makes no pairs of interfaces (veth): \(error)")
        }
    }

    /// Puts the rules in force, in the place of those that may be.
    func install() -> Result<Void, NetworkObstacle> {
        do throws(Errno) {
            try ask(.netfilter, table.installation)
            return .success(())
        } catch {
            return .failure(
                NetworkObstacle(
                    sentence: "the kernel takes no packet filter (nf_tables): \(error)"))
        }
    }

    /// Takes the rules out of force, if they are.
    func removeTable() -> Result<Void, Errno> {
        Result { () throws(Errno) in
            do throws(Errno) {
                try ask(.netfilter, table.removal)
            } catch .noEntry {
                return
            }
        }
    }

    /// Removes those interfaces that are there.
    func removeInterfaces(_ names: Set<String>) {
        for line in text(Self.interfaces).split(separator: "\n") {
            let name = String(line.prefix { $0 != ":" }.drop { $0 == " " })
            guard names.contains(name) else { continue }
            // One that is gone by now is as good.
            try? ask(.route, [.removeInterface(name)])
        }
    }

    private func ask(_ family: NetlinkFamily, _ messages: [NetlinkMessage]) throws(Errno) {
        let request = NetlinkRequest(messages)
        let answer = try kernel.exchangeNetlink(family: family.rawValue, request.bytes)
        switch request.answer(in: answer) {
        case .done: return
        case .refused(let number): throw Errno(rawValue: number)
        case .incomplete: throw .inputOutput
        }
    }

    private func text(_ path: String) -> String {
        String(decoding: (try? kernel.contents(of: path, sizeMax: 1 << 20)) ?? [], as: UTF8.self)
    }
}
