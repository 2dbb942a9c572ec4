#!/bin/sh
# A container's first process: starts quiniela and passes signals on to it.
#
# The system drops signals to a first process that has no handler for them yet, and Node takes a while
# before it runs the first line of a program: a container that is stopped in that time would go on until
# it is killed. A shell installs its handlers within a millisecond.
told='' child=''

tell() {
  told=$1
  [ -z "$child" ] || kill -s "$1" "$child" 2>/dev/null
}
for signal in TERM INT HUP QUIT USR1 USR2; do
  # shellcheck disable=SC2064 # expand now: each trap has its own name
  trap "tell $signal" "$signal"
done

# The shell gives a program in the background another standard input: pass this one.
exec 3<&0
node "${QUINIELA_MAIN:-/opt/quiniela/dist/bundle/cli/main.js}" "$@" <&3 3<&- &
child=$!
# Pass on a signal that came before the process number was known.
[ -z "$told" ] || kill -s "$told" "$child" 2>/dev/null

# A signal ends the wait, not the program: wait again until the program has ended.
# The shell's own message ("Terminated") must not be in the log.
while
  wait "$child" 2>/dev/null
  status=$?
  kill -0 "$child" 2>/dev/null
do :; done

# A central or an agency that is asked to stop ends with 0; here Node had not got so far.
case $1:$told:$status in
  central:TERM:143 | agency:TERM:143) status=0 ;;
esac
exit "$status"
