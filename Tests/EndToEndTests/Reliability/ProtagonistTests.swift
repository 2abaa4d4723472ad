import Testing

/// What the tests that kill things are made of must not itself be at fault.
@Suite struct ProtagonistTests {
    /// Nothing ends a job whose stop was lost, so nobody may wait for that end first.
    @Test(.timeLimit(.minutes(10)))
    func `a stop that came to nothing is asked for again before the end is waited for`() throws {
        var chances = Chances(of: "stop")
        let daemon = try Daemon(host: chances.loopbackHost())
        let protagonist = Protagonist(.waits, on: daemon, startsByFollowing: false)
        try protagonist.ask()
        try protagonist.hearOfStart()
        try protagonist.ask()
        while !protagonist.isReadyToStop { try daemon.letLive(milliseconds: 5) }
        try daemon.die()
        try protagonist.stopIfReady()
        for client in protagonist.clients where client.name == "stopper" {
            try ProcessTable.waitForEnd(of: client.program.pid)
        }
        try daemon.restart()
        try [protagonist].playToTheEnd()
        #expect(try protagonist.faults() == [])
    }
}
