import Foundation
import ShimProtocol
import Testing

/// The index that docs/FORMATS.md shows byte by byte is one, and says what stands beside it.
struct DocumentedIndexTests {
    private static let page = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "../../docs/FORMATS.md")

    /// The bytes of the lines of od(1): an address of seven digits, then sixteen bytes.
    private func documentedBytes() throws -> [UInt8] {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        return text.matches(of: #/(?m)^\d{7}((?: [0-9a-f]{2}){16})  >/#).flatMap { line in
            line.output.1.split(separator: " ").compactMap { UInt8($0, radix: 16) }
        }
    }

    @Test func `the header is as described`() throws {
        let bytes = Array(try documentedBytes().prefix(IndexHeader.size))
        let header = try IndexHeader(decoding: bytes)
        #expect(header.encoded() == bytes)
        #expect(header.jobID == Array(0...15))
        #expect(header.head == 0 && header.shimPID == 0x71A2)
    }

    @Test func `the records are as described`() throws {
        let bytes = try documentedBytes().dropFirst(IndexHeader.size)
        let records = stride(from: bytes.startIndex, to: bytes.endIndex, by: IndexRecord.size)
            .map { Array(bytes[$0..<$0 + IndexRecord.size]) }
        try #require(records.count == 4)
        let decoded = records.map { IndexRecord(decoding: $0) }
        #expect(decoded.map { $0?.encoded() } == records)
        guard case .started(_, 0x71A2, 0) = decoded[0],
            case .run(0, _, .stdout) = decoded[1], case .run(4, _, .stderr) = decoded[2],
            case .end(let end) = decoded[3]
        else {
            Issue.record("decoded \(decoded)")
            return
        }
        #expect(end.how == .exited(code: 7) && end.outputSize == 8 && end.droppedBytes == 0)
        #expect(end.userCPUMicroseconds == 1502 && end.systemCPUMicroseconds == 1139)
        #expect(end.maxResidentBytes == 4_165_632)
    }
}
