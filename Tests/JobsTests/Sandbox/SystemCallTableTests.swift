import CSeccomp
import Glibc
import Testing

@testable import Jobs

/// The table of system calls: in order, without doubt, and complete.
@Suite struct SystemCallTableTests {
    /// futex_requeue, Linux 6.7: nobody has decided yet about what is newer.
    private static let lastDecided: Int32 = 456

    private let denied = SystemCallTable.denied.flatMap(\.names)

    @Test func `names are in order and there once`() {
        #expect(SystemCallTable.allowed == Set(SystemCallTable.allowed).sorted())
        for group in SystemCallTable.denied { #expect(group.names == Set(group.names).sorted()) }
        #expect(denied.count == Set(denied).count)
        #expect(Set(denied).isDisjoint(with: SystemCallTable.allowed))
    }

    @Test func `every call that has a number is decided upon`() throws {
        let decided = Set(denied + SystemCallTable.allowed)
            .union(SystemCallTable.exceptions.filter(\.conditions.isEmpty).map(\.name))
        var known: Set<String> = []
        for number in 0...Self.lastDecided {
            guard let name = seccomp_syscall_resolve_num_arch(seccomp_arch_native(), number) else {
                continue
            }
            known.insert(String(cString: name))
            free(name)
        }
        try #require(known.count > 250)
        #expect(known.subtracting(decided) == [])
    }

    @Test func `exceptions are of calls that are allowed otherwise`() {
        for exception in SystemCallTable.exceptions where !exception.conditions.isEmpty {
            #expect(SystemCallTable.allowed.contains(exception.name))
        }
    }

    /// `struct sock_filter` has eight bytes, and the kernel takes 4096 of them.
    @Test func `programs have a size that the kernel takes`() throws {
        let programs = try SystemCallFilter().programs
        #expect(programs.count == 2)
        for program in programs {
            #expect(program.count % 8 == 0)
            #expect((8...4096 * 8).contains(program.count))
        }
    }
}
