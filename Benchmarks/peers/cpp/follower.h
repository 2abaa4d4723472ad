// A call of GetOutput.
#ifndef PEER_FOLLOWER_H
#define PEER_FOLLOWER_H

#include "service.h"
#include "tag.h"
#include "tail.h"

#include <memory>

// Waits to be called; then sends what the job wrote and writes, until it has ended and everything
// is sent. Deletes itself when gRPC has no more to tell it.
class Follower final : private Tail::Waiter {
public:
    // Begins to take calls.
    static void accept(const Surroundings &surroundings);

private:
    explicit Follower(const Surroundings &surroundings);
    ~Follower() = default;

    void called(bool ok);
    void sent(bool ok);
    void finished(bool ok);
    void closed(bool ok);
    void wake() override;

    void begin();
    void go_on();
    void send_end();
    void finish(const grpc::Status &status);
    void delete_if_over();

    const Surroundings &surroundings_;
    grpc::ServerContext context_;
    grpc::ByteBuffer request_;
    grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_{&context_};
    TagOf<Follower, &Follower::called> called_{this};
    TagOf<Follower, &Follower::sent> sent_{this};
    TagOf<Follower, &Follower::finished> finished_{this};
    TagOf<Follower, &Follower::closed> closed_{this};

    Job *job_ = nullptr;
    std::shared_ptr<Tail> tail_;
    uint64_t offset_ = 0;
    bool follows_ = true;
    bool waits_ = false;
    bool has_finished_ = false;
    bool is_closed_ = false;
};

#endif
