import Foundation
import Simulator

/// What a job of a crash test does, and so what must be known of it in the end.
///
/// Each line that a job writes is known beforehand, so whoever followed it can be held to the byte.
enum Play: Equatable {
    /// Writes lines to both streams, a pause after each, and exits.
    case talks(lines: Int, pause: Double, code: Int)
    /// Writes two hundred kilobytes at once, and exits.
    case shouts
    /// Runs until it is asked to stop; says that it was, and exits with 3.
    case waits
    /// Runs until it is killed.
    case resists
    /// Runs this line of shell, which ends when a gate is open, and exits with 7.
    case passes(_ waiting: String)

    /// The program and its arguments; perl(1), because it can pause without another process.
    var command: [String] {
        switch self {
        case .talks(let lines, let pause, let code):
            perl(
                """
                for (1..\(lines)) { print "out $_\\n"; print STDERR "err $_\\n" if $_ % 3 == 0; \
                select(undef, undef, undef, \(pause)) } exit \(code)
                """)
        case .shouts:
            perl(#"print "$_ and the same again, $_ and the same again\n" for 1..4000; exit 0"#)
        case .waits:
            perl(
                #"$SIG{TERM} = sub { print "bye\n"; exit 3 }; print "ready\n"; sleep 9 while 1"#)
        case .resists:
            perl(#"$SIG{TERM} = "IGNORE"; print "ready\n"; sleep 9 while 1"#)
        case .passes(let waiting):
            ["sh", "-c", "echo before; \(waiting); echo behind; exit 7"]
        }
    }

    private func perl(_ script: String) -> [String] { ["perl", "-e", "$| = 1; \(script)"] }

    /// All that it writes to standard output when nothing cuts it short.
    var output: String {
        switch self {
        case .talks(let lines, _, _): (1...lines).map { "out \($0)\n" }.joined()
        case .shouts:
            (1...4000).map { "\($0) and the same again, \($0) and the same again\n" }.joined()
        case .waits: "ready\nbye\n"
        case .resists: "ready\n"
        case .passes: "before\nbehind\n"
        }
    }

    /// All that it writes to standard error when nothing cuts it short.
    var errorOutput: String {
        guard case .talks(let lines, _, _) = self else { return "" }
        return (1...lines).filter { $0 % 3 == 0 }.map { "err \($0)\n" }.joined()
    }

    /// Whether it ends only when it is asked to.
    var needsStop: Bool { self == .waits || self == .resists }

    /// How it ends when nothing else happens to it.
    var ending: Ending {
        switch self {
        case .talks(_, _, 0), .shouts: Ending("SUCCEEDED", code: 0)
        case .talks(_, _, let code): Ending("FAILED", code: code)
        case .waits: Ending("STOPPED", code: 3)
        case .resists: Ending("KILLED", signal: 9)
        case .passes: Ending("FAILED", code: 7)
        }
    }
}

/// A seed's chances: the plan of a test can be had again, though not the moments of a real machine.
struct Chances: RandomNumberGenerator {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Those of a test that has a name rather than a number.
    init(of name: String) { self.init(seed: name.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) }) }

    mutating func next() -> UInt64 { generator.next() }

    /// One of the jobs that a busy server has.
    mutating func play() -> Play {
        switch Int.random(in: 0..<10, using: &self) {
        case 0...1: .talks(lines: 1, pause: 0, code: [0, 7].randomElement(using: &self) ?? 0)
        case 2...5:
            .talks(
                lines: Int.random(in: 20...120, using: &self), pause: 0.01,
                code: [0, 42].randomElement(using: &self) ?? 0)
        case 6: .shouts
        case 7...8: .waits
        default: .resists
        }
    }
}
