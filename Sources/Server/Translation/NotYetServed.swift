import JobsAPI

extension Cmdctl_V1_StartJobRequest {
    /// The fields that this server knows of and cannot heed: to pass over them would be to run
    /// another job than was asked for.
    var fieldsNotServed: [FieldViolation] {
        let asked = [
            ("spec.network", spec.network == .private)
        ]
        return asked.filter(\.1).map {
            FieldViolation(field: $0.0, description: "This server cannot do that; leave it out.")
        }
    }
}
