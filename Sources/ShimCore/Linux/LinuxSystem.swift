import CLinux
import Glibc
import ShimProtocol

/// The kernel itself.
package final class LinuxSystem: ShimSystem {
    /// Whether this process was born with all signals blocked, and in its control group.
    let isFromNursery: Bool
    private let onStep: (ShimStopPoint) -> Void

    /// `onStep` is told of each step that is done, and may end the shim there.
    package init(
        isFromNursery: Bool = false, onStep: @escaping (ShimStopPoint) -> Void = { _ in }
    ) {
        self.isFromNursery = isFromNursery
        self.onStep = onStep
    }

    package func reached(_ step: ShimStopPoint) {
        onStep(step)
    }

    package var wallClockNanoseconds: Int64 { Self.read(CLOCK_REALTIME) }

    package var monotonicNanoseconds: Int64 { Self.read(CLOCK_MONOTONIC) }

    package var processID: Int32 { getpid() }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    package func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }

    package func closeInput() {
        _ = dup2(STDOUT_FILENO, STDIN_FILENO)
    }

    /// A pipe that is writable has room for PIPE_BUF bytes, pipe(7); a full one must not keep the
    /// shim from its end.
    package func complain(_ message: String) {
        let line = Array("cmdctl-shim: \(message)\n".utf8)
        var entry = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&entry, 1, 0) == 1 else { return }
        _ = Glibc.write(STDERR_FILENO, line, line.count)
    }

    /// Memory that is free in the middle of the heap stays resident otherwise, malloc_trim(3).
    package func releaseFreeMemory() {
        malloc_trim(0)
    }
}

// MARK: - Regular files

extension LinuxSystem {
    package func contents(
        of descriptor: Int32, atMost limit: Int
    ) throws(SystemError) -> [UInt8] {
        let size = try size(of: descriptor)
        guard size <= limit else { throw SystemError(number: EFBIG) }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        var filled = 0
        while filled < bytes.count {
            let count = try retrying {
                bytes.withUnsafeMutableBytes {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: $0[filled...])
                    return pread(descriptor, rest.baseAddress, rest.count, off_t(filled))
                }
            }
            guard count > 0 else { break }
            filled += count
        }
        return Array(bytes.prefix(filled))
    }

    package func size(of descriptor: Int32) throws(SystemError) -> UInt64 {
        var status = stat()
        _ = try retrying { fstat(descriptor, &status) }
        return UInt64(status.st_size)
    }

    /// On Linux pwrite(2) appends to a descriptor opened with O_APPEND, wherever it is told to
    /// write (its manual page, BUGS).
    package func prepareForPositionalWrites(_ descriptor: Int32) throws(SystemError) {
        let flags = try retrying { fcntl(descriptor, F_GETFL) }
        guard flags & O_ACCMODE != O_RDONLY else { throw SystemError(number: EBADF) }
        _ = try retrying { fcntl(descriptor, F_SETFL, flags & ~O_APPEND) }
    }

    package func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: UInt64
    ) throws(SystemError) -> Int {
        try retrying { pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset)) }
    }

    package func reserve(
        _ count: Int, in descriptor: Int32, at offset: UInt64
    ) throws(SystemError) {
        _ = try retrying { clinux_reserve(descriptor, Int64(offset), Int64(count)) }
    }

    package func punch(
        _ range: Range<UInt64>, of descriptor: Int32
    ) throws(SystemError) {
        let (offset, count) = (Int64(range.lowerBound), Int64(range.count))
        _ = try retrying { clinux_punch(descriptor, offset, count) }
    }

    package var fileSizeLimit: UInt64 {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else {
            return .max
        }
        return UInt64(limit.rlim_cur)
    }
}

// MARK: - Pipes and links

extension LinuxSystem {
    /// Mode 0200 is for those who open the pipe again, as /dev/stdout: they may write, and without
    /// CAP_DAC_OVERRIDE they may not read.
    ///
    /// The pipe belongs to the job's user, since that is ours.
    ///
    /// Only the read end is non-blocking: the flag is one of the open file description, and the
    /// job expects the usual.
    package func makeOutputPipe() throws(SystemError) -> (read: Int32, write: Int32) {
        var ends: (Int32, Int32) = (-1, -1)
        _ = try retrying { withEnds(&ends, clinux_blocking_pipe) }
        _ = try retrying { fcntl(ends.0, F_SETFL, O_NONBLOCK) }
        _ = try retrying { fchmod(ends.1, S_IWUSR) }
        return (read: ends.0, write: ends.1)
    }

    package func capacity(ofPipe descriptor: Int32) -> Int {
        Int((try? retrying { clinux_pipe_capacity(descriptor) }) ?? 0)
    }

    package func read(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        try retrying { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
    }

    package func write(_ message: [UInt8], toPipe descriptor: Int32) throws(SystemError) {
        _ = try retrying { Glibc.write(descriptor, message, message.count) }
    }

    package func send(_ message: [UInt8], on link: Int32) throws(SystemError) {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        _ = try retrying { Glibc.send(link, message, message.count, flags) }
    }

    package func receive(on link: Int32) throws(SystemError) -> [UInt8] {
        var message = [UInt8](repeating: 0, count: 1 + StartReport.encodedSizeMax)
        let flags = Int32(MSG_DONTWAIT)
        let count = try retrying { recv(link, &message, message.count, flags) }
        return Array(message.prefix(count))
    }
}

/// Calls what makes two descriptors at once.
func withEnds(
    _ ends: inout (Int32, Int32), _ make: (UnsafeMutablePointer<Int32>) -> Int32
) -> Int32 {
    withUnsafeMutablePointer(to: &ends) {
        $0.withMemoryRebound(to: Int32.self, capacity: 2, make)
    }
}
