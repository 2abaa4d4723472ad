import Foundation

/// The project's own Swift files, as they stand in the working copy.
struct SourceTree {
    /// Read once; every rule looks at the same.
    static let current = Result { try SourceTree() }

    let files: [SourceFile]

    /// Reads everything under `Sources` and `Tests`, generated code apart.
    private init() throws {
        let files = try ["Sources", "Tests"].flatMap { try Self.read($0) }
        self.files = files.filter { !$0.isGenerated }
    }

    /// The text of a file, by its path from the root of the package.
    static func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path())
    }

    /// The names of what is in a folder.
    static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path())
    }

    // This file is Tests/HouseStyleTests/SourceTree.swift.
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func read(_ folder: String) throws -> [SourceFile] {
        let names = try FileManager.default.subpathsOfDirectory(
            atPath: root.appending(path: folder).path())
        return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            SourceFile(path: "\(folder)/\(name)", text: try text(of: "\(folder)/\(name)"))
        }
    }
}

/// A line that breaks a rule of the house.
struct Offence: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let text: String

    var description: String { "\(path):\(line): \(text.trimmingCharacters(in: .whitespaces))" }
}
