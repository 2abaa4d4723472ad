import Testing

/// Where a follow begins, and the ways it ends before the job does.
@Suite(.timeLimit(.minutes(10)))
struct FollowPositionTests {
    let daemon: Daemon

    init() throws { daemon = try Daemon() }

    @Test func `an offset is absolute, and the very end is one`() throws {
        let job = try daemon.runShell("printf 0123456789")
        _ = try daemon.cmdctl("wait", job)
        #expect(try daemon.cmdctl("get-output", "--offset", "4", job).text == "456789")
        #expect(try daemon.cmdctl("get-output", "--offset", "10", job).text == "")

        let beyond = try daemon.cmdctl("get-output", "--offset", "11", job)
        #expect(beyond.code == 125, "\(beyond)")
        #expect(beyond.errorText.contains("11"), "\(beyond)")
    }

    @Test func `no-follow returns with what is there`() throws {
        let job = try daemon.runShell("echo now; sleep 1000")
        #expect(try daemon.start(["get-output", job]).nextLine() == "now")
        let finished = try daemon.cmdctl("get-output", "--no-follow", job)
        #expect(finished.text == "now\n", "\(finished)")
        #expect(finished.code == 0, "\(finished)")
        #expect(try daemon.status(job).state == "JOB_STATE_RUNNING")
    }

    @Test func `from-now leaves out what was written before`() throws {
        let gate = Gate("gate", in: daemon.directory)
        // The later line is repeated: the test cannot see when the server has put the start down.
        let job = try daemon.runShell("echo early; \(gate.wait); yes late")
        #expect(try daemon.start(["get-output", job]).nextLine() == "early")
        let follower = try daemon.start(["get-output", "--from-now", job])
        try gate.open()
        // It may begin within a line, but never with the early one.
        let line = try #require(try follower.nextLine())
        #expect("late".hasSuffix(line))
        #expect(try follower.nextLine() == "late")
    }

    @Test func `timestamps stand before each line, in UTC`() throws {
        let job = try daemon.runShell("echo one; echo two >&2")
        _ = try daemon.cmdctl("wait", job)
        let finished = try daemon.cmdctl("get-output", "--timestamps", job)
        let stamp = #/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z (\w+)$/#
        #expect(finished.line.wholeMatch(of: stamp)?.output.1 == "one", "\(finished)")
        let errorLine = finished.errorText.trimmingSuffix(while: \.isNewline)
        #expect(errorLine.wholeMatch(of: stamp)?.output.1 == "two", "\(finished)")
    }

    @Test(arguments: [["run", "--follow", "--"], ["get-output"]])
    func `an interrupt detaches and leaves the job running`(verb: [String]) throws {
        let script = ["sh", "-c", "echo first; sleep 1000"]
        let target = verb == ["get-output"] ? [try daemon.run(script)] : script
        let follower = try daemon.start(verb + target)
        #expect(try follower.nextLine() == "first")
        follower.signal(2)
        let finished = try follower.finish()
        #expect(finished.code == 130, "\(finished)")
        let job = try #require(daemon.jobIDs.first)
        #expect(finished.errorText.contains(job), "it says which job goes on: \(finished)")
        #expect(try daemon.status(job).state == "JOB_STATE_RUNNING")
    }

    @Test func `a closed standard output ends quietly`() throws {
        let job = try daemon.run(["yes"])
        let follower = try daemon.start(["get-output", job])
        #expect(try follower.nextLine() == "y")
        follower.closeOutput()
        let finished = try follower.finish()
        #expect(finished.code == 0, "\(finished)")
        #expect(finished.errorText == "", "\(finished)")
        #expect(try daemon.status(job).state == "JOB_STATE_RUNNING")
    }
}

extension String {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, predicate(last) { text.removeLast() }
        return text
    }
}
