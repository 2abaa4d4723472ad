import FoundationEssentials
import JobsAPI
import SwiftProtobuf
import Transport

/// What server reflection answers, one stream's worth: it remembers which files it has sent.
struct ReflectionAnswers {
    private let catalog: APICatalog
    private var sent: Set<String> = []

    init(catalog: APICatalog) {
        self.catalog = catalog
    }

    /// Answers one question; that something is not there is an answer too, and the stream goes on.
    mutating func answer(
        _ request: Grpc_Reflection_V1_ServerReflectionRequest
    ) -> Grpc_Reflection_V1_ServerReflectionResponse {
        var response = Grpc_Reflection_V1_ServerReflectionResponse()
        response.validHost = request.host
        response.originalRequest = request
        response.messageResponse = answer(request.messageRequest)
        return response
    }

    private typealias Question = Grpc_Reflection_V1_ServerReflectionRequest.OneOf_MessageRequest
    private typealias Answer = Grpc_Reflection_V1_ServerReflectionResponse.OneOf_MessageResponse

    private mutating func answer(_ question: Question?) -> Answer {
        switch question {
        case .fileByFilename(let name):
            return files(of: catalog.hasFile(name) ? name : nil, asked: name)
        case .fileContainingSymbol(let symbol):
            return files(of: catalog.file(declaring: symbol), asked: symbol)
        case .fileContainingExtension(let wanted):
            let number = wanted.extensionNumber
            let file = catalog.file(extending: wanted.containingType, number: number)
            return files(of: file, asked: "extension \(number) of \(wanted.containingType)")
        case .allExtensionNumbersOfType(let type):
            return extensionNumbers(of: type)
        case .listServices:
            return .listServicesResponse(
                .with { list in
                    list.service = catalog.services.map { name in .with { $0.name = name } }
                })
        case nil:
            return error(.invalidArgument, "the request asks nothing this server knows")
        }
    }

    private mutating func files(of file: String?, asked: String) -> Answer {
        guard let file else { return error(.notFound, "not found: \(asked)") }
        let closure = catalog.closure(of: file, unlessIn: &sent)
        return .fileDescriptorResponse(.with { $0.fileDescriptorProto = closure.map { .init($0) } })
    }

    private func extensionNumbers(of type: String) -> Answer {
        guard let numbers = catalog.extensionNumbers(of: type) else {
            return error(.notFound, "not found: \(type)")
        }
        return .allExtensionNumbersResponse(
            .with {
                $0.baseTypeName = type
                $0.extensionNumber = numbers
            })
    }

    private func error(_ code: GRPCStatusCode, _ message: String) -> Answer {
        .errorResponse(
            .with {
                $0.errorCode = Int32(code.rawValue)
                $0.errorMessage = message
            })
    }
}
