import ShimProtocol

/// Takes a step of a start.
///
/// If the system refuses it, then that is why the command does not run.
func at<Value>(
    _ stage: StartStage, _ detail: @autoclosure () -> String,
    _ step: () throws(SystemError) -> Value
) throws(StartFailure) -> Value {
    do throws(SystemError) {
        return try step()
    } catch {
        throw StartFailure(stage: stage, errno: error.number, detail: detail())
    }
}

/// Takes a step that is one system call, or a few in a row.
@discardableResult
func at(
    _ stage: StartStage, _ detail: @autoclosure () -> String, _ call: () -> Int32
) throws(StartFailure) -> Int32 {
    try at(stage, detail()) { () throws(SystemError) in try retrying(call) }
}
