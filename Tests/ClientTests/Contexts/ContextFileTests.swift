import Foundation
import Reactor
import Testing

@testable import Client

/// Stored contexts: what is written is read, and what nobody wrote is refused.
@Suite struct ContextFileTests {
    static let sample = ContextFile(
        current: "yes",
        contexts: [
            "yes": Context(server: "h:1", cacert: "/ca", cert: "/c", key: "/k"),
            "b: \"x\" ü": Context(server: "[::1]:9090"),
        ])

    @Test func `what is written is read again`() throws {
        #expect(try ContextFile(parsing: Self.sample.text) == Self.sample)
        #expect(try ContextFile(parsing: ContextFile().text) == ContextFile())
        #expect(try ContextFile(parsing: "") == ContextFile())
    }

    @Test(arguments: [
        ("curent: a", "there is no key 'curent' in the file; did you mean 'current'?"),
        ("contexts: {a: {sever: h}}", "no key 'sever' in context 'a'; did you mean 'server'?"),
        ("contexts: [a]", "'contexts' is not a set of named contexts"),
        ("contexts: {a: b}", "context 'a' is not a set of keys"),
        ("contexts: {a: {server: [1]}}", "context 'a', server is not a text"),
        ("a: {", "it is not YAML"), ("text", "the file is not a set of keys"),
    ])
    func `a file with a slip in it is an error and not a default`(text: String, sentence: String) {
        let failure = #expect(throws: Failure.self) { try ContextFile(parsing: text) }
        #expect(failure?.description.contains(sentence) == true, "\(String(describing: failure))")
    }

    @Test func `a missing context has a nearest one`() throws {
        #expect(try Self.sample.context(named: nil)?.server == "h:1")
        let failure = #expect(throws: Failure.self) { try Self.sample.context(named: "yse") }
        #expect(failure?.description.contains("Did you mean 'yes'?") == true)
    }

    @Test func `a symbolic link in its place stays as it is, and that is said`() throws {
        let directory = try TemporaryDirectory()
        let store = try ContextStore(
            environment: ["XDG_CONFIG_HOME": directory.path], kernel: LinuxKernel())
        try FileManager.default.createDirectory(
            atPath: "\(directory.path)/cmdctl", withIntermediateDirectories: false)
        for target in ["\(directory.path)/mine.yaml", "\(directory.path)/nothing"] {
            try? FileManager.default.removeItem(atPath: store.file.path)
            try Data("{}\n".utf8).write(to: URL(filePath: "\(directory.path)/mine.yaml"))
            try FileManager.default.createSymbolicLink(
                atPath: store.file.path, withDestinationPath: target)
            let failure = #expect(throws: Failure.self) { try store.save(Self.sample) }
            #expect(failure?.description.contains("it is a symbolic link") == true)
            let link = try FileManager.default.destinationOfSymbolicLink(atPath: store.file.path)
            #expect(link == target)
        }
    }

    @Test func `the file is its owner's alone, and replaced in one step`() throws {
        let directory = try TemporaryDirectory()
        let kernel = LinuxKernel()
        let store = try ContextStore(
            environment: ["XDG_CONFIG_HOME": "\(directory.path)/deep/config"], kernel: kernel)
        #expect(try store.load() == ContextFile())
        try store.save(Self.sample)
        try store.save(Self.sample)
        #expect(try store.load() == Self.sample)
        #expect(try kernel.status(at: store.file.path).mode == 0o600)
        #expect(try kernel.list("\(directory.path)/deep/config/cmdctl") == ["contexts.yaml"])
    }

    @Test func `the place follows the XDG rules`() throws {
        let place = { (environment: [String: String]) in
            try ContextStore(environment: environment, kernel: LinuxKernel()).file.path
        }
        #expect(try place(["HOME": "/h"]) == "/h/.config/cmdctl/contexts.yaml")
        #expect(try place(["HOME": "/h", "XDG_CONFIG_HOME": "/x"]) == "/x/cmdctl/contexts.yaml")
        // A relative path counts as not set.
        #expect(
            try place(["HOME": "/h", "XDG_CONFIG_HOME": "x"]) == "/h/.config/cmdctl/contexts.yaml")
        #expect(throws: Failure.self) { try place([:]) }
    }

    @Test func `a directory that cannot be written says what to do`() throws {
        let store = try ContextStore(
            environment: ["XDG_CONFIG_HOME": "/proc"], kernel: LinuxKernel())
        let failure = #expect(throws: Failure.self) { try store.save(Self.sample) }
        #expect(failure?.description.contains("set XDG_CONFIG_HOME") == true)
    }
}
