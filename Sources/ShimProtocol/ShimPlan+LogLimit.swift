extension ShimPlan {
    /// The bound of what a job's log and index take together.
    package struct LogLimit: Equatable, Sendable {
        /// What becomes of output that has no room.
        package enum Action: UInt8, CaseIterable, Sendable {
            /// The oldest output makes room for it.
            case keepNewest = 1
            /// It is dropped.
            case dropNewest = 2
            /// It is dropped, and the job is killed.
            case stopJob = 3
        }

        /// A smaller bound is no use: the first block of the index alone takes a sixteenth of it.
        package static let bytesMin: UInt64 = 65_536

        /// Bytes of the log and the index together; at least ``bytesMin``.
        package var bytesMax: UInt64
        /// What happens then.
        package var action: Action

        package init(bytesMax: UInt64, action: Action) {
            precondition(bytesMax >= Self.bytesMin, "a log needs room for its beginning")
            self.bytesMax = bytesMax
            self.action = action
        }
    }
}

extension ShimPlan.LogLimit {
    func write(to writer: inout ByteWriter) {
        writer.append(bytesMax)
        writer.append(action.rawValue)
    }

    init(from reader: inout ByteReader) throws(FormatError) {
        let bytesMax = try reader.offset("log limit")
        guard bytesMax >= Self.bytesMin, let action = Action(rawValue: try reader.integer()) else {
            throw .malformed(field: "log limit")
        }
        self.init(bytesMax: bytesMax, action: action)
    }
}
