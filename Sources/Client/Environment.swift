import Foundation

extension Session.Origin {
    /// This process: the environment and the directory it was started in.
    static var here: Session.Origin {
        Session.Origin(
            environment: ProcessInfo.processInfo.environment,
            workingDirectory: FileManager.default.currentDirectoryPath)
    }
}
