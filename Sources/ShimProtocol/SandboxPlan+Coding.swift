extension SandboxPlan {
    private enum RootKind: UInt8 {
        case hostView = 1
        case image = 2
    }

    private enum NetworkKind: UInt8 {
        case none = 1
        case host = 2
        case `private` = 3
    }

    /// The kernel takes names of interfaces of up to 15 bytes; IFNAMSIZ counts a NUL.
    package static let interfaceSizeMax = 15
    /// The kernel takes names of up to 64 bytes, sethostname(2).
    package static let hostNameSizeMax = 64
    /// The kernel knows sixteen, 0 to 15; getrlimit(2).
    private static let resourceCount: UInt32 = 16
    /// `struct sock_filter`.
    private static let instructionSize = 8
    /// BPF_MAXINSNS.
    private static let instructionsMax = 4096

    /// Appends the section of a plan that docs/FORMATS.md describes.
    func write(to writer: inout ByteWriter) {
        for range in [userIDs, groupIDs] {
            writer.append(range.first)
            writer.append(range.count)
        }
        switch root {
        case .hostView:
            writer.append(RootKind.hostView.rawValue)
        case .image(let base):
            writer.append(RootKind.image.rawValue)
            writer.append(base)
        }
        writeNetwork(to: &writer)
        writer.append(hostName)
        writer.append(scratchBytes)
        writer.append(capabilities)
        writer.append(UInt32(resourceLimits.count))
        for limit in resourceLimits {
            writer.append(limit.resource)
            writer.append(limit.soft)
            writer.append(limit.hard)
        }
        writer.append(UInt32(systemCallFilters.count))
        for filter in systemCallFilters {
            writer.append(UInt32(filter.count))
            writer.append(raw: filter)
        }
    }

    private func writeNetwork(to writer: inout ByteWriter) {
        switch network {
        case .none: writer.append(NetworkKind.none.rawValue)
        case .host: writer.append(NetworkKind.host.rawValue)
        case .private(let network):
            writer.append(NetworkKind.private.rawValue)
            writer.append(network.interface)
            writer.append(network.address)
            writer.append(network.gateway)
            writer.append(network.resolver)
        }
    }

    /// Reads what `write(to:)` wrote.
    init(from reader: inout ByteReader) throws(FormatError) {
        self.init(
            userIDs: try Self.readRange(&reader),
            groupIDs: try Self.readRange(&reader),
            root: try Self.readRoot(&reader),
            network: try Self.readNetwork(&reader),
            hostName: try Self.readHostName(&reader),
            scratchBytes: try reader.integer(),
            capabilities: try reader.integer(),
            systemCallFilters: [],
            resourceLimits: try Self.readResourceLimits(&reader))
        systemCallFilters = try Self.readFilters(&reader)
    }

    /// The last number is no user: it says "no change" to chown(2).
    private static func readRange(
        _ reader: inout ByteReader
    ) throws(FormatError) -> IdentityRange {
        let range = IdentityRange(first: try reader.integer(), count: try reader.integer())
        guard range.count > 0, range.count <= UInt32.max - range.first else {
            throw .malformed(field: "range of ids")
        }
        return range
    }

    private static func readRoot(_ reader: inout ByteReader) throws(FormatError) -> Root {
        switch RootKind(rawValue: try reader.integer()) {
        case .hostView?: return .hostView
        case .image?:
            let base = try reader.text("image")
            guard base.utf8.first == UInt8(ascii: "/") else { throw .malformed(field: "image") }
            return .image(base: base)
        case nil: throw .malformed(field: "root")
        }
    }

    private static func readNetwork(_ reader: inout ByteReader) throws(FormatError) -> Network {
        switch NetworkKind(rawValue: try reader.integer()) {
        case .none?: return .none
        case .host?: return .host
        case .private?: return .private(try readPrivateNetwork(&reader))
        case nil: throw .malformed(field: "network")
        }
    }

    private static func readPrivateNetwork(
        _ reader: inout ByteReader
    ) throws(FormatError) -> PrivateNetwork {
        let network = PrivateNetwork(
            interface: try reader.text("interface"), address: try reader.integer(),
            gateway: try reader.integer(), resolver: try reader.text("resolver"))
        guard (1...interfaceSizeMax).contains(network.interface.utf8.count) else {
            throw .malformed(field: "interface")
        }
        guard network.address != network.gateway else { throw .malformed(field: "address") }
        return network
    }

    private static func readHostName(_ reader: inout ByteReader) throws(FormatError) -> String {
        let name = try reader.text("host name")
        guard (1...hostNameSizeMax).contains(name.utf8.count) else {
            throw .malformed(field: "host name")
        }
        return name
    }

    private static func readResourceLimits(
        _ reader: inout ByteReader
    ) throws(FormatError) -> [ResourceLimit] {
        var limits: [ResourceLimit] = []
        for _ in 0..<(try reader.integer(UInt32.self)) {
            let limit = ResourceLimit(
                resource: try reader.integer(), soft: try reader.integer(),
                hard: try reader.integer())
            guard limit.resource < resourceCount, limit.soft <= limit.hard else {
                throw .malformed(field: "resource limit")
            }
            limits.append(limit)
        }
        return limits
    }

    private static func readFilters(_ reader: inout ByteReader) throws(FormatError) -> [[UInt8]] {
        var filters: [[UInt8]] = []
        for _ in 0..<(try reader.integer(UInt32.self)) {
            let size = Int(try reader.integer(UInt32.self))
            guard size % instructionSize == 0,
                (1...instructionsMax).contains(size / instructionSize)
            else { throw .malformed(field: "filter") }
            filters.append(Array(try reader.raw(count: size)))
        }
        return filters
    }
}
