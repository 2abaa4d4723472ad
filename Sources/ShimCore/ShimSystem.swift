import Glibc
package import ShimProtocol

/// A system call's refusal.
package struct SystemError: Error, Equatable {
    /// The errno(3).
    package let number: Int32

    package init(number: Int32) {
        self.number = number
    }

    /// The file system, or the kernel, does not know this call at all.
    var isUnsupported: Bool { number == EOPNOTSUPP || number == ENOSYS }
}

/// Why the command does not run.
package struct StartFailure: Error, Equatable {
    /// The step that failed.
    package let stage: StartStage
    /// The errno(3) of that step, 0 if it has none.
    package let errno: Int32
    /// On what it failed: a path, most often.
    package let detail: String

    package init(stage: StartStage, errno: Int32, detail: String) {
        self.stage = stage
        self.errno = errno
        self.detail = detail
    }

    /// How the daemon is told.
    package var report: StartReport { .failed(stage: stage, errno: errno, detail: detail) }

    /// How its next life is told.
    package func record(at time: Int64) -> NeverRanRecord {
        NeverRanRecord(stage: stage, errno: errno, timeNanoseconds: time, detail: detail)
    }
}

/// What the signal descriptor had to say.
package enum ShimSignal: Equatable {
    /// One child or more has ended.
    case childEnded
    /// The daemon asks for something.
    case command(ShimCommand, value: Int32)
}

/// Whom a signal is for.
package enum SignalTarget: UInt8 {
    /// The command's own process.
    case leader = 1
    /// The command's process group.
    ///
    /// It exists as long as its leader does, because a session leader cannot move to another group
    /// (setpgid(2), EPERM).
    case group = 2
}

/// How far "all of the job" goes.
package enum KillReach: Equatable {
    /// All of this PID namespace but its first process, which the caller is.
    case namespace
    /// All descendants of the caller, a subreaper, and all of the control group if there is one.
    case descendants(cgroupDirectory: String?)
}

/// What wait4(2) had to say.
package enum ReapedChild: Equatable {
    case ended(pid: Int32, how: ProcessEnd)
    case noneYet
    case noChildren
}

/// What all processes of the job used.
package struct ResourceUsage: Equatable {
    package var userCPUMicroseconds: UInt64
    package var systemCPUMicroseconds: UInt64
    package var maxResidentBytes: UInt64

    package init(
        userCPUMicroseconds: UInt64, systemCPUMicroseconds: UInt64, maxResidentBytes: UInt64
    ) {
        self.userCPUMicroseconds = userCPUMicroseconds
        self.systemCPUMicroseconds = systemCPUMicroseconds
        self.maxResidentBytes = maxResidentBytes
    }
}

/// What the kernel tells of the memory of a control group, over all its life.
package struct MemoryReport: Equatable {
    /// How often a process of it was killed for want of memory.
    package var killCount: UInt64
    /// The most memory it had at one time; 0 if the kernel does not say, before 5.19.
    package var peakBytes: UInt64

    package init(killCount: UInt64, peakBytes: UInt64) {
        self.killCount = killCount
        self.peakBytes = peakBytes
    }
}

/// All that the command's process needs between fork(2) and execve(2).
package struct LeaderLaunch {
    /// What to run.
    package let plan: ShimPlan
    /// The write end of the pipe that becomes the command's standard output.
    package let standardOutput: Int32
    /// The same for its standard error; the same descriptor if the streams are merged.
    package let standardError: Int32
}

/// A process that was just made, and the descriptor on which it says how it goes on.
package struct StartedProcess {
    /// Its PID.
    ///
    /// Nobody else reaps it, so the PID is good until `reapChild` has returned it.
    package let pid: Int32
    /// Of a leader: a pipe with an encoded `StartReport.failed`, or with nothing but its end, which
    /// means the program runs.
    ///
    /// Of an init process: the link that carries `LinkMessage`s.
    package let descriptor: Int32

    package init(pid: Int32, descriptor: Int32) {
        self.pid = pid
        self.descriptor = descriptor
    }
}

/// The kernel, as far as the log and the index need it.
package protocol ShimStorage: AnyObject {
    /// CLOCK_REALTIME.
    var wallClockNanoseconds: Int64 { get }
    /// Returns how many bytes were written, which may be fewer than there are.
    func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: UInt64
    ) throws(SystemError) -> Int
    /// Where the file ends at this moment.
    func size(of descriptor: Int32) throws(SystemError) -> UInt64
    /// Sets space aside without changing the file's size.
    ///
    /// EOPNOTSUPP where that is not possible.
    func reserve(_ count: Int, in descriptor: Int32, at offset: UInt64) throws(SystemError)
    /// Gives the space of a part of a file back, which then reads as zeros; the file's size and all
    /// offsets stay.
    ///
    /// EOPNOTSUPP where that is not possible.
    func punch(_ range: Range<UInt64>, of descriptor: Int32) throws(SystemError)
    /// The size beyond which no file of this process may grow: RLIMIT_FSIZE, setrlimit(2).
    var fileSizeLimit: UInt64 { get }
    /// Waits until what was written survives a loss of power, or ETIMEDOUT.
    func synchronize(
        _ descriptor: Int32, withinNanoseconds patience: Int64
    ) throws(SystemError)
    /// A step is done; a test may end the shim here.
    func reached(_ step: ShimStopPoint)
}

extension ShimStorage {
    package var fileSizeLimit: UInt64 { .max }

    package func reached(_ step: ShimStopPoint) {}
}

/// The kernel, as the shim sees it.
///
/// No call waits, except `wait` and those on regular files. Descriptors are plain numbers: a shim
/// is born with its files and keeps them to its end.
package protocol ShimSystem: ShimStorage {
    /// CLOCK_MONOTONIC.
    var monotonicNanoseconds: Int64 { get }
    /// The caller's own PID.
    var processID: Int32 { get }

    /// The whole of a regular file, wherever its offset stands.
    func contents(of descriptor: Int32, atMost limit: Int) throws(SystemError) -> [UInt8]
    /// Makes sure that positional writes go where they are told to, also on a descriptor that was
    /// opened for appending.
    func prepareForPositionalWrites(_ descriptor: Int32) throws(SystemError)
    func close(_ descriptor: Int32)

    /// A pipe whose write end is the job's: it may open it again by name, but not for reading.
    func makeOutputPipe() throws(SystemError) -> (read: Int32, write: Int32)
    /// How many bytes may be in the pipe at one time.
    func capacity(ofPipe descriptor: Int32) -> Int
    /// 0 at the end.
    ///
    /// EAGAIN if there is nothing yet and there may be more.
    func read(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int
    /// All of a short message, to a pipe that has room for it.
    func write(_ message: [UInt8], toPipe descriptor: Int32) throws(SystemError)
    /// EAGAIN if the other side has not taken far more than it is ever sent.
    func send(_ message: [UInt8], on link: Int32) throws(SystemError)
    /// The next message; empty if the other side is gone.
    ///
    /// EAGAIN if there is none yet.
    func receive(on link: Int32) throws(SystemError) -> [UInt8]

    /// Blocks all signals and gives them their default actions, here and so in the job.
    func silenceSignals() throws(SystemError)
    /// Opens a descriptor for the signals that the shim listens to.
    func openSignals() throws(SystemError) -> Int32
    func readSignals(_ descriptor: Int32) -> [ShimSignal]
    /// Waits until one of the descriptors is readable or at its end, or the deadline has passed.
    func wait(for descriptors: [Int32], until deadlineNanoseconds: Int64?) -> [Int32]

    /// Leaves the daemon's session, process group and directory: none of them is the job's fate.
    func leaveDaemon()
    /// Makes the shim, and whoever it gives birth to from now on, the last to be killed when memory
    /// is short, where that is allowed.
    func shieldFromMemoryPressure()
    /// Moves the caller into a control group.
    func enterControlGroup(_ directory: String) throws(SystemError)
    /// What the kernel tells of the memory that a control group has used; nil if it tells nothing.
    func memoryReport(of directory: String) -> MemoryReport?
    /// Makes the caller the parent of all descendants whose own parent ends.
    func becomeSubreaper() throws(SystemError)
    /// Closes the shim's files to other processes of the same user.
    func hideFromOtherProcesses()
    /// Gives back what the start took.
    func releaseFreeMemory()

    /// Lets go of what the command reads: from now on descriptor 0 is what 1 is, /dev/null.
    func closeInput()
    func startLeader(_ launch: LeaderLaunch) throws(StartFailure) -> StartedProcess
    func startInit(_ launch: LeaderLaunch) throws(StartFailure) -> StartedProcess
    /// The PID, as the caller sees it, of the child of `parent` that has `inner` for its PID in its
    /// own namespace.
    func child(of parent: Int32, withInnerPID inner: Int32) -> Int32?
    func reapChild() -> ReapedChild
    func signal(_ number: Int32, process pid: Int32)
    func signal(_ number: Int32, group pid: Int32)
    /// Kills once all that can be reached now.
    ///
    /// - Returns: false if there are children, but none that may be killed.
    func kill(_ reach: KillReach) -> Bool
    /// What all children that have been reaped used, with their own reaped children.
    func childrenUsage() -> ResourceUsage
    /// A line for the daemon's operator.
    func complain(_ message: String)
}
