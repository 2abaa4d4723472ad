import CSeccomp

/// A call that is allowed, but not with these arguments.
package struct SystemCallException: Sendable {
    /// What one argument must be for the exception to hold; 32 bits of it, because the kernel looks
    /// at no more.
    package enum Condition: Equatable, Sendable {
        /// Under the mask, the argument is the value.
        case masked(argument: UInt32, mask: UInt64, value: UInt64)
        /// The argument, all 64 bits of it, is larger.
        case above(argument: UInt32, UInt64)
        /// The argument is another one.
        case not(argument: UInt32, UInt64)

        static func equal(argument: UInt32, _ value: UInt64) -> Condition {
            .masked(argument: argument, mask: 0xFFFF_FFFF, value: value)
        }
    }

    /// What it answers.
    package enum Answer: String, Sendable {
        case notPermitted = "EPERM"
        /// As if it were done: programs ask for it that would give up without.
        case nothingDone = "0, and nothing is done"
        /// As if the kernel were older than the call; programs then use the one before.
        case unknown = "ENOSYS"
    }

    /// The call.
    package let name: String
    /// With what, in words.
    package let arguments: String
    /// Why.
    package let reason: String
    package let answer: Answer
    /// Sets of conditions, one of which must hold altogether; none at all means always.
    package let conditions: [[Condition]]
}

extension SystemCallTable {
    /// What is wrong only with some arguments.
    package static let exceptions: [SystemCallException] =
        [newNamespaces, clone3, terminalInput] + sockets + deviceNodes + coreDumpLimits
        + [limitsOfTheFirst] + asynchronousIO

    /// CLONE_NEWTIME is not among clone's; its bit is one of the signal's.
    private static let newNamespaces = SystemCallException(
        name: "clone", arguments: "flags that make a namespace",
        reason: "as for unshare", answer: .notPermitted,
        // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET; linux/sched.h.
        conditions: [
            0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000,
            0x2000_0000, 0x4000_0000,
        ].map { [.masked(argument: 0, mask: $0, value: $0)] })

    private static let clone3 = SystemCallException(
        name: "clone3", arguments: "any",
        reason: "its flags are in memory, where no filter sees them; the C library uses clone",
        answer: .unknown, conditions: [])

    /// Both put words into the mouth of whoever sits at a terminal; ioctl_tty(2).
    private static let terminalInput = SystemCallException(
        name: "ioctl", arguments: "TIOCSTI, TIOCLINUX",
        reason: "they type on a terminal for somebody else", answer: .notPermitted,
        conditions: [[.equal(argument: 1, 0x5412)], [.equal(argument: 1, 0x541C)]])

    /// One context of io_setup may have all the places there are, fs.aio-max-nr of proc_sys_fs(5).
    private static let asynchronousIO = [
        "io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "io_setup", "io_submit",
    ].map {
        SystemCallException(
            name: $0, arguments: "any",
            reason: "the machine has so many places for such requests, and one job could take all; "
                + "programs do without",
            answer: .unknown, conditions: [])
    }

    /// The limit is 1 in a sandbox, which no program may change, not even to 0: for any other the
    /// kernel runs a core_pattern that is a program, as root of the host; core(5).
    private static let coreDumpLimits = [
        ("setrlimit", [[SystemCallException.Condition.equal(argument: 0, 4)]]),
        ("prlimit64", [[.equal(argument: 1, 4), .not(argument: 2, 0)]]),
    ].map { name, conditions in
        SystemCallException(
            name: name, arguments: "RLIMIT_CORE, to change it",
            reason: "but for a limit of 1 the host's program for core dumps is run, as its root",
            answer: .nothingDone, conditions: conditions)
    }

    /// Its users are the job's, and so the kernel would let root of the job do it.
    private static let limitsOfTheFirst = SystemCallException(
        name: "prlimit64", arguments: "limits of process 1, to change them",
        reason: "one on its processor time would end it by a signal, and all of the job with it",
        answer: .notPermitted,
        conditions: [[.equal(argument: 0, 1), .not(argument: 2, 0)]])

    /// S_IFCHR and S_IFBLK; a named pipe is nobody's harm.
    private static let deviceNodes = [("mknod", UInt32(1)), ("mknodat", 2)].map { name, argument in
        SystemCallException(
            name: name, arguments: "S_IFCHR, S_IFBLK", reason: "devices are the host's",
            answer: .notPermitted,
            conditions: [0o020000, 0o060000].map {
                [.masked(argument: argument, mask: 0o170000, value: $0)]
            })
    }
}
