#include "tail.h"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>

Tail::Tail(const std::string &path, KernelEvents &events)
    : events_(events), file_(open(path.c_str(), O_RDONLY | O_CLOEXEC), "open " + path),
      // Watched before its size is asked for: a write between the two would wake nobody.
      watch_(events.watch_file(path, [this] { update(); })) {
    update();
}

Tail::~Tail() { events_.forget_file(watch_); }

const Chunk &Tail::read(uint64_t offset) {
    if (!latest_.has(offset)) {
        size_t count = std::min<uint64_t>(size_ - offset, Chunk::bytes_max);
        latest_ = Chunk::read(file_.number(), offset, count);
    }
    return latest_;
}

void Tail::update() {
    struct stat status;
    if (fstat(file_.number(), &status) != 0) fail("fstat");
    size_ = static_cast<uint64_t>(status.st_size);
    // Those that are woken may wait again.
    for (Waiter *waiter : std::exchange(waiting_, {})) waiter->wake();
}
