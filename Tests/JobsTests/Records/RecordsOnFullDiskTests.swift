import Glibc
import Reactor
import TestSupport
import Testing

@testable import Jobs

/// A disk that is full, and then has space again; and one that cannot be written at all.
///
/// Each in a process of its own, whose disk nobody else sees.
@Suite(.timeLimit(.minutes(10))) struct RecordsOnFullDiskTests {
    @Test(arguments: PrivateDisk.sizes)
    func `a full disk costs new changes only, until it has space again`(size: String) throws {
        try onDisk(size, "full") { directory in
            let disk = try RecordsDisk(directory)
            try disk.commit(1...50)
            try disk.fill()
            var lost: [UInt64] = []
            var number: UInt64 = 51
            // The write-ahead log still has room at first.
            while lost.count < 5 {
                if case .failure(.full) = try disk.tryToCommit(number) { lost.append(number) }
                number += 1
            }
            try disk.makeSpace()
            try disk.commit(number...number + 10)
            let expected = (1...number + 10).filter { !lost.contains($0) }
            try require(disk.numbersOfNextLife() == expected, "something else is on record")
        }
    }

    @Test(arguments: PrivateDisk.sizes)
    func `what is too large for a full disk does not take the rest with it`(size: String) throws {
        try onDisk(size, "large") { directory in
            let disk = try RecordsDisk(directory)
            try disk.commit(1...1)
            try disk.fill(leaving: 200 * 1024)
            let large = [UInt64](2...20).map { $0 == 10 ? 400_000 : 10 }
            let results = try disk.commitTogether(2, sizes: large)
            for (index, result) in results.enumerated() {
                let isLarge = large[index] > 10
                if case .failure(.full) = result, isLarge { continue }
                try require(!isLarge && result.isSuccess, "\(index): \(result)")
            }
            let expected = [UInt64](1...20).filter { $0 != 10 }
            try require(disk.numbersOfNextLife() == expected, "something else is on record")
        }
    }

    @Test(arguments: PrivateDisk.sizes)
    func `a daemon starts on a full disk, with all there was`(size: String) throws {
        try onDisk(size, "start") { directory in
            let disk = try RecordsDisk(directory)
            try disk.commit(1...50)
            try disk.fill()
            try require(disk.numbersOfNextLife() == Array(1...50), "not all of it")
        }
    }

    @Test(arguments: PrivateDisk.sizes)
    func `a new database on a full disk is refused for want of space`(size: String) throws {
        try onDisk(size, "new") { directory in
            let disk = try RecordsDisk(directory)
            try disk.fill()
            let result = try disk.loadInNextLife()
            guard case .failure(.full(let problem)) = result else {
                throw Disappointment(sentence: "\(result)")
            }
            try require(problem.contains(directory), problem)
        }
    }

    @Test(arguments: PrivateDisk.sizes)
    func `a read-only file system is refused, and why`(size: String) throws {
        try onDisk(size, "read-only") { directory in
            let disk = try RecordsDisk(directory)
            try disk.commit(1...1)
            try disk.endLife()
            try require(system("mount -o remount,ro \(directory)") == 0, "mount(8) failed")
            let result = try disk.loadInNextLife()
            guard case .failure(.unavailable(let problem)) = result else {
                throw Disappointment(sentence: "\(result)")
            }
            try require(problem.contains(directory), problem)
        }
    }

    private func onDisk(
        _ size: String, _ name: String, _ errand: (String) throws -> Void
    ) throws {
        let machine = try Machine(.epoll)
        let process = try SeparateProcess(
            name, in: Self.self, about: machine.directory,
            wrapper: PrivateDisk.wrapper(size: size, at: machine.directory), errand)
        #expect(process.status == .exited(code: 0), "\(process.diagnostics)")
    }
}
