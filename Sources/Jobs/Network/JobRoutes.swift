import Netlink
import Reactor

/// The addresses behind the host's ends of private networks, as the host's routes have them; for a
/// worker.
///
/// They tell which address a job has whose record is lost.
struct JobRoutes {
    private var addresses: [Substring: IPv4Address] = [:]

    /// Looks at the routes as they are.
    init(of kernel: any Kernel) {
        let text = try? kernel.contents(of: "/proc/self/net/route", sizeMax: 16 << 20)
        self.init(parsing: String(decoding: text ?? [], as: UTF8.self))
    }

    /// Reads the table, whose columns are named in its first line; the numbers are those of the
    /// network, as this machine would write them.
    init(parsing text: String) {
        for line in text.split(separator: "\n") {
            let columns = line.split { $0 == "\t" || $0 == " " }
            guard columns.count > 7, columns[7] == "FFFFFFFF",
                let number = UInt32(columns[1], radix: 16)
            else { continue }
            addresses[columns[0]] = IPv4Address(number: UInt32(bigEndian: number))
        }
    }

    /// The address of a job that lives; nil if it has no private network.
    func address(of id: JobID) -> IPv4Address? {
        addresses[id.interfaceName[...]]
    }
}
