#include "unserved_calls.h"

#include "tag.h"

namespace {

// Waits to be called, then to have answered.
class UnservedCall final : private Tag {
public:
    UnservedCall(grpc::AsyncGenericService &service, grpc::ServerCompletionQueue &queue)
        : service_(service), queue_(queue) {
        service_.RequestCall(&context_, &stream_, &queue_, &queue_, static_cast<Tag *>(this));
    }

private:
    void complete(bool ok) override {
        if (!ok || has_come_) {
            delete this;
            return;
        }
        has_come_ = true;
        new UnservedCall(service_, queue_);
        stream_.Finish(
            {grpc::StatusCode::UNIMPLEMENTED, "a peer does not do this"}, static_cast<Tag *>(this));
    }

    grpc::AsyncGenericService &service_;
    grpc::ServerCompletionQueue &queue_;
    grpc::GenericServerContext context_;
    grpc::GenericServerAsyncReaderWriter stream_{&context_};
    bool has_come_ = false;
};

}  // namespace

void refuse_unserved_calls(grpc::AsyncGenericService &service, grpc::ServerCompletionQueue &queue) {
    new UnservedCall(service, queue);
}
