/// A reader of bytes that may be anything, by the name `make fuzz TARGET=` knows.
///
/// Each run checks more than that nothing traps: what was read can be written and read again, what
/// comes in pieces is what comes whole, and what was opened is closed. A broken promise traps too,
/// which is how the fuzzer and the tests notice.
enum FuzzTarget: String, CaseIterable {
    /// What a client says after TLS, to our server.
    case http2
    /// The messages of one request, and the header block before them.
    case framing
    /// A request to start a job, up to the plan its shim gets.
    case startJob = "start-job"
    /// An index and the log beside it, as followers read them.
    case index
    /// The daemon's configuration file.
    case configuration
    /// A certificate, up to the tenant it stands for.
    case certificate
    /// What a new shim is handed.
    case plan
    /// What a shim reports of its start.
    case report
    /// An archive that is to become an image.
    case tar

    /// Reads some bytes, and traps if a promise is broken.
    func run(_ input: [UInt8]) throws {
        switch self {
        case .http2: try fuzzHTTP2(input)
        case .framing: fuzzFraming(input)
        case .startJob: try fuzzStartJob(input)
        case .index: try fuzzIndex(input)
        case .configuration: fuzzConfiguration(input)
        case .certificate: fuzzCertificate(input)
        case .plan: fuzzPlan(input)
        case .report: fuzzReport(input)
        case .tar: fuzzTar(input)
        }
    }

    /// Sound input to begin with, made by today's writers.
    var seeds: [[UInt8]] {
        switch self {
        case .http2: http2Seeds
        case .framing: framingSeeds
        case .startJob: startJobSeeds
        case .index: indexSeeds
        case .configuration: configurationSeeds
        case .certificate: certificateSeeds
        case .plan: planSeeds
        case .report: reportSeeds
        case .tar: tarSeeds
        }
    }
}

/// Takes choices off the front of an input; when it is used up, every choice is zero.
struct Choices {
    private(set) var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) {
        rest = input[...]
    }

    mutating func byte() -> UInt8 {
        rest.popFirst() ?? 0
    }

    /// One of the numbers below `count`.
    mutating func number(below count: Int) -> Int {
        Int(byte()) % count
    }

    /// At most so many bytes.
    mutating func bytes(upTo count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
