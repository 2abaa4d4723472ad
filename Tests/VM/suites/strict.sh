# The adversary as a job with the isolation `strict`: every way out is shut, and what it can take
# has an end. The suite `unconfined` shows that each of these ways is one.
# modules: vsock af_alg
. /suite/tap.sh
. /suite/daemon.sh
. /suite/victims.sh

check "the victims are placed" place_victims || finish
check "the daemon starts" start_daemon || finish
check "somebody else has a job" start_foreign_job bob strict || finish

as alice run --follow --isolation strict -- \
    adversary attempts "$sentinel" "$foreign_log" >/run/report
judge CONTAINED strict /run/report
check "and this is what the page says" page_agrees 3 /run/report
check "crashes are caught on the host" catch_crashes
sh -c 'kill -SEGV $$'
check "which runs a program for them" within 10 crashes 1
as alice run --follow --isolation strict -- sh -c 'kill -SEGV $$'
check "but not for a job's" crashes 1
drop_bombs --isolation strict
check "the sentinel lives" kill -0 "$sentinel"
check "the other job lives" is_running "$foreign"
finish
