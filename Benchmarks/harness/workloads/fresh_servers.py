"""What measuring memory has in common: every run has a server of its own."""

from following import Following
from rivals import all_rivals
from workloads.base import Workload


class FreshServers(Workload):
    """Followers of servers that are started for them, since one that had others before has memory
    to spare."""

    def open(self):
        self.following = Following(self.setting)
        self.subjects = [*self.setting.cmdctl(), *all_rivals(self.setting)]

    def warm_up(self, figures):
        """Each server is new: memory needs none, and bytes are as good from the first on."""
