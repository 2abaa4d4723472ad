import CSeccomp
package import Reactor

/// The programs of seccomp(2) that hold a sandbox to ``SystemCallTable``.
///
/// There are two, because the kernel obeys the stricter answer: the first knows exceptions, and lets
/// all else pass to the second, which knows names. They are made once, and each job's plan carries
/// them: making them takes longer than starting a job.
package struct SystemCallFilter: Sendable {
    /// In the order in which they are to be loaded.
    package let programs: [[UInt8]]

    /// Makes the programs for the machine this runs on.
    package init() throws(Errno) {
        programs = [try Self.exceptions(), try Self.names()]
    }

    private static func exceptions() throws(Errno) -> [UInt8] {
        let rules = try Rules(otherwise: UInt32(SCMP_ACT_ALLOW))
        for exception in SystemCallTable.exceptions {
            let action = exception.answer.action
            for conditions in exception.conditions.isEmpty ? [[]] : exception.conditions {
                try rules.add(exception.name, action, conditions.map(\.comparison))
            }
        }
        return try rules.program()
    }

    private static func names() throws(Errno) -> [UInt8] {
        let rules = try Rules(otherwise: SystemCallException.Answer.unknown.action)
        for name in SystemCallTable.allowed { try rules.add(name, UInt32(SCMP_ACT_ALLOW)) }
        for name in SystemCallTable.denied.flatMap(\.names) {
            try rules.add(name, SystemCallException.Answer.notPermitted.action)
        }
        return try rules.program()
    }
}

extension SystemCallException.Answer {
    fileprivate var action: UInt32 {
        switch self {
        case .notPermitted: cseccomp_error_action(UInt16(Errno.notPermitted.rawValue))
        case .unknown: cseccomp_error_action(UInt16(Errno.notImplemented.rawValue))
        case .nothingDone: cseccomp_error_action(0)
        }
    }
}

/// What libseccomp makes a program of.
private final class Rules {
    private let context: scmp_filter_ctx

    /// A call of another architecture, as a 32-bit one, has other numbers: it kills the process.
    init(otherwise action: UInt32) throws(Errno) {
        guard let context = seccomp_init(action) else { throw .noMemory }
        self.context = context
        try check(
            seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, UInt32(SCMP_ACT_KILL_PROCESS)))
        // A tree of comparisons instead of a row of them; libseccomp 2.5.
        try check(seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2))
    }

    deinit {
        seccomp_release(context)
    }

    /// A call that this machine or this library does not have needs no rule: it is unknown.
    func add(_ name: String, _ action: UInt32, _ comparisons: [scmp_arg_cmp] = []) throws(Errno) {
        let number = seccomp_syscall_resolve_name(name)
        guard number >= 0 else { return }
        try check(
            seccomp_rule_add_array(
                context, action, number, UInt32(comparisons.count), comparisons))
    }

    func program() throws(Errno) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32 << 10)
        let count = cseccomp_export(context, &bytes, bytes.count)
        try check(Int32(count))
        return Array(bytes.prefix(count))
    }

    /// The library answers the negative of an errno(3).
    private func check(_ result: Int32) throws(Errno) {
        if result < 0 { throw Errno(rawValue: -result) }
    }
}

extension SystemCallException.Condition {
    fileprivate var comparison: scmp_arg_cmp {
        switch self {
        case .masked(let argument, let mask, let value):
            scmp_arg_cmp(arg: argument, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: value)
        case .above(let argument, let value):
            scmp_arg_cmp(arg: argument, op: SCMP_CMP_GT, datum_a: value, datum_b: 0)
        case .not(let argument, let value):
            scmp_arg_cmp(arg: argument, op: SCMP_CMP_NE, datum_a: value, datum_b: 0)
        }
    }
}
