import Foundation
import TestSupport
import Testing

/// A directory of a daemon that is a disk of its own, and a small one.
struct SmallDisk: CustomTestStringConvertible, Sendable {
    /// Within the daemon's directory.
    let path: String
    let size: String

    /// All of the state, the records included.
    static var states: [SmallDisk] { PrivateDisk.sizes.map { SmallDisk(path: "state", size: $0) } }
    /// The logs and indexes alone.
    static var logs: [SmallDisk] {
        PrivateDisk.sizes.map { SmallDisk(path: "state/logs", size: $0) }
    }

    var testDescription: String { "\(path), \(size)" }

    /// What the daemon is started with, so that it has the disk.
    func wrapper(in directory: TemporaryDirectory) -> [String] {
        PrivateDisk.wrapper(size: size, at: directory.path(path))
    }
}

extension Daemon {
    /// Takes all the space of the disk where the logs are.
    func fillDisk() throws {
        let file = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw EndToEndFailure("\(ballast) cannot be made") }
        defer { close(file) }
        let page = [UInt8](repeating: 0, count: 4096)
        while write(file, page, page.count) > 0 {}
        guard errno == ENOSPC else { throw EndToEndFailure("the disk is not full") }
    }

    /// Gives all of it back.
    func makeSpace() throws {
        try FileManager.default.removeItem(atPath: ballast)
    }

    private var ballast: String { "\(stateDirectory)/logs/ballast" }
}
