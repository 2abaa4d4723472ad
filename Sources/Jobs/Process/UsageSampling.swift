/// Reads what jobs take, for all who ask.
///
/// A job costs ten files, on the worker that starts and reads of logs need, too. So who asks while a
/// sample is taken gets the next one, together with all others who wait; each job is in it once; and
/// it is taken piece by piece, so that others have their turn in between.
final class UsageSampling {
    /// Reads the groups at some paths, and answers in their order.
    typealias Reader = ([String], _ then: @escaping ([ControlGroupUsage]) -> Void) -> Void

    private struct Question {
        let paths: [String?]
        let then: ([ControlGroupUsage]) -> Void
    }

    private let groupsPerRead: Int
    private let read: Reader
    private var waiting: [Question] = []
    private var isSampling = false

    /// Reads no more than so many groups at a time.
    init(groupsPerRead: Int, read: @escaping Reader) {
        self.groupsPerRead = groupsPerRead
        self.read = read
    }

    /// Answers what the groups at some paths take; a job without one takes nothing that could be
    /// told.
    func ask(about paths: [String?], then: @escaping ([ControlGroupUsage]) -> Void) {
        waiting.append(Question(paths: paths, then: then))
        if !isSampling { sample() }
    }

    private func sample() {
        let questions = waiting
        waiting = []
        isSampling = !questions.isEmpty
        guard isSampling else { return }
        let paths = Set(questions.lazy.flatMap(\.paths).compactMap { $0 })
        read(paths.sorted()[...], [:]) { [self] usages in
            for question in questions {
                question.then(
                    question.paths.map { $0.flatMap { usages[$0] } ?? ControlGroupUsage() })
            }
            sample()
        }
    }

    private func read(
        _ paths: ArraySlice<String>, _ before: [String: ControlGroupUsage],
        then: @escaping ([String: ControlGroupUsage]) -> Void
    ) {
        let batch = Array(paths.prefix(groupsPerRead))
        guard !batch.isEmpty else { return then(before) }
        read(batch) { [self] usages in
            let read = Dictionary(uniqueKeysWithValues: zip(batch, usages))
            self.read(paths.dropFirst(batch.count), before.merging(read) { $1 }, then: then)
        }
    }
}
