import Reactor
import Testing

@testable import Client

/// Each line gets the time at which it began, wherever the stream was cut.
@Suite struct LineStamperTests {
    static let first = Timestamp(nanoseconds: 0)
    static let second = Timestamp(nanoseconds: 1_000_000_000)
    static let a = "1970-01-01T00:00:00.000000000Z "
    static let b = "1970-01-01T00:00:01.000000000Z "

    @Test func `a line that is cut is stamped once`() {
        var stamper = LineStamper()
        #expect(stamper.text("one\ntw", .standardOutput, Self.first) == "\(Self.a)one\n\(Self.a)tw")
        #expect(stamper.text("o\n", .standardOutput, Self.second) == "o\n")
        #expect(stamper.text("\n\n", .standardOutput, Self.second) == "\(Self.b)\n\(Self.b)\n")
    }

    @Test func `each stream has lines of its own`() {
        var stamper = LineStamper()
        #expect(stamper.text("out", .standardOutput, Self.first) == "\(Self.a)out")
        #expect(stamper.text("err\n", .standardError, Self.second) == "\(Self.b)err\n")
        #expect(stamper.text("put\n", .standardOutput, Self.second) == "put\n")
    }
}

extension LineStamper {
    fileprivate mutating func text(
        _ text: String, _ stream: OutputStream, _ time: Timestamp
    ) -> String {
        let stamped = Array(text.utf8).withUnsafeBytes { self.stamped($0, of: stream, at: time) }
        return String(decoding: stamped, as: UTF8.self)
    }
}
