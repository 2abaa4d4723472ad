import Testing

@testable import Server

/// How the daemon ends, as a table of events and the orders they give.
@Suite struct ShutdownSequenceTests {
    enum Event: Sendable {
        case request(stoppingJobs: Bool)
        case signal(stoppingJobs: Bool)
        case jobsStopped
        case connectionsClosed
        case deadlinePassed
    }

    typealias Story = [(event: Event, orders: [ShutdownSequence.Order])]

    static let stories: [(name: String, story: Story)] = [
        (
            "jobs run on and clients leave",
            [
                (.signal(stoppingJobs: false), [.drain, .startDeadline]),
                (.connectionsClosed, [.end]),
            ]
        ),
        (
            "a client that stays is cut off",
            [
                (.request(stoppingJobs: false), [.drain, .startDeadline]),
                (.deadlinePassed, [.cutConnections]),
                (.connectionsClosed, [.end]),
                (.deadlinePassed, []),
            ]
        ),
        (
            "followers see their jobs stop",
            [
                (.signal(stoppingJobs: true), [.drain, .stopJobs]),
                (.jobsStopped, [.startDeadline]),
                (.connectionsClosed, [.end]),
            ]
        ),
        (
            "clients leave before the jobs have stopped",
            [
                (.request(stoppingJobs: true), [.drain, .stopJobs]),
                (.connectionsClosed, []),
                (.jobsStopped, [.end]),
            ]
        ),
        (
            "a second signal does not wait",
            [
                (.request(stoppingJobs: true), [.drain, .stopJobs]),
                (.signal(stoppingJobs: true), [.end]),
                (.jobsStopped, []),
                (.signal(stoppingJobs: true), []),
            ]
        ),
        (
            "a second request adds nothing, unless it is to stop the jobs",
            [
                (.request(stoppingJobs: false), [.drain, .startDeadline]),
                (.request(stoppingJobs: false), []),
                (.request(stoppingJobs: true), [.stopJobs]),
                (.deadlinePassed, []),
                (.request(stoppingJobs: true), []),
                (.jobsStopped, [.startDeadline]),
                (.deadlinePassed, [.cutConnections]),
                (.connectionsClosed, [.end]),
            ]
        ),
        (
            "what comes before the beginning means nothing",
            [
                (.jobsStopped, []),
                (.deadlinePassed, []),
            ]
        ),
    ]

    @Test(arguments: stories.indices)
    func `each event gives its orders`(index: Int) {
        let (name, story) = Self.stories[index]
        var sequence = ShutdownSequence()
        for (step, (event, orders)) in story.enumerated() {
            #expect(Self.send(event, to: &sequence) == orders, "\(name), step \(step)")
        }
    }

    private static func send(
        _ event: Event, to sequence: inout ShutdownSequence
    ) -> [ShutdownSequence.Order] {
        switch event {
        case .request(let stoppingJobs): sequence.requested(stoppingJobs: stoppingJobs)
        case .signal(let stoppingJobs): sequence.signalled(stoppingJobs: stoppingJobs)
        case .jobsStopped: sequence.jobsStopped()
        case .connectionsClosed: sequence.connectionsClosed()
        case .deadlinePassed: sequence.deadlinePassed()
        }
    }
}
