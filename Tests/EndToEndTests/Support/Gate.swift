import Foundation

/// Something a job waits for until the test lets it go on, so that what comes before and what comes
/// after are in a known order without a clock.
struct Gate {
    private let path: String

    init(_ name: String, in directory: TemporaryDirectory) { path = directory.path(name) }

    /// A line of shell that ends when the gate is open.
    var wait: String { "until [ -e \(path) ]; do sleep 0.01; done" }

    func open() throws {
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw EndToEndFailure("cannot make \(path)")
        }
    }
}
