import Foundation

/// The built programs under test.
///
/// `CMDCTL_BIN_DIR` says where they are; `make test` points it at the release programs. Without it
/// they are the debug programs that `swift build --build-tests` leaves beside the tests.
enum Programs {
    static let cmdctl = path(of: "cmdctl")
    static let cmdctld = path(of: "cmdctld")
    /// The one that can be told to end at a step of its own, or its shims; a release cannot.
    static let debugDaemon = path(of: "cmdctld", in: debugFolder)

    /// What daemons wait for events with, if a run of the tests is about that.
    static let backend = ProcessInfo.processInfo.environment["CMDCTL_BACKEND"]

    private static let debugFolder = ".build/debug"

    private static func path(of name: String) -> String {
        let environment = ProcessInfo.processInfo.environment
        return path(of: name, in: environment["CMDCTL_BIN_DIR"] ?? debugFolder)
    }

    private static func path(of name: String, in folder: String) -> String {
        URL(filePath: folder, relativeTo: packageRoot).appending(path: name).path()
    }

    // This file is Tests/EndToEndTests/Support/Programs.swift.
    private static let packageRoot = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}

/// What a program said and how it ended.
struct Finished: CustomStringConvertible {
    let commandLine: String
    /// The exit code, or 128 and the signal's number, as a shell would say it.
    let code: Int32
    let output: [UInt8]
    let errorOutput: [UInt8]

    var text: String { String(decoding: output, as: UTF8.self) }
    var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
    /// Standard output without the line break at its end.
    var line: String { text.trimmingCharacters(in: .newlines) }
    var lines: [String] { text.split(separator: "\n").map(String.init) }

    var description: String {
        "\(commandLine)\n→ \(code)\nstdout: \(text.prefix(2_000))\nstderr: \(errorText.prefix(2_000))"
    }
}

/// A test cannot go on, and why.
struct EndToEndFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
