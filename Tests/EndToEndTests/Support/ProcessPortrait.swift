import Foundation

/// A process as it stands now, told so that one can see what it waits for: proc(5).
struct ProcessPortrait: CustomStringConvertible {
    let pid: pid_t

    var description: String {
        guard ProcessTable.isAlive(pid) else { return "process \(pid) has ended" }
        let command = ProcessTable.arguments(of: pid).joined(separator: " ")
        let stack = text("stack").split(separator: "\n").joined(separator: " < ")
        return (["process \(pid): \(command)", "  in \(text("wchan")) \(stack)"] + descriptors)
            .joined(separator: "\n")
    }

    /// What each of its descriptors leads to.
    private var descriptors: [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: path("fd"))
        return (names ?? []).compactMap { Int($0) }.sorted().compactMap { number in
            let target = try? FileManager.default.destinationOfSymbolicLink(
                atPath: path("fd/\(number)"))
            return target.flatMap(meaning).map { "  descriptor \(number): \($0)" }
        }
    }

    /// Of a TCP socket its addresses, state and queues; nil for any other, which is inherited.
    private func meaning(of target: String) -> String? {
        guard let inode = target.wholeMatch(of: #/socket:\[(\d+)\]/#)?.1 else { return target }
        let columns = text("net/tcp").split(separator: "\n")
            .map { $0.split(separator: " ") }
            .first { $0.count > 9 && $0[9] == inode }
        return columns.map { "TCP " + $0[1...4].joined(separator: " ") }
    }

    /// Empty where the kernel does not tell, or not us.
    private func text(_ name: String) -> String {
        let data = FileManager.default.contents(atPath: path(name)) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    private func path(_ name: String) -> String { "/proc/\(pid)/\(name)" }
}
