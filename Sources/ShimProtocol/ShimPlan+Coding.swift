extension ShimPlan {
    /// The layout written and understood by this build; docs/FORMATS.md describes it.
    package static let version: UInt16 = 1

    private static let magic: [UInt8] = Array("CMDPLAN\n".utf8)

    /// The yes-or-no parts of a plan.
    ///
    /// Unknown bits are refused: an order that is not understood must not be half obeyed.
    private struct Flags: OptionSet {
        let rawValue: UInt16
        static let mergeOutput = Flags(rawValue: 1 << 0)
        static let makePIDNamespace = Flags(rawValue: 1 << 1)
        static let cgroupDirectory = Flags(rawValue: 1 << 2)
        static let descriptorLimit = Flags(rawValue: 1 << 3)
        static let shimCgroupDirectory = Flags(rawValue: 1 << 4)
        static let sandbox = Flags(rawValue: 1 << 5)
        static let logLimit = Flags(rawValue: 1 << 6)
        static let credentials = Flags(rawValue: 1 << 7)
        static let known: Flags = [
            .mergeOutput, .makePIDNamespace, .cgroupDirectory, .descriptorLimit,
            .shimCgroupDirectory, .sandbox, .logLimit, .credentials,
        ]
    }

    /// The bytes for `ShimDescriptor.plan`.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(raw: Self.magic)
        writer.append(Self.version)
        writer.append(flags.rawValue)
        writer.append(raw: jobID)
        writer.append(program)
        writer.append(UInt32(arguments.count))
        for argument in arguments { writer.append(argument) }
        writer.append(UInt32(environment.count))
        for variable in environment {
            writer.append(variable.name)
            writer.append(variable.value)
        }
        writer.append(workingDirectory)
        if let cgroupDirectory { writer.append(cgroupDirectory) }
        if let descriptorLimit { writer.append(descriptorLimit) }
        if let shimCgroupDirectory { writer.append(shimCgroupDirectory) }
        sandbox?.write(to: &writer)
        logLimit?.write(to: &writer)
        credentials?.write(to: &writer)
        return writer.sealed()
    }

    /// Reads what `encoded()` wrote.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        let version = try Self.checkMagic(bytes)
        guard version == Self.version else { throw .unsupportedVersion(version) }
        var reader = try ByteReader.unsealed(bytes)
        _ = try reader.raw(count: Self.magic.count + 2)
        let flags = Flags(rawValue: try reader.integer())
        guard flags.isSubset(of: .known),
            !flags.contains(.sandbox) || flags.contains(.makePIDNamespace),
            !flags.contains(.sandbox) || !flags.contains(.credentials)
        else { throw .malformed(field: "flags") }
        self.init(
            jobID: Array(try reader.raw(count: 16)),
            program: try reader.text("program"),
            arguments: try Self.readArguments(&reader),
            environment: try Self.readEnvironment(&reader),
            workingDirectory: try reader.text("working directory"),
            mergeOutput: flags.contains(.mergeOutput),
            makePIDNamespace: flags.contains(.makePIDNamespace),
            cgroupDirectory: flags.contains(.cgroupDirectory)
                ? try reader.text("control group") : nil,
            descriptorLimit: flags.contains(.descriptorLimit) ? try reader.integer() : nil,
            shimCgroupDirectory: flags.contains(.shimCgroupDirectory)
                ? try reader.text("control group of the shim") : nil,
            sandbox: flags.contains(.sandbox) ? try SandboxPlan(from: &reader) : nil,
            logLimit: flags.contains(.logLimit) ? try LogLimit(from: &reader) : nil,
            credentials: flags.contains(.credentials)
                ? try HostCredentials(from: &reader) : nil)
        guard reader.isAtEnd else { throw .malformed(field: "end") }
    }

    private var flags: Flags {
        var flags: Flags = []
        if mergeOutput { flags.insert(.mergeOutput) }
        if makePIDNamespace { flags.insert(.makePIDNamespace) }
        if cgroupDirectory != nil { flags.insert(.cgroupDirectory) }
        if descriptorLimit != nil { flags.insert(.descriptorLimit) }
        if shimCgroupDirectory != nil { flags.insert(.shimCgroupDirectory) }
        if sandbox != nil { flags.insert(.sandbox) }
        if logLimit != nil { flags.insert(.logLimit) }
        if credentials != nil { flags.insert(.credentials) }
        return flags
    }

    /// The version comes before the checksum: another version may keep its checksum elsewhere.
    private static func checkMagic(_ bytes: [UInt8]) throws(FormatError) -> UInt16 {
        var reader = ByteReader(bytes[...])
        guard try reader.raw(count: magic.count).elementsEqual(magic) else { throw .wrongMagic }
        return try reader.integer()
    }

    private static func readArguments(
        _ reader: inout ByteReader
    ) throws(FormatError) -> [String] {
        var arguments: [String] = []
        for _ in 0..<(try reader.integer(UInt32.self)) {
            arguments.append(try reader.text("argument"))
        }
        return arguments
    }

    private static func readEnvironment(
        _ reader: inout ByteReader
    ) throws(FormatError) -> [Variable] {
        var environment: [Variable] = []
        for _ in 0..<(try reader.integer(UInt32.self)) {
            let name = try reader.text("variable name")
            guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")) else {
                throw .malformed(field: "variable name")
            }
            environment.append(Variable(name: name, value: try reader.text("variable value")))
        }
        return environment
    }
}
