#!/bin/sh
# A container's first process: starts quiniela and hands signals on to it.
#
# The system drops signals to a first process that has not said yet what it does about them, and Node
# takes a while before it runs the first line of a program: a container that was stopped in that time
# would go on until it is killed. A shell says it within a millisecond.
told='' child=''

tell() {
  told=$1
  [ -z "$child" ] || kill -s "$1" "$child" 2>/dev/null
}
for signal in TERM INT HUP QUIT USR1 USR2; do
  # shellcheck disable=SC2064 # each with its own name
  trap "tell $signal" "$signal"
done

# A program in the background gets another standard input unless it is given this one.
exec 3<&0
node "${QUINIELA_MAIN:-/opt/quiniela/dist/bundle/cli/main.js}" "$@" <&3 3<&- &
child=$!
# One that came before the number was known.
[ -z "$told" ] || kill -s "$told" "$child" 2>/dev/null

# A signal ends the waiting, not the program: only after its end there is nobody to send one to.
# The shell's own word for that end ("Terminated") is nobody's log line.
while
  wait "$child" 2>/dev/null
  status=$?
  kill -0 "$child" 2>/dev/null
do :; done

# A central or an agency that is told to stop ends with 0; Node had not come so far.
case $1:$told:$status in
  central:TERM:143 | agency:TERM:143) status=0 ;;
esac
exit "$status"
