import SwiftProtobuf
import Yams

/// The same tree as in JSON, written as YAML.
enum YAMLText {
    static func of(_ message: any Message) throws(Failure) -> String {
        do {
            return try converted(fromJSON: try message.jsonString())
        } catch {
            throw unwritable(error)
        }
    }

    /// What was written as JSON elsewhere.
    static func of(json: String) throws(Failure) -> String {
        do {
            return try converted(fromJSON: json)
        } catch {
            throw unwritable(error)
        }
    }

    private static func unwritable(_ error: any Error) -> Failure {
        .local("cannot write the answer as YAML: \(error)")
    }

    /// JSON is YAML's flow style, so reading it and writing it in block style is all there is to do.
    private static func converted(fromJSON json: String) throws -> String {
        guard let root = try Yams.compose(yaml: json) else { return "" }
        return try Yams.serialize(node: inBlocks(root), allowUnicode: true)
    }

    private static func inBlocks(_ node: Node) -> Node {
        switch node {
        case .mapping(let mapping):
            // An empty block mapping cannot be written.
            let style: Node.Mapping.Style = mapping.isEmpty ? .flow : .block
            return Node(mapping.map { (inBlocks($0), inBlocks($1)) }, mapping.tag, style)
        case .sequence(let sequence):
            let style: Node.Sequence.Style = sequence.isEmpty ? .flow : .block
            return Node(sequence.map(inBlocks), sequence.tag, style)
        case .scalar(let scalar):
            return .scalar(plainIfUnmistakable(scalar))
        case .alias:
            return node
        }
    }

    /// A text stays in quotes where without them it would be a number, a boolean or a null.
    private static func plainIfUnmistakable(_ scalar: Node.Scalar) -> Node.Scalar {
        guard scalar.style == .doubleQuoted else { return scalar }
        let plain = Node(scalar.string)
        let isText = Resolver.default.resolveTag(of: plain) == .str
        return isText ? Node.Scalar(scalar.string, Tag(.str), .any) : scalar
    }
}
