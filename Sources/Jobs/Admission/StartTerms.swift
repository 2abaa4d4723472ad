/// What one who starts a job is granted: the bounds of what can be asked for.
package struct StartTerms: Sendable {
    /// How long a job may run that does not say; nil for as long as it wants.
    package var timeoutDefault: Duration?
    /// How long a job may run at most; nil for as long as it wants.
    package var timeoutMax: Duration?
    /// What each job may take at most.
    package var limitCeiling: ResourceLimits

    /// Everything is granted but what is said here.
    package init(
        timeoutDefault: Duration? = nil, timeoutMax: Duration? = nil,
        limitCeiling: ResourceLimits = ResourceLimits()
    ) {
        self.timeoutDefault = timeoutDefault
        self.timeoutMax = timeoutMax
        self.limitCeiling = limitCeiling
    }

    /// How long a job may run, in effect.
    func timeout(of specification: JobSpecification) -> Duration? {
        [specification.timeout ?? timeoutDefault, timeoutMax].compactMap { $0 }.min()
    }
}
