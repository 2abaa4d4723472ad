# A suite that does not come to an end.
# timeout: 20
# fails: took longer than 20 s
. /suite/tap.sh
check "one is one" test 1 = 1
tail -f /dev/null
