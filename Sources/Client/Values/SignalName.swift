/// A signal by number, written and read by name: `TERM`, `SIGTERM`, `15`, `RTMIN+1`. signal(7)
struct SignalName: Hashable {
    let number: Int32

    init(number: Int32) {
        self.number = number
    }

    init(parsing text: String) throws(UsageProblem) {
        if let number = Int32(text) {
            guard (1...64).contains(number) else {
                throw UsageProblem("Signals are numbered from 1 to 64.")
            }
            self.number = number
            return
        }
        let upper = text.uppercased()
        let bare = upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
        if let number = Self.numbers[bare] ?? Self.realTimeNumber(bare) {
            self.number = number
            return
        }
        let hint = Suggestion.nearest(to: bare, among: Self.names.map(\.1))
            .map { " Did you mean \($0)?" }
        throw UsageProblem(
            "There is no such signal.\(hint ?? " Use a name such as TERM, or a number from 1 to 64.")"
        )
    }

    /// `RTMIN`, `RTMIN+n`, `RTMAX`, `RTMAX-n`, counted from 34: glibc keeps 32 and 33. signal(7)
    private static func realTimeNumber(_ bare: String) -> Int32? {
        for (prefix, base) in [("RTMIN", Int32(34)), ("RTMAX", 64)] where bare.hasPrefix(prefix) {
            let rest = bare.dropFirst(prefix.count)
            guard !rest.isEmpty else { return base }
            guard let distance = Int32(rest) else { return nil }
            let (number, overflow) = base.addingReportingOverflow(distance)
            return !overflow && (34...64).contains(number) ? number : nil
        }
        return nil
    }

    /// Linux's numbers on x86 and Arm, where servers run; other names for the same come later.
    private static let names: [(Int32, String)] = [
        (1, "HUP"), (2, "INT"), (3, "QUIT"), (4, "ILL"), (5, "TRAP"), (6, "ABRT"), (7, "BUS"),
        (8, "FPE"), (9, "KILL"), (10, "USR1"), (11, "SEGV"), (12, "USR2"), (13, "PIPE"),
        (14, "ALRM"), (15, "TERM"), (16, "STKFLT"), (17, "CHLD"), (18, "CONT"), (19, "STOP"),
        (20, "TSTP"), (21, "TTIN"), (22, "TTOU"), (23, "URG"), (24, "XCPU"), (25, "XFSZ"),
        (26, "VTALRM"), (27, "PROF"), (28, "WINCH"), (29, "IO"), (30, "PWR"), (31, "SYS"),
    ]

    private static let numbers: [String: Int32] = {
        var numbers = ["IOT": Int32(6), "CLD": 17, "POLL": 29]
        for (number, name) in names {
            numbers[name] = number
        }
        return numbers
    }()
}

extension SignalName: CustomStringConvertible {
    var description: String {
        if let name = Self.names.first(where: { $0.0 == number })?.1 { return "SIG\(name)" }
        guard (34...64).contains(number) else { return "signal \(number)" }
        return number == 34 ? "SIGRTMIN" : "SIGRTMIN+\(number - 34)"
    }
}
