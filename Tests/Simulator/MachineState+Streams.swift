import Reactor

/// Names the bytes under way in one direction.
struct QueueID: Hashable, Sendable {
    let number: Int
    init(_ number: Int) { self.number = number }
}

/// The bytes under way in a pipe or in one direction of a socket.
struct ByteQueue: Sendable {
    var bytes: [UInt8] = []
    let capacity: Int
    var hasReader = true
    var hasWriter = true
    /// The peer has cut the connection: whoever reads next is told so instead of an orderly end.
    var isReset = false
    /// Nothing of it arrives before that.
    var stalledUntil: Instant?
}

/// Pipes and connected sockets.
extension MachineState {
    mutating func makeQueue() -> QueueID {
        let id = QueueID(makeID())
        queues[id] = ByteQueue(capacity: faults.streamBytesMax)
        return id
    }

    mutating func makePipe() throws(Errno) -> (read: Int32, write: Int32) {
        let queue = makeQueue()
        let read = try open(.stream(incoming: queue, outgoing: nil, local: nil, remote: nil))
        do throws(Errno) {
            let kind = OpenFile.Kind.stream(
                incoming: nil, outgoing: queue, local: nil, remote: nil)
            return (read, try open(kind))
        } catch {
            close(read)
            throw error
        }
    }

    mutating func makeSocketPair() throws(Errno) -> (first: Int32, second: Int32) {
        let there = makeQueue()
        let back = makeQueue()
        let first = try open(
            .stream(incoming: back, outgoing: there, local: nil, remote: nil))
        do throws(Errno) {
            let kind = OpenFile.Kind.stream(
                incoming: there, outgoing: back, local: nil, remote: nil)
            return (first, try open(kind))
        } catch {
            close(first)
            throw error
        }
    }

    /// Takes bytes out; none are the end of the stream.
    mutating func takeBytes(from id: QueueID, atMost limit: Int) throws(Errno) -> [UInt8] {
        guard var queue = queues[id] else { return [] }
        if queue.isReset { throw .connectionReset }
        if isStalled(queue) { throw .again }
        guard !queue.bytes.isEmpty else {
            if queue.hasWriter { throw .again }
            return []
        }
        let count = shortened(min(limit, queue.bytes.count), by: faults.shortReads)
        let taken = Array(queue.bytes.prefix(count))
        queue.bytes.removeFirst(count)
        queues[id] = queue
        return taken
    }

    /// Puts bytes in, as many as there is room for.
    mutating func putBytes(_ bytes: [UInt8], into id: QueueID) throws(Errno) -> Int {
        guard var queue = queues[id], queue.hasReader else { throw .brokenPipe }
        let room = min(bytes.count, queue.capacity - queue.bytes.count)
        guard room > 0 else { throw .again }
        let count = shortened(room, by: faults.shortWrites)
        queue.bytes += bytes.prefix(count)
        queues[id] = queue
        return count
    }

    func isStalled(_ queue: ByteQueue) -> Bool {
        queue.stalledUntil.map { now < $0 } ?? false
    }

    /// A part of `count`, at least one, in that share of all cases.
    mutating func shortened(_ count: Int, by probability: Double) -> Int {
        guard count > 1, random.happens(probability) else { return count }
        return .random(in: 1..<count, using: &random)
    }

    mutating func closeReader(of id: QueueID) {
        queues[id]?.hasReader = false
        forget(id)
    }

    mutating func closeWriter(of id: QueueID) {
        queues[id]?.hasWriter = false
        forget(id)
    }

    private mutating func forget(_ id: QueueID) {
        guard let queue = queues[id], !queue.hasReader, !queue.hasWriter else { return }
        queues[id] = nil
    }

    /// Cuts a connection: what was under way is lost, and the peer reads ECONNRESET.
    mutating func reset(_ raw: Int32) {
        reset(fileID(raw))
    }

    mutating func reset(_ id: FileID) {
        for queue in directions(of: id) {
            queues[queue]?.bytes = []
            queues[queue]?.isReset = true
        }
    }

    /// Holds up both directions of a connection, as a network that is down for a while.
    mutating func stall(_ id: FileID, until end: Instant) {
        for queue in directions(of: id) { queues[queue]?.stalledUntil = end }
        // Somebody must look again then.
        events.insert(at: end) {}
    }

    private func directions(of id: FileID) -> [QueueID] {
        guard case .stream(let incoming, let outgoing, _, _) = openFiles[id]?.kind else {
            preconditionFailure("only a connection can be cut")
        }
        return [incoming, outgoing].compactMap(\.self)
    }

    /// The connections of a process, in the order of their descriptors.
    func connections(of pid: Int32) -> [FileID] {
        (processes[pid]?.descriptors.inOrder ?? []).filter { id in
            if case .stream(_, _, _, .some) = openFiles[id]?.kind { true } else { false }
        }
    }
}
