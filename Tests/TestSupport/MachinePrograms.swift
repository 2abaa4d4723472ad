package import Reactor
import Simulator

/// What a child of a test does, on either machine.
package enum TestProgram: Sendable {
    /// Ends at once.
    case exits(code: Int32)
    /// Writes a word to its descriptor 3 and ends.
    case speaks(String)
    /// Stays until a signal ends it.
    case stays
}

extension Machine {
    /// Starts a program; `output` becomes its descriptor 3.
    package func spawn(_ program: TestProgram, output: Int32? = nil) throws -> SpawnedProcess {
        var spawn = simulated == nil ? script(of: program) : installed(program)
        spawn.fileActions = output.map { [.init(target: 3, source: $0)] } ?? []
        return try kernel.spawn(spawn)
    }

    private func script(of program: TestProgram) -> ProcessSpawn {
        let line =
            switch program {
            case .exits(let code): "exit \(code)"
            case .speaks(let word): "printf %s '\(word)' >&3"
            case .stays: "exec sleep 1000"
            }
        return ProcessSpawn(
            path: "/bin/sh", arguments: ["sh", "-c", line], environment: ["PATH=/usr/bin:/bin"])
    }

    private func installed(_ program: TestProgram) -> ProcessSpawn {
        let path = "/bin/\(program)"
        simulated?.install(path) { process in
            switch program {
            case .exits(let code): process.exit(code: code)
            case .speaks(let word):
                _ = try? process.write(Array(word.utf8), to: 3)
                process.exit(code: 0)
            case .stays: break
            }
        }
        return ProcessSpawn(path: path, arguments: [path])
    }
}
