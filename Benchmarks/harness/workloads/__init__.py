"""What is done to the servers. `ALL` has each workload in the order in which they run."""

from workloads.bulk import Bulk
from workloads.crowd import Crowd
from workloads.growth import Growth
from workloads.idle import Idle
from workloads.lines import Lines
from workloads.records import Records
from workloads.stalled import Stalled
from workloads.starts import Starts
from workloads.unary import Unary

ALL = [Bulk, Crowd, Lines, Idle, Stalled, Growth, Unary, Records, Starts]
