import Reactor
import Testing

/// The masks have the kernel's own numbers, which Swift imports as several types.
@Suite struct WatchMaskTests {
    @Test func `each mask is the bit of inotify(7)`() {
        #expect(WatchMask.modified.rawValue == 0x2)
        #expect(WatchMask.selfRemoved.rawValue == 0x400)
        #expect(WatchMask.overflow.rawValue == 0x4000)
        #expect(WatchMask.adding.rawValue == 0x2000_0000)
        #expect(WatchMask.oneShot.rawValue == 0x8000_0000)
    }
}
