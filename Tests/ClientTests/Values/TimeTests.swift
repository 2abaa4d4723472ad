import Reactor
import SwiftProtobuf
import Testing

@testable import Client

/// Moments as text; the method is a table, checked against SwiftProtobuf's own calendar.
@Suite struct TimeTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000000000Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
        (1_795_221_000_123_456_789, "2026-11-21T00:30:00.123456789Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (4_107_542_399_000_000_000, "2100-02-28T23:59:59.000000000Z"),
    ])
    func `RFC 3339 is of one width`(nanoseconds: Int64, text: String) {
        #expect(Timestamp(nanoseconds: nanoseconds).rfc3339 == text)
    }

    @Test func `RFC 3339 agrees with SwiftProtobuf for every 19th day of four centuries`() throws {
        for day in stride(from: Int64(-36_525), to: 4 * 36_525, by: 19) {
            let time = Timestamp(nanoseconds: 0).advanced(by: .seconds(day * 86_400 + day % 86_400))
            let reread = try Google_Protobuf_Timestamp(jsonString: "\"\(time.rfc3339)\"")
            #expect(Timestamp(reread) == time)
        }
    }

    @Test func `messages and moments are the same at both ends of the clock`() {
        for nanoseconds in [Int64.min, -1_000_000_001, -1, 0, 1, 1_000_000_000, .max] {
            let time = Timestamp(nanoseconds: nanoseconds)
            #expect(Timestamp(time.message) == time)
            #expect((0..<1_000_000_000).contains(time.message.nanos))
        }
        let far = Google_Protobuf_Timestamp(seconds: 253_402_300_799, nanos: 0)
        #expect(Timestamp(far) == Timestamp(nanoseconds: .max))
    }

    @Test(arguments: [
        (Duration.zero, "now"), (.milliseconds(900), "now"), (.seconds(5), "5s ago"),
        (.seconds(3700), "1h1m ago"), (.seconds(-30), "now"), (.seconds(400_000), "4d15h ago"),
    ])
    func `tables say how long ago`(age: Duration, text: String) {
        let now = Timestamp(nanoseconds: 1_795_221_000_000_000_000)
        #expect(now.advanced(by: .zero - age).relative(to: now) == text)
    }

    @Test func `a point in time is RFC 3339 or how long ago`() throws {
        let now = Timestamp(nanoseconds: 1_000_000_000_000)
        #expect(try TimePoint(parsing: "10m").resolved(at: now) == now.advanced(by: .seconds(-600)))
        let epoch = try TimePoint(parsing: "1970-01-01T00:00:01Z").resolved(at: now)
        #expect(epoch == Timestamp(nanoseconds: 1_000_000_000))
        #expect(throws: UsageProblem.self) { try TimePoint(parsing: "yesterday") }
    }
}
