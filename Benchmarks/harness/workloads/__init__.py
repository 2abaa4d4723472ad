"""What is done to the servers. `ALL` has each workload in the order in which they run."""

from workloads.bulk import Bulk
from workloads.crowd import Crowd
from workloads.growth import Growth
from workloads.idle import Idle
from workloads.lines import Lines
from workloads.stalled import Stalled
from workloads.starts import Starts

ALL = [Bulk, Crowd, Lines, Idle, Stalled, Growth, Starts]
