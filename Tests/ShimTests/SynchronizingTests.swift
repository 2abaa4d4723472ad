import CLinux
import Glibc
import Testing

/// The child that waits for the disk, in the memory of whoever asks.
struct SynchronizingTests {
    /// A pipe has no disk: fdatasync(2), EINVAL.
    @Test func `what fails in the child does not show in the caller's errno`() throws {
        var pipe: (Int32, Int32) = (-1, -1)
        withUnsafeMutableBytes(of: &pipe) {
            _ = clinux_blocking_pipe($0.assumingMemoryBound(to: Int32.self).baseAddress)
        }
        defer { [pipe.0, pipe.1].forEach { close($0) } }
        var answer: (Int32, Int32) = (-1, -1)
        withUnsafeMutableBytes(of: &answer) {
            _ = clinux_blocking_pipe($0.assumingMemoryBound(to: Int32.self).baseAddress)
        }
        defer { [answer.0, answer.1].forEach { close($0) } }

        errno = 0
        let child = clinux_synchronize_aside(pipe.1, answer.1)
        var number: Int32 = -1
        let count = read(answer.0, &number, MemoryLayout<Int32>.size)
        var status: Int32 = -1
        let reaped = waitpid(child, &status, 0)
        let left = errno
        #expect(child > 0 && reaped == child && count == MemoryLayout<Int32>.size)
        #expect(number == EINVAL && status == 0)
        #expect(left == 0, "it is the child's")
    }
}
