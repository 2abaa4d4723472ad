import CLinux
import Glibc
import Testing

/// A child in its caller's memory cannot spoil that by too deep a call.
struct ForkInPlaceTests {
    @Test func `below the child's stack is a page that nobody may touch`() throws {
        var maps = ""
        var place: UInt = 0
        try withUnsafeMutablePointer(to: &maps) { maps in
            try withUnsafeMutablePointer(to: &place) { place in
                var context = (maps, place)
                let pid = try check(clinux_fork_in_place(lookAround, &context))
                try check(waitpid(pid, nil, 0))
            }
        }
        let mappings = maps.split(separator: "\n").compactMap { Mapping($0) }
        let index = try #require(mappings.firstIndex { $0.range.contains(place) })
        let (guardian, stack) = (mappings[index - 1], mappings[index])
        #expect(stack.rights == "rw-p")
        #expect(guardian.rights == "---p")
        #expect(guardian.range.upperBound == stack.range.lowerBound)
    }
}

/// What the child does: notes the caller's mappings, and where its own stack is.
private func lookAround(_ context: UnsafeMutableRawPointer?) {
    typealias Notes = (UnsafeMutablePointer<String>, UnsafeMutablePointer<UInt>)
    var here = 0
    if let notes = context?.assumingMemoryBound(to: Notes.self).pointee {
        notes.0.pointee = (try? readText("/proc/self/maps")) ?? ""
        notes.1.pointee = withUnsafeMutablePointer(to: &here) { UInt(bitPattern: $0) }
    }
    _exit(0)
}

/// A line of proc_pid_maps(5).
private struct Mapping {
    let range: Range<UInt>
    let rights: Substring

    init?(_ line: Substring) {
        let words = line.split(separator: " ")
        let ends = words.first?.split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard words.count > 1, let ends, ends.count == 2 else { return nil }
        (range, rights) = (ends[0]..<ends[1], words[1])
    }
}
