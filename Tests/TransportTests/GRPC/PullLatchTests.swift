import Testing

@testable import Transport

/// A wake-up is either acted upon or kept, never lost.
struct PullLatchTests {
    @Test func `between pulls a wake-up is not kept, but acted upon`() {
        var latch = PullLatch()
        #expect(latch.wake() == false)
    }

    @Test(arguments: [true, false], [true, false])
    func `during a pull it matters when the pull found nothing`(woken: Bool, foundNothing: Bool) {
        var latch = PullLatch()
        latch.begin()
        if woken { #expect(latch.wake() == true) }
        #expect(latch.end(foundNothing: foundNothing) == (woken && foundNothing))
    }

    @Test func `an old wake-up says nothing about the next pull`() {
        var latch = PullLatch()
        latch.begin()
        _ = latch.wake()
        _ = latch.end(foundNothing: false)
        latch.begin()
        #expect(latch.end(foundNothing: true) == false)
    }
}
