import Jobs
import JobsAPI
import SwiftProtobuf

extension Cmdctl_V1_Image {
    /// Says what is known of an image, apart from who uses it.
    init(_ image: Image) {
        self.init()
        name = image.name
        format = .init(image.format)
        sizeBytes = image.byteCount
        createTime = .init(image.createdAt)
        digest = image.digest
    }
}

extension Cmdctl_V1_ImageFormat {
    fileprivate init(_ format: Image.Format) {
        switch format {
        case .tar: self = .tar
        case .squashfs: self = .squashfs
        }
    }
}

extension Image.Format {
    /// Reads how an image comes, which must be said.
    init(_ message: Cmdctl_V1_ImageFormat) throws(CallError) {
        switch message {
        case .tar: self = .tar
        case .squashfs: self = .squashfs
        case .unspecified, .UNRECOGNIZED:
            throw .badRequest([
                FieldViolation(
                    field: "head.format",
                    description: "This server knows tar and squashfs; say which it is.")
            ])
        }
    }
}
