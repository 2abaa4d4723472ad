package import Reactor

/// What a simulated program does: called once, with the process it plays.
///
/// It returns at once; what is to happen later it leaves with ``SimulatedProcess/after(_:_:)`` and
/// ``SimulatedProcess/onSignal(_:)``. Without an end the process runs for as long as the machine.
package typealias SimulatedProgram = @Sendable (SimulatedProcess) -> Void

/// A process as its program sees it.
package struct SimulatedProcess: Sendable {
    /// Its number.
    package let pid: Int32
    /// How it was started.
    package let spawn: ProcessSpawn

    let kernel: SimulatedKernel

    /// Writes to one of its descriptors, as many bytes as are taken at once.
    @discardableResult
    package func write(_ bytes: [UInt8], to descriptor: Int32) throws(Errno) -> Int {
        try kernel.with { (state) throws(Errno) in
            try state.send(bytes, to: try state.fileID(descriptor, of: pid))
        }
    }

    /// Everything there is to read from one of its descriptors: a file from its beginning, a
    /// stream as far as it has come.
    package func contents(of descriptor: Int32) throws(Errno) -> [UInt8] {
        try kernel.with { (state) throws(Errno) in
            let id = try state.fileID(descriptor, of: pid)
            switch state.openFiles[id]?.kind {
            case .file(let inode): return state.inodes[inode]?.bytes ?? []
            case .stream(let incoming?, _, _, _):
                return try state.takeBytes(from: incoming, atMost: .max)
            default: throw .invalidArgument
            }
        }
    }

    /// Closes one of its descriptors.
    package func close(_ descriptor: Int32) {
        kernel.with { state in
            guard let id = state.processes[pid]?.descriptors.remove(descriptor)
            else { return }
            state.drop(id)
        }
    }

    /// Does something later, unless the process has ended by then.
    package func after(_ delay: Duration, _ action: @escaping SimulatedProgram) {
        let process = self
        kernel.with { state in
            state.events.insert(at: state.now + delay) {
                if !process.hasEnded { action(process) }
            }
        }
    }

    /// Handles signals from now on; SIGKILL ends the process all the same.
    package func onSignal(_ handler: @escaping @Sendable (SimulatedProcess, SignalEvent) -> Void) {
        let process = self
        kernel.with { $0.processes[pid]?.handler = { handler(process, $0) } }
    }

    /// Ends with an exit code.
    package func exit(code: Int32) {
        kernel.with { $0.end(pid, .exited(code: code)) }
    }

    /// Ends by a signal.
    package func die(ofSignal number: Int32) {
        kernel.with { $0.end(pid, .signaled(number: number)) }
    }

    /// Whether it has ended already.
    package var hasEnded: Bool { kernel.with { $0.hasEnded(pid) } }
}

extension MachineState {
    /// A descriptor of another process, which may have ended meanwhile.
    fileprivate func fileID(_ descriptor: Int32, of pid: Int32) throws(Errno) -> FileID {
        guard let id = processes[pid]?.descriptors[descriptor] else { throw .badDescriptor }
        return id
    }
}
