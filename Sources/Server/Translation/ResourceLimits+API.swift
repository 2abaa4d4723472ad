import Jobs
import JobsAPI
import SwiftProtobuf

extension ResourceLimits {
    /// Reads what a client asks for.
    init(_ message: Cmdctl_V1_ResourceLimits) {
        self.init(
            cpuMillis: message.hasCpuMillis ? message.cpuMillis : nil,
            cpuWeight: message.hasCpuWeight ? message.cpuWeight : nil,
            memoryMax: message.hasMemoryMaxBytes ? message.memoryMaxBytes : nil,
            memoryHigh: message.hasMemoryHighBytes ? message.memoryHighBytes : nil,
            swapMax: message.hasSwapMaxBytes ? message.swapMaxBytes : nil,
            pidsMax: message.hasPidsMax ? message.pidsMax : nil,
            cpus: message.cpus, io: message.io.map(IOLimit.init))
    }
}

extension ResourceLimits.IOLimit {
    fileprivate init(_ message: Cmdctl_V1_IOLimit) {
        self.init(
            device: message.device,
            readBytes: message.hasReadBytesPerSecond ? message.readBytesPerSecond : nil,
            writeBytes: message.hasWriteBytesPerSecond ? message.writeBytesPerSecond : nil,
            reads: message.hasReadsPerSecond ? message.readsPerSecond : nil,
            writes: message.hasWritesPerSecond ? message.writesPerSecond : nil)
    }
}

extension Cmdctl_V1_ResourceLimits {
    /// Says what is limited.
    init(_ limits: ResourceLimits) {
        self.init()
        if let value = limits.cpuMillis { cpuMillis = value }
        if let value = limits.cpuWeight { cpuWeight = value }
        if let value = limits.memoryMax { memoryMaxBytes = value }
        if let value = limits.memoryHigh { memoryHighBytes = value }
        if let value = limits.swapMax { swapMaxBytes = value }
        if let value = limits.pidsMax { pidsMax = value }
        cpus = limits.cpus
        io = limits.io.map(Cmdctl_V1_IOLimit.init)
    }
}

extension Cmdctl_V1_IOLimit {
    fileprivate init(_ limit: ResourceLimits.IOLimit) {
        self.init()
        device = limit.device
        if let value = limit.readBytes { readBytesPerSecond = value }
        if let value = limit.writeBytes { writeBytesPerSecond = value }
        if let value = limit.reads { readsPerSecond = value }
        if let value = limit.writes { writesPerSecond = value }
    }
}

extension LogLimit {
    /// Reads what a client asks for.
    init(_ message: Cmdctl_V1_LogLimit) throws(CallError) {
        self.init(
            maxBytes: message.maxBytes == 0 ? nil : message.maxBytes,
            whenFull: try FullAction(reading: message.whenFull))
    }
}

extension LogLimit.FullAction {
    fileprivate init?(reading message: Cmdctl_V1_LogFullAction) throws(CallError) {
        switch message {
        case .unspecified: return nil
        case .keepNewest: self = .keepNewest
        case .dropNewest: self = .dropNewest
        case .stopJob: self = .stopJob
        case .UNRECOGNIZED(let number):
            throw .unknownWord(number, field: "spec.log_limit.when_full", what: "action")
        }
    }
}

extension Cmdctl_V1_LogLimit {
    /// Says how much is kept.
    init(_ limit: LogLimit) {
        self.init()
        maxBytes = limit.maxBytes ?? 0
        switch limit.whenFull {
        case .keepNewest: whenFull = .keepNewest
        case .dropNewest: whenFull = .dropNewest
        case .stopJob: whenFull = .stopJob
        case nil: break
        }
    }
}

extension JobSpecification.Network {
    /// Reads what a client asks for; nil for the server's default.
    init?(reading message: Cmdctl_V1_Network) throws(CallError) {
        switch message {
        case .unspecified: return nil
        case .none: self = .none
        case .private: self = .private
        case .host: self = .host
        case .UNRECOGNIZED(let number):
            throw .unknownWord(number, field: "spec.network", what: "network")
        }
    }
}

extension Cmdctl_V1_Network {
    /// The API's word for a network.
    init(_ network: JobSpecification.Network) {
        switch network {
        case .none: self = .none
        case .private: self = .private
        case .host: self = .host
        }
    }
}

extension Duration {
    /// Reads the time limit of a job.
    init(timeout message: Google_Protobuf_Duration) throws(CallError) {
        guard let duration = Duration(validating: message), duration > .zero else {
            throw .badRequest([
                FieldViolation(
                    field: "spec.timeout", description: "Give a duration of more than nothing.")
            ])
        }
        self = duration
    }
}

extension CallError {
    /// A number that is none of an enumeration's.
    static func unknownWord(_ number: Int, field: String, what: String) -> CallError {
        .badRequest([
            FieldViolation(
                field: field, description: "This server knows no \(what) with the number \(number)."
            )
        ])
    }
}
