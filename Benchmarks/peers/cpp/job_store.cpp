#include "job_store.h"

#include <array>
#include <cstdio>
#include <unistd.h>

namespace {

// A UUID of version 7 (RFC 9562, section 5.7).
std::string make_id() {
    std::array<uint8_t, 16> bytes;
    if (getentropy(bytes.data(), bytes.size()) != 0) fail("getentropy");
    timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    auto milliseconds = static_cast<uint64_t>(time.tv_sec * 1000 + time.tv_nsec / 1'000'000);
    for (int index = 0; index < 6; index++)
        bytes[index] = static_cast<uint8_t>(milliseconds >> (40 - 8 * index));
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    std::string text;
    for (size_t index = 0; index < bytes.size(); index++) {
        std::array<char, 3> digits;
        std::snprintf(digits.data(), digits.size(), "%02x", bytes[index]);
        if (index == 4 || index == 6 || index == 8 || index == 10) text += '-';
        text += digits.data();
    }
    return text;
}

}  // namespace

Job &JobStore::start(const cmdctl::v1::JobSpec &spec) {
    std::string id = make_id();
    auto job = std::make_unique<Job>(id, directory_ + "/" + id + ".log", spec, events_);
    return *(jobs_[id] = std::move(job));
}

Job *JobStore::find(const std::string &id) const {
    auto found = jobs_.find(id);
    return found == jobs_.end() ? nullptr : found->second.get();
}

void JobStore::kill_all() {
    for (auto &[_, job] : jobs_) job->kill();
}
