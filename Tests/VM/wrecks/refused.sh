# A check that does not hold.
# fails: not ok: one is two
. /suite/tap.sh
check "one is one" test 1 = 1
check "one is two" test 1 = 2
finish
