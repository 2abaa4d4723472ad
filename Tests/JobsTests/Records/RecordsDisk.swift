import Glibc
import Reactor
import Simulator
import TestSupport

@testable import Jobs

/// Records on a small disk that can be filled; for a separate process, so what fails is thrown.
final class RecordsDisk {
    private let directory: String
    private let bench: RecordsBench

    init(_ directory: String) throws {
        self.directory = directory
        bench = try RecordsBench(.sqlite, in: directory)
    }

    // MARK: The disk

    private var ballast: String { "\(directory)/ballast" }

    /// Takes all of the space but so many bytes.
    func fill(leaving rest: Int = 0) throws {
        let file = try LinuxKernel().openFile(ballast, flags: [.writeOnly, .create])
        let page = [UInt8](repeating: 0, count: 4096)
        var size = 0
        while case let count = write(file.raw, page, page.count), count > 0 { size += count }
        try require(errno == ENOSPC && size > rest, "the disk cannot be filled")
        try require(ftruncate(file.raw, size - rest) == 0, "the ballast cannot be cut")
    }

    /// Gives all of it back.
    func makeSpace() throws {
        try LinuxKernel().removeFile(ballast)
    }

    // MARK: The records

    /// Puts jobs on record that must go there.
    func commit(_ numbers: ClosedRange<UInt64>) throws {
        for number in numbers {
            let result = try tryToCommit(number)
            try require(result.isSuccess, "\(number): \(result)")
        }
    }

    func tryToCommit(_ number: UInt64) throws -> Result<Void, RecordsError> {
        try commitTogether(number, sizes: [1000])[0]
    }

    /// Puts jobs on record at once, from a number on, with specifications of these sizes.
    func commitTogether(
        _ first: UInt64, sizes: [Int]
    ) throws -> [Result<Void, RecordsError>] {
        try bench.commit(
            sizes.enumerated().map { index, size in
                let number = first + UInt64(index)
                let line = String(repeating: "x", count: size)
                return .accepted(
                    JobRecord(
                        id: Specimen.id(number), owner: Workbench.alice.tenant,
                        order: JobOrder(JobSpecification(command: .shell(line))),
                        createdAt: Timestamp(nanoseconds: Int64(number))))
            })
    }

    func endLife() throws { try bench.endLife() }

    func loadInNextLife() throws -> Result<RecordedJobs, RecordsError> {
        try bench.beginLife()
        return try bench.load()
    }

    /// Which jobs the next daemon finds.
    func numbersOfNextLife() throws -> [UInt64] {
        try loadInNextLife().get().jobs.map { UInt64($0.createdAt.nanoseconds) }
    }
}

/// What was expected of a separate process, and is not so.
struct Disappointment: Error {
    let sentence: String
}

func require(_ condition: Bool, _ sentence: String) throws {
    guard condition else { throw Disappointment(sentence: sentence) }
}

extension Result {
    var isSuccess: Bool { if case .success = self { true } else { false } }
}
