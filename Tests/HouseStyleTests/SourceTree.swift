import Foundation

/// The project's own Swift files, as they stand in the working copy.
struct SourceTree {
    /// Read once; every rule looks at the same.
    static let current = Result { try SourceTree() }

    let files: [SourceFile]

    /// Reads everything under `Sources` and `Tests`, generated code apart.
    private init() throws {
        // This file is Tests/HouseStyleTests/SourceTree.swift.
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var files: [SourceFile] = []
        for folder in ["Sources", "Tests"] {
            files += try Self.read(folder, root: root)
        }
        self.files = files.filter { !$0.isGenerated }
    }

    private static func read(_ folder: String, root: URL) throws -> [SourceFile] {
        let names = try FileManager.default.subpathsOfDirectory(
            atPath: root.appending(path: folder).path())
        return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            let path = "\(folder)/\(name)"
            let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
            return SourceFile(path: path, text: text)
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
