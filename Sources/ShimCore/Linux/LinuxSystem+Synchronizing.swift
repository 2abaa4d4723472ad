import CLinux
import Glibc

extension LinuxSystem {
    /// A disk that does not answer holds whoever waits for it, and not even SIGKILL frees him.
    ///
    /// So a child waits, with nothing open but that file; the lock on the index ends with the shim.
    /// Where no child can be had, the shim takes the risk itself.
    package func synchronize(
        _ descriptor: Int32, withinNanoseconds patience: Int64
    ) throws(SystemError) {
        guard let answer = startSynchronizing(descriptor) else {
            _ = try retrying { fdatasync(descriptor) }
            return
        }
        defer { close(answer) }
        let deadline = monotonicNanoseconds + patience
        guard !wait(for: [answer], until: deadline).isEmpty else {
            throw SystemError(number: ETIMEDOUT)
        }
        var number: Int32 = EIO
        _ = try retrying { Glibc.read(answer, &number, MemoryLayout<Int32>.size) }
        guard number == 0 else { throw SystemError(number: number) }
    }

    /// A pipe on which a child will say what errno(3) has come of it; nil if there is no child.
    private func startSynchronizing(_ descriptor: Int32) -> Int32? {
        var ends: (Int32, Int32) = (-1, -1)
        guard (try? retrying { withEnds(&ends, clinux_blocking_pipe) }) != nil else { return nil }
        defer { close(ends.1) }
        guard (try? retrying { clinux_synchronize_aside(descriptor, ends.1) }) != nil else {
            close(ends.0)
            return nil
        }
        return ends.0
    }
}
