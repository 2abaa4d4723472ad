import JobsAPI
import SwiftProtobuf
import Testing

/// The API keeps to buf's STANDARD rules, https://buf.build/docs/lint/rules/.
///
/// The goal is an API that generated clients in any language find unsurprising; the method is to
/// walk the descriptors the server itself answers reflection with. Rules that cannot be broken in
/// this package (one package, one directory, no editions) have no test.
@Suite struct APIRulesTests {
    let files: [Google_Protobuf_FileDescriptorProto]

    init() throws {
        let set = try Google_Protobuf_FileDescriptorSet(serializedBytes: apiDescriptorSet)
        files = set.file.filter { $0.package.hasPrefix("cmdctl.") }
        try #require(!files.isEmpty)
    }

    @Test func `files say their syntax and lie where their package says`() {
        for file in files {
            #expect(file.syntax == "proto3", "\(file.name)")
            #expect(file.package.wholeMatch(of: #/[a-z0-9_.]+\.v[1-9][0-9]*/#) != nil)
            let directory = file.package.split(separator: ".").joined(separator: "/")
            let name = file.name.split(separator: "/").last.map(String.init) ?? ""
            #expect(file.name == "\(directory)/\(name)")
            #expect(name.wholeMatch(of: #/[a-z0-9]+(?:_[a-z0-9]+)*\.proto/#) != nil, "\(name)")
            #expect(file.publicDependency.isEmpty && file.weakDependency.isEmpty, "\(file.name)")
        }
    }

    @Test func `every import is used`() {
        for file in files {
            let declaredIn = declarations(of: file)
            for imported in file.dependency {
                #expect(declaredIn.contains(imported), "\(file.name) does not use \(imported)")
            }
        }
    }

    @Test func `messages, fields and oneofs are named by the rules`() {
        let messages = files.flatMap(\.messageType).flatMap(\.withNested)
        for message in messages where !message.options.mapEntry {
            #expect(message.name.isPascalCase, "\(message.name)")
            for field in message.field {
                #expect(field.name.isLowerSnakeCase, "\(message.name).\(field.name)")
                #expect(field.label != .required, "\(message.name).\(field.name)")
            }
            // `optional` makes a oneof of its own, whose name is the compiler's.
            for oneof in message.oneofDecl where !oneof.name.hasPrefix("_") {
                #expect(oneof.name.isLowerSnakeCase, "\(message.name).\(oneof.name)")
            }
        }
    }

    @Test func `enums begin with an unspecified zero and prefix their values`() throws {
        for values in enums {
            #expect(values.name.isPascalCase, "\(values.name)")
            #expect(!values.options.allowAlias, "\(values.name)")
            let prefix = values.name.upperSnakeCase + "_"
            let first = try #require(values.value.first)
            #expect(first.number == 0 && first.name == prefix + "UNSPECIFIED", "\(first.name)")
            for value in values.value {
                #expect(value.name.hasPrefix(prefix), "\(value.name)")
                #expect(value.name.wholeMatch(of: #/[A-Z0-9]+(?:_[A-Z0-9]+)*/#) != nil)
            }
        }
    }

    @Test func `each method has a request and a response of its own`() {
        var used: Set<String> = []
        for file in files {
            for service in file.service {
                #expect(service.name.isPascalCase && service.name.hasSuffix("Service"))
                for method in service.method {
                    #expect(method.name.isPascalCase, "\(method.name)")
                    let types = [method.inputType, method.outputType]
                    let stem = ".\(file.package).\(method.name)"
                    let names = ["\(stem)Request", "\(stem)Response"]
                    #expect(types == names, "\(service.name).\(method.name)")
                    for type in types { #expect(used.insert(type).inserted, "\(type)") }
                }
            }
        }
        #expect(used.count >= 18)
    }

    @Test func `field numbers leave no hole that nobody reserved`() {
        // Not a rule of buf's: a hole is a field that was removed without saying so.
        for message in files.flatMap(\.messageType).flatMap(\.withNested) {
            let used = Set(message.field.map(\.number))
            for number in 1...max(1, used.max() ?? 1) where !used.isEmpty {
                let isReserved = message.reservedRange.contains {
                    ($0.start..<$0.end).contains(number)
                }
                #expect(used.contains(number) || isReserved, "\(message.name) lacks \(number)")
            }
        }
    }

    private var enums: [Google_Protobuf_EnumDescriptorProto] {
        files.flatMap(\.enumType)
            + files.flatMap(\.messageType).flatMap(\.withNested).flatMap(\.enumType)
    }

    /// The files that declare the types this one mentions.
    private func declarations(of file: Google_Protobuf_FileDescriptorProto) -> Set<String> {
        let fieldTypes = file.messageType.flatMap(\.withNested).flatMap(\.field).map(\.typeName)
        let methods = file.service.flatMap(\.method)
        let types = fieldTypes + methods.map(\.inputType) + methods.map(\.outputType)
        return Set(types.compactMap { fileOfType[$0] })
    }

    private var fileOfType: [String: String] {
        guard let set = try? Google_Protobuf_FileDescriptorSet(serializedBytes: apiDescriptorSet)
        else { return [:] }
        var fileOfType: [String: String] = [:]
        for file in set.file {
            let names = file.messageType.map(\.name) + file.enumType.map(\.name)
            for name in names { fileOfType[".\(file.package).\(name)"] = file.name }
        }
        return fileOfType
    }
}

extension Google_Protobuf_DescriptorProto {
    fileprivate var withNested: [Google_Protobuf_DescriptorProto] {
        [self] + nestedType.flatMap(\.withNested)
    }
}

extension String {
    fileprivate var isPascalCase: Bool { wholeMatch(of: #/[A-Z][A-Za-z0-9]*/#) != nil }

    fileprivate var isLowerSnakeCase: Bool {
        wholeMatch(of: #/[a-z][a-z0-9]*(?:_[a-z0-9]+)*/#) != nil
    }

    /// `JobState` as `JOB_STATE`.
    fileprivate var upperSnakeCase: String {
        replacing(#/([a-z0-9])([A-Z])/#) { "\($0.output.1)_\($0.output.2)" }.uppercased()
    }
}
