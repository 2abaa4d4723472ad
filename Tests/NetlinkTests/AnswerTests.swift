@testable import Netlink
import Testing

/// What the kernel says is understood, and what it never said is not taken for success.
struct AnswerTests {
    private static func acknowledgement(_ sequence: UInt32, error: Int32 = 0) -> [UInt8] {
        var writer = NetlinkWriter()
        writer.append(UInt32(20))
        writer.append(UInt16(2))
        writer.append(UInt16(0))
        writer.append(sequence)
        writer.append(UInt32(0))
        writer.append(error)
        return writer.bytes
    }

    private static let cases: [([UInt8], NetlinkAnswer)] = [
        ([], .incomplete),
        (acknowledgement(2), .incomplete),
        (acknowledgement(3), .done),
        (acknowledgement(2) + acknowledgement(3), .done),
        (acknowledgement(1, error: -17) + acknowledgement(3), .refused(number: 17)),
        (acknowledgement(3) + acknowledgement(4, error: -2), .refused(number: 2)),
        (Array(acknowledgement(3).dropLast()), .incomplete),
        (Array(acknowledgement(3).prefix(7)), .incomplete),
    ]

    @Test(arguments: cases)
    func `the first refusal counts, and otherwise the last message`(
        bytes: [UInt8], answer: NetlinkAnswer
    ) {
        #expect(NetlinkAnswer(decoding: bytes, last: 3) == answer)
    }

    @Test func `a size that cannot be ends the reading`() {
        for size: UInt32 in [0, 15, 21, .max] {
            var bytes = Self.acknowledgement(3)
            withUnsafeBytes(of: size) { bytes.replaceSubrange(0..<4, with: $0) }
            #expect(NetlinkAnswer(decoding: bytes, last: 3) == .incomplete)
        }
    }
}
