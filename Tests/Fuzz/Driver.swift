import Foundation

/// The program behind `make fuzz`: libFuzzer's own `main` gives way to this one, which is told its
/// target by name and hands it the rest of its arguments.
@main
enum Driver {
    static func main() throws {
        var arguments = CommandLine.arguments
        guard arguments.count > 2, let target = FuzzTarget(rawValue: arguments.remove(at: 1))
        else {
            let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: " ")
            FileHandle.standardError.write(
                Data("usage: cmdctl-fuzz TARGET CORPUS [option of libFuzzer]...\n".utf8))
            FileHandle.standardError.write(Data("targets: \(names)\n".utf8))
            exit(64)
        }
        try writeSeeds(of: target, to: arguments[1])
        setenv(Driver.targetVariable, target.rawValue, 1)
        exit(fuzz(with: arguments))
    }

    /// libFuzzer's callback carries no value of ours, and there are no global variables here.
    fileprivate static let targetVariable = "CMDCTL_FUZZ_TARGET"

    fileprivate static let target = ProcessInfo.processInfo.environment[targetVariable]
        .flatMap(FuzzTarget.init)

    private static func writeSeeds(of target: FuzzTarget, to directory: String) throws {
        let directory = URL(filePath: directory)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for (number, seed) in target.seeds.enumerated() {
            try Data(seed).write(to: directory.appending(path: "seed-\(number)"))
        }
    }

    private static func fuzz(with arguments: [String]) -> Int32 {
        var count = Int32(arguments.count)
        var pointers = arguments.map { strdup($0) } + [nil]
        return pointers.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            return runFuzzer(&count, &start, testOneInput)
        }
    }
}

/// FuzzerInterface.h declares it as it is to be called from C.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ argumentCount: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// What libFuzzer calls; its archive wants the name, too.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    do {
        try Driver.target?.run(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        preconditionFailure("a target throws: \(error)")
    }
    return 0
}
