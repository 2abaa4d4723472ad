import JobsAPI
import SwiftProtobuf

/// The descriptors of everything the server speaks, found by file, symbol or extension.
///
/// The files are answered as they were compiled; the catalog only knows where things are.
struct APICatalog {
    /// The fully qualified names of all services, in order.
    let services: [String]

    private let files: [String: File]
    private let fileOfSymbol: [String: String]
    private let fileOfExtension: [Extension: String]

    /// A descriptor file, serialized, and the names of those it imports.
    private struct File {
        let bytes: [UInt8]
        let imports: [String]
    }

    private struct Extension: Hashable {
        let extendedType: String
        let number: Int32
    }

    /// Indexes a serialized google.protobuf.FileDescriptorSet.
    init(descriptorSet: [UInt8]) throws {
        let set = try Google_Protobuf_FileDescriptorSet(serializedBytes: descriptorSet)
        var files: [String: File] = [:]
        var index = SymbolIndex()
        for file in set.file {
            files[file.name] = File(bytes: try file.serializedBytes(), imports: file.dependency)
            index.add(file)
        }
        self.files = files
        services = index.services.sorted()
        fileOfSymbol = index.fileOfSymbol
        var fileOfExtension: [Extension: String] = [:]
        for found in index.extensions {
            let key = Extension(extendedType: found.extendedType, number: found.number)
            fileOfExtension[key] = found.file
        }
        self.fileOfExtension = fileOfExtension
    }

    /// The catalog of this very server.
    static func makeOwn() -> APICatalog {
        guard let catalog = try? APICatalog(descriptorSet: apiDescriptorSet) else {
            preconditionFailure("the embedded descriptors are what scripts/generate-proto wrote")
        }
        return catalog
    }

    /// Whether there is a file of this name.
    func hasFile(_ name: String) -> Bool {
        files[name] != nil
    }

    /// The file that declares a fully qualified message, enum, value, field, service or method.
    func file(declaring symbol: String) -> String? {
        fileOfSymbol[symbol]
    }

    /// The file that declares an extension.
    func file(extending type: String, number: Int32) -> String? {
        fileOfExtension[Extension(extendedType: type, number: number)]
    }

    /// The numbers of all extensions of a message type, or nil if there is no such type.
    func extensionNumbers(of type: String) -> [Int32]? {
        guard fileOfSymbol[type] != nil else { return nil }
        return fileOfExtension.keys.filter { $0.extendedType == type }.map(\.number).sorted()
    }

    /// The file and all it imports, the latter only where they have not been sent before.
    func closure(of file: String, unlessIn sent: inout Set<String>) -> [[UInt8]] {
        var closure: [[UInt8]] = []
        var queue = [file]
        var seen: Set<String> = [file]
        while let name = queue.popLast() {
            guard let next = files[name] else { continue }
            if sent.insert(name).inserted || name == file { closure.append(next.bytes) }
            queue += next.imports.filter { seen.insert($0).inserted }
        }
        return closure
    }
}

/// Collects what a file declares, by walking its messages.
private struct SymbolIndex {
    var services: [String] = []
    var fileOfSymbol: [String: String] = [:]
    var extensions: [(extendedType: String, number: Int32, file: String)] = []

    mutating func add(_ file: Google_Protobuf_FileDescriptorProto) {
        let scope = file.package
        for message in file.messageType { add(message, in: scope, of: file.name) }
        for value in file.enumType { add(value, in: scope, of: file.name) }
        for field in file.extension { add(extension: field, in: scope, of: file.name) }
        for service in file.service {
            let name = declare(service.name, in: scope, of: file.name)
            services.append(name)
            for method in service.method { declare(method.name, in: name, of: file.name) }
        }
    }

    private mutating func add(
        _ message: Google_Protobuf_DescriptorProto, in scope: String, of file: String
    ) {
        let name = declare(message.name, in: scope, of: file)
        for field in message.field { declare(field.name, in: name, of: file) }
        for oneof in message.oneofDecl { declare(oneof.name, in: name, of: file) }
        for nested in message.nestedType { add(nested, in: name, of: file) }
        for nested in message.enumType { add(nested, in: name, of: file) }
        for field in message.extension { add(extension: field, in: name, of: file) }
    }

    /// The values of an enum are declared beside it, not in it, as in C++.
    private mutating func add(
        _ values: Google_Protobuf_EnumDescriptorProto, in scope: String, of file: String
    ) {
        declare(values.name, in: scope, of: file)
        for value in values.value { declare(value.name, in: scope, of: file) }
    }

    private mutating func add(
        extension field: Google_Protobuf_FieldDescriptorProto, in scope: String, of file: String
    ) {
        declare(field.name, in: scope, of: file)
        // Type names in descriptors begin with a dot when they are fully qualified.
        let type = field.extendee.drop { $0 == "." }
        extensions.append((String(type), field.number, file))
    }

    @discardableResult
    private mutating func declare(_ name: String, in scope: String, of file: String) -> String {
        let symbol = scope.isEmpty ? name : "\(scope).\(name)"
        fileOfSymbol[symbol] = file
        return symbol
    }
}
