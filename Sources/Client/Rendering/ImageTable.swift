import JobsAPI
import Reactor

extension Renderer {
    /// All about one image.
    func image(_ image: Cmdctl_V1_Image) throws(Failure) -> String {
        switch format {
        case .table, .wide: table([image])
        case .json: try JSONText.of(image)
        case .yaml: try YAMLText.of(image)
        case .name: image.name + "\n"
        }
    }

    /// Images, one to a line.
    func images(_ response: Cmdctl_V1_ListImagesResponse) throws(Failure) -> String {
        switch format {
        case .table, .wide: table(response.images)
        case .json: try JSONText.of(response)
        case .yaml: try YAMLText.of(response)
        case .name: response.images.map { $0.name + "\n" }.joined()
        }
    }

    private func table(_ images: [Cmdctl_V1_Image]) -> String {
        var table = TextTable(header: ["NAME", "FORMAT", "SIZE", "CREATED", "JOBS", "SHA-256"])
        for image in images {
            let digest = format == .wide ? image.digest : String(image.digest.prefix(12))
            table.append([
                image.name, image.format.text, ByteCount.text(image.sizeBytes),
                Timestamp(image.createTime).relative(to: now), "\(image.jobCount)", digest,
            ])
        }
        return table.text
    }
}

extension Cmdctl_V1_ImageFormat {
    fileprivate var text: String {
        switch self {
        case .tar: "tar"
        case .squashfs: "squashfs"
        case .unspecified, .UNRECOGNIZED: "unknown"
        }
    }
}
