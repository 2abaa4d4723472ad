"""What reading finished logs has in common: every server, and those that serve files and no more."""

from file_servers import Nghttpd, Pump
from reading import Logs, Reader
from rivals import all_rivals
from workloads.base import Workload


class FinishedLogs(Workload):
    """Followers that read the whole of a log whose job has ended."""

    connections = followers = 1

    def open(self):
        logs = Logs(self.setting)
        self.afterwards(logs.remove)
        self.reader = Reader(self.setting, logs, self.connections, self.followers)
        self.subjects = [
            Pump(self.setting, logs.files), *self.setting.cmdctl(),
            Nghttpd(self.setting, logs.files), *all_rivals(self.setting)]
        for subject in self.subjects:
            self.start(subject)
