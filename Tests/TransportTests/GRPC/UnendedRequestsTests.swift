import Reactor
import Testing

@testable import Transport

/// Which requests are late.
struct UnendedRequestsTests {
    private static func deadline(_ second: Int64) -> Instant {
        Instant(nanoseconds: 0) + Duration.seconds(second)
    }

    private static var three: UnendedRequests {
        var requests = UnendedRequests()
        for second: Int64 in 1...3 {
            requests.append(HTTP2StreamID(second * 2 - 1), deadline: deadline(second))
        }
        return requests
    }

    @Test func `the oldest are late first`() {
        var requests = Self.three
        #expect(requests.takeLate(at: Self.deadline(0)).isEmpty)
        #expect(requests.takeLate(at: Self.deadline(2)) == [1, 3])
        #expect(requests.nextDeadline == Self.deadline(3))
    }

    @Test(arguments: [(1, [3, 5]), (3, [1, 5]), (5, [1, 3]), (7, [1, 3, 5])])
    func `who has ended is not late, whoever it is`(ended: Int, late: [Int]) {
        var requests = Self.three
        requests.remove(HTTP2StreamID(ended))
        #expect(requests.takeLate(at: Self.deadline(9)) == late.map { HTTP2StreamID($0) })
        #expect(requests.nextDeadline == nil)
    }
}
