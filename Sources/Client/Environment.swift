import Foundation

extension Session.Origin {
    /// This process: the environment and the directory it was started in.
    static var here: Session.Origin {
        Session.Origin(
            environment: ProcessInfo.processInfo.environment,
            workingDirectory: FileManager.default.currentDirectoryPath)
    }
}

extension Program {
    /// The words behind the program's name.
    ///
    /// The server takes only text. What is none would silently become another argument if it were
    /// repaired, as `CommandLine.arguments` does.
    static func words() throws(Failure) -> [String] {
        var words: [String] = []
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let bytes = CommandLine.unsafeArgv[index] else { break }
            guard let word = String(validatingCString: bytes) else {
                throw .usage(
                    "argument \(index) is not text in UTF-8: '\(String(cString: bytes).printable)'",
                    remedy: "Encode it, and let the job decode it: base64 -d, for instance.")
            }
            words.append(word)
        }
        return words
    }
}
