import Testing

@testable import Transport

/// `grpc-timeout` in all its units, and at its ends.
struct GRPCTimeoutTests {
    @Test(arguments: [
        ("1H", Duration.seconds(3600)), ("2M", .seconds(120)), ("3S", .seconds(3)),
        ("4m", .milliseconds(4)), ("5u", .microseconds(5)), ("6n", .nanoseconds(6)),
        ("0S", .zero), ("00000001S", .seconds(1)), ("99999999n", .nanoseconds(99_999_999)),
        ("99999999S", .seconds(99_999_999)), ("99999999H", GRPCTimeout.longest),
    ])
    func `units are understood`(text: String, timeout: Duration) {
        #expect(GRPCTimeout.parse(text) == timeout)
    }

    @Test(arguments: ["", "S", "1", "1s", "1 S", "-1S", "+1S", "1.5S", "100000000S", "1SS", "٣S"])
    func `what is no timeout is refused`(text: String) {
        #expect(GRPCTimeout.parse(text) == nil)
    }

    @Test(arguments: [
        (Duration.zero, "0u"), (.nanoseconds(1), "1u"), (.microseconds(1500), "1500u"),
        (.seconds(10), "10000000u"), (.seconds(99), "99000m"), (.seconds(3600), "3600000m"),
        (.seconds(100_000), "100000S"), (.seconds(200_000_000), "3333334M"),
        (.seconds(-5), "0u"), (.seconds(Int64.max), "5256001M"),
    ])
    func `the finest unit that fits is written`(timeout: Duration, text: String) {
        #expect(GRPCTimeout.format(timeout) == text)
    }

    @Test func `what is written is read back, never shorter and never much longer`() throws {
        for exponent in 0..<58 {
            let timeout = Duration.nanoseconds(Int64(1) << exponent + 1)
            let text = GRPCTimeout.format(timeout)
            let read = try #require(GRPCTimeout.parse(text))
            #expect(text.utf8.count <= 9)
            #expect(read >= timeout)
            #expect(read - timeout <= max(.microseconds(1), timeout / 1000))
        }
    }
}
