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

    @Test func `a source that has nothing is dry until it calls`() {
        var latch = PullLatch()
        #expect(!latch.isDry)
        latch.begin()
        _ = latch.end(foundNothing: false)
        #expect(!latch.isDry, "there was no room for more")
        latch.begin()
        _ = latch.end(foundNothing: true)
        #expect(latch.isDry)
        _ = latch.wake()
        #expect(!latch.isDry)
        latch.begin()
        _ = latch.wake()
        _ = latch.end(foundNothing: true)
        #expect(!latch.isDry, "it called while it was asked")
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
