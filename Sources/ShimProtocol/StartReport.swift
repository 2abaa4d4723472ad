/// The step of a start that failed.
package enum StartStage: UInt8, CaseIterable, Sendable {
    /// Reading and understanding the plan.
    case plan = 1
    /// Preparing the log, the index and the job's pipes.
    case files = 2
    /// Making the process that supervises the job.
    case supervisor = 3
    /// Making the job's namespaces and what belongs to them, as its `/proc`.
    case namespaces = 4
    /// Putting the job under its control group.
    case cgroup = 5
    /// Changing user, group and capabilities.
    case credentials = 6
    /// Entering the working directory.
    case workingDirectory = 7
    /// Executing the program.
    case execute = 8
}

/// What a shim says about its start, once, on `ShimDescriptor.status`.
///
/// The pipe's end without a report means the shim was killed: a success cannot be told from that
/// by silence, so both are said.
package enum StartReport: Equatable, Sendable {
    /// The command runs.
    ///
    /// `leaderPID` is its process as the shim sees it, 0 if that is not known.
    case started(leaderPID: Int32, timeNanoseconds: Int64)
    /// The command never ran.
    ///
    /// `detail` says on what: the path, most often.
    case failed(stage: StartStage, errno: Int32, detail: String)
}

extension StartReport {
    /// The layout written and understood by this build; docs/FORMATS.md describes it.
    package static let version: UInt16 = 1

    /// No report is longer, so that one write(2) to a pipe is atomic (PIPE_BUF, pipe(7)).
    package static let encodedSizeMax = 4096

    private static let magic: UInt32 = 0x5452_5453  // "STRT"
    private static let detailSizeMax = 3072

    private enum Kind: UInt8 {
        case started = 1
        case failed = 2
    }

    /// The bytes for the status pipe.
    ///
    /// A `detail` that is too long loses its end.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(Self.magic)
        writer.append(Self.version)
        switch self {
        case .started(let leaderPID, let timeNanoseconds):
            writer.append(Kind.started.rawValue)
            writer.append(UInt8(0))
            writer.append(leaderPID)
            writer.append(timeNanoseconds)
            writer.append("")
        case .failed(let stage, let errno, let detail):
            writer.append(Kind.failed.rawValue)
            writer.append(stage.rawValue)
            writer.append(errno)
            writer.append(Int64(0))
            writer.append(Self.shortened(detail))
        }
        return writer.sealed()
    }

    /// Reads what `encoded()` wrote.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var front = ByteReader(bytes[...])
        guard try front.integer(UInt32.self) == Self.magic else { throw .wrongMagic }
        let version = try front.integer(UInt16.self)
        guard version == Self.version else { throw .unsupportedVersion(version) }
        var reader = try ByteReader.unsealed(bytes)
        _ = try reader.raw(count: 6)
        let kind = Kind(rawValue: try reader.integer())
        let stage = StartStage(rawValue: try reader.integer())
        let number = try reader.integer(Int32.self)
        let time = try reader.integer(Int64.self)
        let detail = try reader.text("detail")
        guard reader.isAtEnd else { throw .malformed(field: "end") }
        switch (kind, stage) {
        case (.started, nil): self = .started(leaderPID: number, timeNanoseconds: time)
        case (.failed, let stage?): self = .failed(stage: stage, errno: number, detail: detail)
        default: throw .malformed(field: "kind")
        }
    }

    /// The front of `text` that fits.
    ///
    /// A character that is cut in two becomes U+FFFD.
    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > detailSizeMax else { return text }
        return String(decoding: text.utf8.prefix(detailSizeMax), as: UTF8.self)
    }
}
