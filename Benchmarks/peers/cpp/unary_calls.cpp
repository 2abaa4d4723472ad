#include "unary_calls.h"

#include "tag.h"

#include <exception>

namespace {

// A call that waits to be made, then to be answered. When it is made, another takes its place.
template <class Call, class Request, class Response>
class UnaryCall : public Tag {
public:
    explicit UnaryCall(const Surroundings &surroundings) : surroundings_(surroundings) {}

    void complete(bool ok) final {
        if (!ok || has_come_) {
            delete static_cast<Call *>(this);
            return;
        }
        has_come_ = true;
        (new Call(surroundings_))->await();
        static_cast<Call *>(this)->handle();
    }

protected:
    ~UnaryCall() = default;

    void answer(const Job &job) {
        Response response;
        job.describe(response.mutable_job());
        writer_.Finish(response, grpc::Status::OK, static_cast<Tag *>(this));
    }

    void answer_when_ended(Job &job) {
        job.when_ended([this, &job] { answer(job); });
    }

    void refuse(const grpc::Status &status) {
        writer_.FinishWithError(status, static_cast<Tag *>(this));
    }

    const Surroundings &surroundings_;
    grpc::ServerContext context_;
    Request request_;
    grpc::ServerAsyncResponseWriter<Response> writer_{&context_};

private:
    bool has_come_ = false;
};

class StartJob final
    : public UnaryCall<StartJob, cmdctl::v1::StartJobRequest, cmdctl::v1::StartJobResponse> {
public:
    using UnaryCall::UnaryCall;

    void await() {
        auto &[service, queue, _] = surroundings_;
        service.RequestStartJob(
            &context_, &request_, &writer_, &queue, &queue, static_cast<Tag *>(this));
    }

    void handle() {
        try {
            answer(surroundings_.jobs.start(request_.spec()));
        } catch (const std::exception &error) {
            refuse({grpc::StatusCode::INTERNAL, error.what()});
        }
    }
};

class GetJob final
    : public UnaryCall<GetJob, cmdctl::v1::GetJobRequest, cmdctl::v1::GetJobResponse> {
public:
    using UnaryCall::UnaryCall;

    void await() {
        auto &[service, queue, _] = surroundings_;
        service.RequestGetJob(
            &context_, &request_, &writer_, &queue, &queue, static_cast<Tag *>(this));
    }

    void handle() {
        Job *job = surroundings_.jobs.find(request_.job());
        job == nullptr ? refuse(no_such_job()) : answer(*job);
    }
};

class WaitJob final
    : public UnaryCall<WaitJob, cmdctl::v1::WaitJobRequest, cmdctl::v1::WaitJobResponse> {
public:
    using UnaryCall::UnaryCall;

    void await() {
        auto &[service, queue, _] = surroundings_;
        service.RequestWaitJob(
            &context_, &request_, &writer_, &queue, &queue, static_cast<Tag *>(this));
    }

    void handle() {
        Job *job = surroundings_.jobs.find(request_.job());
        job == nullptr ? refuse(no_such_job()) : answer_when_ended(*job);
    }
};

// It gives no grace.
class StopJob final
    : public UnaryCall<StopJob, cmdctl::v1::StopJobRequest, cmdctl::v1::StopJobResponse> {
public:
    using UnaryCall::UnaryCall;

    void await() {
        auto &[service, queue, _] = surroundings_;
        service.RequestStopJob(
            &context_, &request_, &writer_, &queue, &queue, static_cast<Tag *>(this));
    }

    void handle() {
        Job *job = surroundings_.jobs.find(request_.job());
        if (job == nullptr) return refuse(no_such_job());
        job->kill();
        answer_when_ended(*job);
    }
};

}  // namespace

void accept_unary_calls(const Surroundings &surroundings) {
    // So many can come at a time without any of them having to wait for its place.
    constexpr int places = 64;
    for (int place = 0; place < places; place++) {
        (new StartJob(surroundings))->await();
        (new GetJob(surroundings))->await();
        (new WaitJob(surroundings))->await();
        (new StopJob(surroundings))->await();
    }
}
