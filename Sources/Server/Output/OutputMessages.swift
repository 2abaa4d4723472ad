import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf
import Transport

/// The messages of GetOutput.
///
/// One with data is written by hand and ends with the tag and length of `data`, so that the bytes
/// read from the log follow without being copied: 64 KiB cost SwiftProtobuf 3.6 µs, this a few
/// nanoseconds. Fields may stand in any order, so a reader cannot tell.
enum OutputMessages {
    /// Field numbers of cmdctl.v1.GetOutputResponse, OutputRun and Timestamp; a test holds them
    /// against the generated code.
    private enum Field {
        static let offset = 1
        static let data = 2
        static let runs = 3
        enum Run {
            static let length = 1
            static let stream = 2
            static let time = 3
        }
        enum Time {
            static let seconds = 1
            static let nanos = 2
        }
    }

    private typealias Stream = Cmdctl_V1_OutputStream

    /// All of a message with data but the data itself.
    static func head(offset: UInt64, dataLength: Int, runs: [LogRun]) -> [UInt8] {
        // Tag and length of the data, offset, and at most 30 bytes a run.
        var writer = ProtobufWriter(reserving: 24 + runs.count * 30)
        writer.number(offset, field: Field.offset)
        for run in runs { write(run, to: &writer) }
        writer.head(ofLength: dataLength, field: Field.data)
        return writer.bytes
    }

    private static func write(_ run: LogRun, to writer: inout ProtobufWriter) {
        let length = UInt64(run.length)
        let stream = UInt64((run.isStandardError ? Stream.stderr : .stdout).rawValue)
        let time = run.time.secondsAndNanoseconds
        let seconds = UInt64(bitPattern: time.seconds)
        let nanos = UInt64(time.nanoseconds)
        let timeSize = ProtobufWriter.size(ofNumber: seconds) + ProtobufWriter.size(ofNumber: nanos)
        let runSize =
            ProtobufWriter.size(ofNumber: length) + ProtobufWriter.size(ofNumber: stream)
            + 1 + ProtobufWriter.varintSize(UInt64(timeSize)) + timeSize
        writer.head(ofLength: runSize, field: Field.runs)
        writer.number(length, field: Field.Run.length)
        writer.number(stream, field: Field.Run.stream)
        writer.head(ofLength: timeSize, field: Field.Run.time)
        writer.number(seconds, field: Field.Time.seconds)
        writer.number(nanos, field: Field.Time.nanos)
    }
}

extension OutputMessages {
    /// The message about bytes that are not there.
    static func gap(_ gap: LogGap) -> Cmdctl_V1_GetOutputResponse {
        .with {
            $0.offset = gap.offset
            $0.gap.length = gap.length
            $0.gap.droppedBytes = gap.droppedBytes
            $0.gap.reason =
                switch gap.reason {
                case .truncated: .truncated
                case .notWritten: .notWritten
                case .fileDamaged: .fileDamaged
                }
        }
    }

    /// The last message: the job as it ended, at the offset where its output ends.
    static func end(of job: Job) -> Cmdctl_V1_GetOutputResponse {
        .with {
            $0.offset = job.outputSize
            $0.end.job = .init(job)
        }
    }
}
