/// A descriptor with exactly one owner, closed through its kernel when the owner lets go of it.
package struct OwnedDescriptor: ~Copyable, Sendable {
    /// The number, to hand to operations and kernel calls while the owner lives.
    package let raw: Int32

    /// Nil once the ownership was given away.
    private var kernel: (any Kernel)?

    /// Takes over a descriptor that `kernel` has made.
    package init(_ raw: Int32, of kernel: any Kernel) {
        precondition(raw >= 0, "not a descriptor")
        self.raw = raw
        self.kernel = kernel
    }

    /// Gives the ownership away: from here on somebody else closes it.
    package consuming func release() -> Int32 {
        kernel = nil
        return raw
    }

    deinit {
        kernel?.close(raw)
    }
}

/// The two ends of a pipe.
@frozen
package struct PipeEnds: ~Copyable, Sendable {
    /// Where the bytes come out.
    package var read: OwnedDescriptor
    /// Where they go in.
    package var write: OwnedDescriptor

    /// Pairs the two ends.
    package init(read: consuming OwnedDescriptor, write: consuming OwnedDescriptor) {
        self.read = read
        self.write = write
    }
}

/// Two stream sockets that are connected to each other.
@frozen
package struct SocketPair: ~Copyable, Sendable {
    /// One of the two; they are alike.
    package var first: OwnedDescriptor
    /// The other one.
    package var second: OwnedDescriptor

    /// Pairs the two ends.
    package init(first: consuming OwnedDescriptor, second: consuming OwnedDescriptor) {
        self.first = first
        self.second = second
    }
}
