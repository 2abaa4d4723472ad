"""What is done to the servers. `ALL` has each workload in the order in which they run."""

from workloads.lines import Lines
from workloads.starts import Starts

ALL = [Lines, Starts]
