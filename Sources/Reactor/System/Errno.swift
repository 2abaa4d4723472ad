import CLinux
import Glibc

/// Why the system refused: an error number of errno(3), as a value.
package struct Errno: Error, Hashable, Sendable {
    /// The number itself, as the kernel gives it.
    package let rawValue: Int32

    /// Wraps an error number.
    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The symbolic name, `ENOENT`; numbers without one read `errno 4711`.
    package var name: String {
        guard let text = unsafe clinux_errno_name(rawValue) else { return "errno \(rawValue)" }
        return unsafe String(cString: text)
    }
}

extension Errno: CustomStringConvertible {
    /// The sentence people know from strerror(3): `No such file or directory`.
    package var description: String {
        guard let text = unsafe clinux_errno_sentence(rawValue) else {
            return "Unknown error \(rawValue)"
        }
        return unsafe String(cString: text)
    }
}

/// The numbers that code of this project tells apart; add one where it is needed.
extension Errno {
    /// EPERM: not allowed, whatever the permissions of the file.
    package static let notPermitted = Errno(rawValue: EPERM)
    /// ENOENT: no such file or directory.
    package static let noEntry = Errno(rawValue: ENOENT)
    /// ESRCH: no such process.
    package static let noProcess = Errno(rawValue: ESRCH)
    /// EINTR: a signal arrived first.
    package static let interrupted = Errno(rawValue: EINTR)
    /// EIO: the device failed.
    package static let inputOutput = Errno(rawValue: EIO)
    /// E2BIG: arguments and environment exceed what execve(2) takes.
    package static let argumentListTooLong = Errno(rawValue: E2BIG)
    /// ENOEXEC: not in a format that can be executed.
    package static let notExecutable = Errno(rawValue: ENOEXEC)
    /// EBADF: not an open descriptor.
    package static let badDescriptor = Errno(rawValue: EBADF)
    /// ECHILD: not a child of this process, or reaped already.
    package static let noChild = Errno(rawValue: ECHILD)
    /// EAGAIN: would have to wait.
    package static let again = Errno(rawValue: EAGAIN)
    /// ENOMEM: out of memory.
    package static let noMemory = Errno(rawValue: ENOMEM)
    /// EACCES: the permissions of the file say no.
    package static let accessDenied = Errno(rawValue: EACCES)
    /// EEXIST: there already.
    package static let exists = Errno(rawValue: EEXIST)
    /// ENOTDIR: a component of the path is no directory.
    package static let notDirectory = Errno(rawValue: ENOTDIR)
    /// EISDIR: a directory where a file was wanted.
    package static let isDirectory = Errno(rawValue: EISDIR)
    /// EINVAL: an argument makes no sense to the kernel.
    package static let invalidArgument = Errno(rawValue: EINVAL)
    /// ENFILE: the system is out of open files.
    package static let tooManyFilesInSystem = Errno(rawValue: ENFILE)
    /// EMFILE: this process is out of descriptors.
    package static let tooManyFiles = Errno(rawValue: EMFILE)
    /// ETXTBSY: a program that somebody is writing to.
    package static let textFileBusy = Errno(rawValue: ETXTBSY)
    /// EFBIG: the file would exceed a size limit.
    package static let fileTooLarge = Errno(rawValue: EFBIG)
    /// ENOSPC: the disk is full.
    package static let noSpace = Errno(rawValue: ENOSPC)
    /// EDQUOT: the user's share of the disk is full.
    package static let quotaExceeded = Errno(rawValue: EDQUOT)
    /// EROFS: the file system is read-only.
    package static let readOnlyFileSystem = Errno(rawValue: EROFS)
    /// EPIPE: nobody reads the other end any more.
    package static let brokenPipe = Errno(rawValue: EPIPE)
    /// EDEADLK: waiting would last forever; the simulated machine says so instead of hanging.
    package static let deadlock = Errno(rawValue: EDEADLK)
    /// ENAMETOOLONG: a path or a component of it is too long.
    package static let nameTooLong = Errno(rawValue: ENAMETOOLONG)
    /// ENOSYS: the kernel does not know the call.
    package static let notImplemented = Errno(rawValue: ENOSYS)
    /// EBUSY: somebody uses it in a way that excludes this one.
    package static let busy = Errno(rawValue: EBUSY)
    /// ENOTEMPTY: the directory still has entries.
    package static let directoryNotEmpty = Errno(rawValue: ENOTEMPTY)
    /// EOPNOTSUPP: not for this kind of file.
    package static let notSupported = Errno(rawValue: EOPNOTSUPP)
    /// ELOOP: a symbolic link where none may be, or too many of them.
    package static let tooManyLinks = Errno(rawValue: ELOOP)
    /// EADDRINUSE: somebody else listens there.
    package static let addressInUse = Errno(rawValue: EADDRINUSE)
    /// EADDRNOTAVAIL: not an address of this host.
    package static let addressNotAvailable = Errno(rawValue: EADDRNOTAVAIL)
    /// ECONNABORTED: the peer gave up before it was accepted.
    package static let connectionAborted = Errno(rawValue: ECONNABORTED)
    /// ECONNRESET: the peer cut the connection.
    package static let connectionReset = Errno(rawValue: ECONNRESET)
    /// ENOBUFS: no buffer is left for what has come.
    package static let noBuffers = Errno(rawValue: ENOBUFS)
    /// ENOTCONN: not connected, or no longer.
    package static let notConnected = Errno(rawValue: ENOTCONN)
    /// ETIMEDOUT: no answer in time.
    package static let timedOut = Errno(rawValue: ETIMEDOUT)
    /// ETIME: a wait has lasted as long as it may.
    package static let timerExpired = Errno(rawValue: ETIME)
    /// ECONNREFUSED: nobody listens there.
    package static let connectionRefused = Errno(rawValue: ECONNREFUSED)
    /// EINPROGRESS: a connect has begun and will report later.
    package static let inProgress = Errno(rawValue: EINPROGRESS)
    /// ECANCELED: the operation was cancelled before it was done.
    package static let canceled = Errno(rawValue: ECANCELED)
}
