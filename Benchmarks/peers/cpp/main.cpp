// A peer to measure cmdctld against: the calls of cmdctl.v1.JobService that a follower needs,
// served by gRPC C++ on one thread, which has a completion queue. Mutual TLS; a job writes its own
// log file; followers are woken by inotify and get messages of up to 64 KiB, whose bytes are not
// copied.
//
//   peer --listen 127.0.0.1:0 --cert FILE --key FILE --client-ca FILE --dir DIR
#include "follower.h"
#include "job_store.h"
#include "kernel_events.h"
#include "loop.h"
#include "service.h"
#include "unary_calls.h"
#include "unserved_calls.h"

#include <absl/synchronization/mutex.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <err.h>
#include <fstream>
#include <getopt.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <sstream>
#include <sys/signalfd.h>

namespace {

struct Options {
    std::string listen = "127.0.0.1:0";
    std::string certificate;
    std::string key;
    std::string client_authority;
    std::string directory;
};

Options parse(int count, char **arguments) {
    static const option known[] = {
        {"listen", required_argument, nullptr, 'l'},    {"cert", required_argument, nullptr, 'c'},
        {"key", required_argument, nullptr, 'k'},       {"dir", required_argument, nullptr, 'd'},
        {"client-ca", required_argument, nullptr, 'A'}, {},
    };
    Options options;
    for (int found; (found = getopt_long(count, arguments, "", known, nullptr)) != -1;) {
        switch (found) {
        case 'l': options.listen = optarg; break;
        case 'c': options.certificate = optarg; break;
        case 'k': options.key = optarg; break;
        case 'A': options.client_authority = optarg; break;
        case 'd': options.directory = optarg; break;
        default: std::exit(64);
        }
    }
    if (options.client_authority.empty() || options.directory.empty())
        errx(64, "see the beginning of main.cpp");
    return options;
}

std::string contents(const std::string &path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    if (!file) fail(path);
    return text.str();
}

// gRPC 1.51 has no option for a least version of TLS; with clients that know 1.3, it is that.
std::shared_ptr<grpc::ServerCredentials> credentials(const Options &options) {
    grpc::SslServerCredentialsOptions result(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    result.pem_root_certs = contents(options.client_authority);
    result.pem_key_cert_pairs = {{contents(options.key), contents(options.certificate)}};
    return grpc::SslServerCredentials(result);
}

// Ends the peer with its jobs when it is told to. Must come before there are other threads.
int make_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

// Leaves out what a small call would pay for and nobody here uses: 15 % of its processor time.
void lighten(grpc::ServerBuilder &builder) {
    // Debian's abseil looks for deadlocks whenever a mutex is taken.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
    builder.AddChannelArgument(GRPC_ARG_MINIMAL_STACK, 1);
}

void serve(const Options &options) {
    Descriptor signals(make_signals(), "signalfd");
    Service service;
    grpc::AsyncGenericService unserved;
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(options.listen, credentials(options), &port);
    lighten(builder);
    builder.RegisterService(&service);
    builder.RegisterAsyncGenericService(&unserved);
    std::unique_ptr<grpc::ServerCompletionQueue> queue = builder.AddCompletionQueue();
    std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    if (server == nullptr) errx(1, "cannot serve at %s", options.listen.c_str());

    KernelEvents events(*queue);
    JobStore jobs(options.directory, events);
    // Nothing of it is worth saving.
    events.watch_descriptor(signals.number(), [&jobs] {
        jobs.kill_all();
        std::_Exit(0);
    });
    Surroundings surroundings = {service, *queue, jobs};
    accept_unary_calls(surroundings);
    Follower::accept(surroundings);
    refuse_unserved_calls(unserved, *queue);
    std::string host = options.listen.substr(0, options.listen.rfind(':'));
    std::fprintf(stderr, "listening on %s:%d\n", host.c_str(), port);
    Loop(*queue, events).run();
}

}  // namespace

int main(int count, char **arguments) {
    Options options = parse(count, arguments);
    try {
        serve(options);
    } catch (const std::exception &error) {
        errx(1, "%s", error.what());
    }
}
