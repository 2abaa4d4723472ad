# The adversary as a job with the isolation `strict`: every way out is shut, and what it can take
# has an end. The suite `unconfined` shows that each of these ways is one.
# modules: vsock af_alg
# timeout: 900
. /suite/tap.sh
. /suite/daemon.sh
. /suite/victims.sh
. /suite/logs.sh
. /suite/bombs.sh
. /suite/hoards.sh

check "the victims are placed" place_victims || finish
# Who changes its user can be looked into then, unless it has taken care.
check "the host dumps whoever has changed its user" sh -c 'echo 1 >/proc/sys/fs/suid_dumpable'
check "the daemon starts" start_daemon || finish
check "somebody else has a job" start_foreign_job bob --isolation strict || finish
attack strict --isolation strict
check "and this is what the page says" page_agrees 3 /run/by-strict
drop_bombs --isolation strict
hoard_all --isolation strict
check_victims
check "and can be stopped" as bob stop "$foreign" --grace 5s
finish
