/// A program to start: what posix_spawn(3) needs, and nothing that would need a fork.
package struct ProcessSpawn: Sendable {
    /// A descriptor of the child: `source` here becomes `target` there.
    package struct FileAction: Hashable, Sendable {
        /// The number in the child.
        package var target: Int32
        /// The number in this process.
        package var source: Int32

        /// Lets the child have `source` as its `target`.
        package init(target: Int32, source: Int32) {
            self.target = target
            self.source = source
        }
    }

    /// The file to execute; it is not looked up in PATH.
    package var path: String
    /// The whole argument vector; the first is the program's name for itself.
    package var arguments: [String]
    /// The whole environment, as `NAME=value`.
    package var environment: [String]
    /// Every descriptor the child gets; all others are closed.
    package var fileActions: [FileAction]
    /// The directory of the control group the child is born into, if not this process's own.
    ///
    /// Where the kernel does not do that, it is born into this process's own, and has to move.
    package var controlGroup: String?
    /// Which process of that program to fork, if it can be, instead of executing the program.
    package var nursery: Nursery?

    /// Describes a program to start.
    package init(
        path: String, arguments: [String], environment: [String] = [],
        fileActions: [FileAction] = [], controlGroup: String? = nil, nursery: Nursery? = nil
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.fileActions = fileActions
        self.controlGroup = controlGroup
        self.nursery = nursery
    }
}

/// A child that was just started.
@frozen
package struct SpawnedProcess: ~Copyable, Sendable {
    /// Its number: for people and logs only, because numbers are reused.
    package var pid: Int32
    /// Its handle: for signals, for the wait and for reaping.
    package var descriptor: OwnedDescriptor

    /// Pairs number and handle.
    package init(pid: Int32, descriptor: consuming OwnedDescriptor) {
        self.pid = pid
        self.descriptor = descriptor
    }
}

/// How a process ended.
package enum WaitStatus: Hashable, Sendable {
    /// It returned, or called exit(3), with this code.
    case exited(code: Int32)
    /// A signal ended it.
    case signaled(number: Int32)
}
