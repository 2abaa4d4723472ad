/// What both programs say when asked for their version.
package enum Release {
    /// Semantic version of this release.
    package static let version = "0.1.0"
    /// The versions of the API in it, by the last word of the proto package.
    package static let apiVersions = ["v1"]
}
