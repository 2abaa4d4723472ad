# The adversary as root on the host itself: it must get out in every way, or an attempt of that kind
# in a job would prove nothing.
# modules: vsock af_alg
. /suite/tap.sh
. /suite/daemon.sh
. /suite/victims.sh

check "the victims are placed" place_victims || finish
check "the daemon starts" start_daemon || finish
check "somebody else has a job" start_foreign_job operator --isolation host
# A descriptor is left open for it, a directory, as a careless runtime would.
mkdir -p /a/b/c
CMDCTL_JOB_ID=$foreign adversary attempts "$sentinel" "$foreign_log" >/run/report 8</a/b/c
judge ESCAPED unconfined /run/report
check "and this is what the page says" page_agrees 2 /run/report
finish
