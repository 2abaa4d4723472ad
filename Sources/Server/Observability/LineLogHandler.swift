import Logging
import Reactor

/// Where log lines go.
protocol LineSink: AnyObject, Sendable {
    /// The time a line is stamped with.
    var now: Timestamp { get }
    /// Writes one line, without its newline; must not wait.
    func write(_ line: String)
}

/// The daemon's log handler: structured lines on standard error that never hold up the loop.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let sink: any LineSink

    init(sink: any LineSink, level: Logger.Level) {
        self.sink = sink
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        fields.merge(metadataProvider?.get() ?? [:]) { _, new in new }
        fields.merge(event.metadata ?? [:]) { _, new in new }
        if let error = event.error { fields["error"] = "\(error)" }
        sink.write(
            LogLine.format(
                time: sink.now, level: event.level, message: "\(event.message)", metadata: fields))
    }
}
