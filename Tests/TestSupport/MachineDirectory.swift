import Foundation

/// A directory of this host for one test, gone with this value.
final class MachineDirectory {
    let path = NSTemporaryDirectory() + "cmdctl-\(UUID().uuidString)"

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
