import ArgumentParser
import Foundation
import Testing

@testable import Client

/// The tables of options that take the next word are true.
///
/// Finding the verb and the job's command needs them before the parser runs; the method is to ask
/// the parser for its own description of each command.
@Suite struct OptionTablesTests {
    private struct Description: Decodable {
        struct Command: Decodable {
            let commandName: String
            let subcommands: [Command]?
            let arguments: [Argument]?
        }
        struct Argument: Decodable {
            struct Name: Decodable {
                let kind: String
                let name: String
            }
            let kind: String
            let names: [Name]?
        }
        let command: Command
    }

    private func optionsWithValue(of path: [String]) throws -> Set<String> {
        let root = try JSONDecoder().decode(Description.self, from: Data(Root._dumpHelp().utf8))
        var command = root.command
        for name in path {
            command = try #require(command.subcommands?.first { $0.commandName == name })
        }
        let names = (command.arguments ?? []).filter { $0.kind == "option" }
            .flatMap { $0.names ?? [] }
        return Set(names.map { $0.kind == "short" ? "-\($0.name)" : "--\($0.name)" })
    }

    @Test func `the table of global options`() throws {
        #expect(try optionsWithValue(of: []) == GlobalOptions.optionsWithValue)
    }

    @Test func `the tables of commands that need one`() throws {
        let global = GlobalOptions.optionsWithValue
        #expect(
            try optionsWithValue(of: ["run"]) == global.union(StartJob.optionsWithValue))
    }
}
