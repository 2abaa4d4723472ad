#include "follower.h"

#include <exception>

namespace {

using cmdctl::v1::GetOutputRequest;
using cmdctl::v1::GetOutputResponse;

uint64_t first_offset(const GetOutputRequest &request, uint64_t size) {
    if (request.has_offset()) return request.offset();
    return request.position() == cmdctl::v1::START_POSITION_NOW ? size : 0;
}

}  // namespace

void Follower::accept(const Surroundings &surroundings) {
    // So many can come at a time without any of them having to wait for its place.
    constexpr int places = 64;
    for (int place = 0; place < places; place++) new Follower(surroundings);
}

Follower::Follower(const Surroundings &surroundings) : surroundings_(surroundings) {
    auto &[service, queue, _] = surroundings_;
    context_.AsyncNotifyWhenDone(static_cast<Tag *>(&closed_));
    service.RequestGetOutput(
        &context_, &request_, &writer_, &queue, &queue, static_cast<Tag *>(&called_));
}

void Follower::called(bool ok) {
    if (!ok) {
        delete this;
        return;
    }
    new Follower(surroundings_);
    try {
        begin();
    } catch (const std::exception &error) {
        finish({grpc::StatusCode::INTERNAL, error.what()});
    }
}

void Follower::begin() {
    GetOutputRequest request;
    grpc::Status status =
        grpc::SerializationTraits<GetOutputRequest>::Deserialize(&request_, &request);
    if (!status.ok()) return finish(status);
    job_ = surroundings_.jobs.find(request.job());
    if (job_ == nullptr) return finish(no_such_job());
    tail_ = job_->attach();
    follows_ = !request.no_follow();
    offset_ = first_offset(request, tail_->size());
    if (offset_ > tail_->size())
        return finish({grpc::StatusCode::OUT_OF_RANGE, "the output is not that long"});
    // Followers of a silent job learn at once that they are attached.
    writer_.SendInitialMetadata(static_cast<Tag *>(&sent_));
}

// What could not be sent is not worth a message: nobody is there.
void Follower::sent(bool ok) {
    if (!ok) return finish(grpc::Status::CANCELLED);
    try {
        go_on();
    } catch (const std::exception &error) {
        finish({grpc::StatusCode::INTERNAL, error.what()});
    }
}

void Follower::wake() {
    waits_ = false;
    sent(true);
}

void Follower::go_on() {
    if (offset_ < tail_->size()) {
        const Chunk &chunk = tail_->read(offset_);
        grpc::ByteBuffer message = chunk.message_from(offset_);
        offset_ = chunk.end();
        writer_.Write(message, static_cast<Tag *>(&sent_));
    } else if (job_->has_ended() || !follows_) {
        send_end();
    } else if (is_closed_) {
        finish(grpc::Status::CANCELLED);
    } else {
        waits_ = true;
        tail_->wait(this);
    }
}

void Follower::send_end() {
    GetOutputResponse end;
    end.set_offset(offset_);
    job_->describe(end.mutable_end()->mutable_job());
    grpc::ByteBuffer message;
    bool is_own;
    grpc::Status status =
        grpc::SerializationTraits<GetOutputResponse>::Serialize(end, &message, &is_own);
    if (!status.ok()) return finish(status);
    writer_.WriteAndFinish(
        message, grpc::WriteOptions(), grpc::Status::OK, static_cast<Tag *>(&finished_));
}

void Follower::finish(const grpc::Status &status) {
    writer_.Finish(status, static_cast<Tag *>(&finished_));
}

void Follower::finished(bool) {
    has_finished_ = true;
    delete_if_over();
}

// The call is over, or the client is gone.
void Follower::closed(bool) {
    is_closed_ = true;
    if (waits_) {
        waits_ = false;
        tail_->forget(this);
        finish(grpc::Status::CANCELLED);
    }
    delete_if_over();
}

void Follower::delete_if_over() {
    if (has_finished_ && is_closed_) delete this;
}
