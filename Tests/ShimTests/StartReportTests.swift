import ShimProtocol
import Testing

/// Half a report must not be taken for one.
struct StartReportTests {
    static let reports: [StartReport] =
        [.started(leaderPID: 4711, timeNanoseconds: 1_790_000_000_123_456_789)]
        + StartStage.allCases.map { .failed(stage: $0, errno: 2, detail: "/no/such/program") }

    @Test(arguments: reports)
    func `is read as it was written`(report: StartReport) throws {
        #expect(try StartReport(decoding: report.encoded()) == report)
    }

    @Test(arguments: reports)
    func `refuses every single-bit error and every truncation`(report: StartReport) {
        let bytes = report.encoded()
        for damaged in bytes.withOneBitFlipped + bytes.truncations {
            #expect(throws: FormatError.self) { try StartReport(decoding: damaged) }
        }
    }

    @Test func `names an unknown version`() {
        var bytes = Self.reports[0].encoded()
        bytes[4] = 9
        #expect(throws: FormatError.unsupportedVersion(9)) { try StartReport(decoding: bytes) }
    }

    @Test(arguments: ["x", "ü", "字"])
    func `cuts a detail that would not fit one atomic write`(character: String) throws {
        let report = StartReport.failed(
            stage: .execute, errno: 7, detail: String(repeating: character, count: 100_000))
        let bytes = report.encoded()
        #expect(bytes.count <= StartReport.encodedSizeMax)
        guard case .failed(.execute, 7, let detail) = try StartReport(decoding: bytes) else {
            Issue.record("another report came out")
            return
        }
        #expect(detail.hasPrefix(String(repeating: character, count: 1_000)))
    }
}
