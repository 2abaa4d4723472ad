import Reactor

/// What operations come to on this machine; ``Errno/again`` means that they have to wait.
extension MachineState {
    private static let slownessMax = 5000
    private static let slowReadMax = 20_000

    /// When an operation that begins now may be done at the earliest.
    mutating func drawSlowness(of operation: Operation) -> Instant {
        var microsecondsMax = random.happens(faults.slowness) ? Self.slownessMax : 0
        if case .readFile = operation, random.happens(faults.slowReads) {
            microsecondsMax = Self.slowReadMax
        }
        guard microsecondsMax > 0 else { return now }
        let end = now + .microseconds(Int.random(in: 1...microsecondsMax, using: &random))
        // Somebody must look again then.
        events.insert(at: end) {}
        return end
    }

    /// What a program does takes no time here, but it may think that it took some.
    mutating func takeProcessorTime() -> Duration {
        if random.happens(faults.slowness) {
            processorTime += .microseconds(Int.random(in: 1...Self.slownessMax, using: &random))
        }
        return processorTime
    }

    /// Takes bytes from a socket, a pipe, or whatever else has records to tell.
    mutating func receive(_ raw: Int32, atMost limit: Int) throws(Errno) -> [UInt8] {
        let id = fileID(raw)
        switch file(raw).kind {
        case .stream(let incoming?, _, _, _):
            return try takeBytes(from: incoming, atMost: limit)
        case .file(let inode):
            let position = openFiles[id]?.position ?? 0
            let bytes = try read(inode, at: position, limit)
            openFiles[id]?.position += UInt64(bytes.count)
            return bytes
        case .inotify(var state):
            let records = try state.takeRecords(atMost: limit)
            openFiles[id]?.kind = .inotify(state)
            return records
        case .signals(var state):
            let records = try state.takeRecords(atMost: limit)
            openFiles[id]?.kind = .signals(state)
            return records
        case .socket:
            throw .notConnected
        case .stream, .listener, .process:
            throw .invalidArgument
        }
    }

    /// Gives bytes to a socket, a pipe or a file.
    mutating func send(_ bytes: [UInt8], to raw: Int32) throws(Errno) -> Int {
        try send(bytes, to: fileID(raw))
    }

    /// The same for a description, which may be open in another process only.
    mutating func send(_ bytes: [UInt8], to id: FileID) throws(Errno) -> Int {
        guard let file = openFiles[id] else { preconditionFailure("writes to what is closed") }
        switch file.kind {
        case .stream(_, let outgoing, _, _):
            // After shutdown(2) there is no way out any more. send(2), EPIPE.
            guard let outgoing else { throw .brokenPipe }
            return try putBytes(bytes, into: outgoing)
        case .file(let inode):
            let offset = file.flags.contains(.append) ? nil : file.position
            let count = try write(bytes, to: inode, at: offset)
            openFiles[id]?.position += UInt64(count)
            return count
        case .socket:
            throw .notConnected
        case .listener, .inotify, .process, .signals:
            throw .invalidArgument
        }
    }

    /// Whether `awaitReadable` has come true.
    func isReadable(_ raw: Int32) -> Bool {
        switch file(raw).kind {
        case .process(let pid): hasEnded(pid)
        case .stream(let incoming?, _, _, _):
            queues[incoming].map { queue in
                queue.isReset
                    || !isStalled(queue) && (!queue.bytes.isEmpty || !queue.hasWriter)
            } ?? true
        case .inotify(let state): !state.queue.isEmpty
        case .signals(let state): !state.pending.isEmpty
        case .listener(let address): listeners[address]?.waiting.isEmpty == false
        case .file: true
        case .stream, .socket: false
        }
    }
}
