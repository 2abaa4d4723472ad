import GRDB
import Reactor

extension RecordsError {
    /// What an error of the database means to those who wait for it. https://sqlite.org/rescode.html
    init(_ error: any Error, path: String) {
        let file = quoted(path)
        switch error {
        case let error as RecordsError:
            self = error
        case let error as DatabaseError:
            self.init(error, file: file)
        case let error as Errno where [.noSpace, .quotaExceeded].contains(error):
            self = .full(problem: "\(file): \(error)")
        case RecordsSchema.Mismatch.foreign:
            self = .unreadable(problem: "\(file) is the database of another program")
        case RecordsSchema.Mismatch.newer:
            self = .unreadable(problem: "\(file) was written by a newer version of this server")
        case is RowDecodingError, is ColumnReader.Nonsense:
            self = .unreadable(problem: "\(file) has a value that makes no sense")
        default:
            self = .unavailable(problem: "\(file): \(error)")
        }
    }

    private init(_ error: DatabaseError, file: String) {
        let problem = "\(file): \(error.message ?? "error \(error.resultCode.rawValue)")"
        switch error.resultCode {
        case .SQLITE_FULL: self = .full(problem: problem)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .unreadable(problem: problem)
        default: self = .unavailable(problem: problem)
        }
    }
}
