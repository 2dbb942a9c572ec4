#!/bin/sh
# Checks that the server of the running compose project sends back what it is sent. netcat runs in
# a container on the project's own network: the host needs none, and no port is published.
#
# Environment: SERVER_HOST, SERVER_PORT, NETWORK, IMAGE (any with netcat), TIMEOUT (seconds that the
# server has to begin to listen, and to answer).
set -u

here=$(dirname "$0")

configured_port() {
  sed -n 's/^[[:space:]]*SERVER_PORT[[:space:]]*[=:][[:space:]]*\([0-9][0-9]*\).*$/\1/p' \
    "$here/server/config.ini" 2>/dev/null | head -n 1
}

host=${SERVER_HOST:-server}
port=${SERVER_PORT:-$(configured_port)}
port=${port:-12345}
network=${NETWORK:-tp0_testing_net}
image=${IMAGE:-busybox:latest}
timeout=${TIMEOUT:-3}

# The form of the exercise's own messages, which the server answers in every mode; the process id
# makes it this run's and nobody else's.
message="[CLIENT validar] Message N°$$"

# What runs in the container, which must be its first process: timeout(1) could not end a netcat that
# is. It is there because netcat's own -w does not bound the wait for an answer everywhere. A server
# that was started a moment ago may not listen yet: a refused connection is tried again.
# shellcheck disable=SC2016 # for the container's shell
exchange='
  message=$(cat)
  tries=$1
  while :; do
    answer=$(
      printf "%s\n" "$message" | timeout "$1" nc -w "$1" "$2" "$3"
      echo ".$?"
    )
    tries=$((tries - 1))
    [ "$answer" = .1 ] && [ "$tries" -gt 0 ] || break
    sleep 1
  done
  printf "%s" "${answer%.*}"
'

# The dot keeps the shell from dropping line ends that were not sent.
answer=$(
  printf '%s\n' "$message" |
    docker run --rm -i --network "$network" "$image" \
      sh -c "$exchange" sh "$timeout" "$host" "$port"
  echo .
)

if [ "$answer" = "$message
." ]; then
  echo 'action: test_echo_server | result: success'
else
  echo 'action: test_echo_server | result: fail'
  exit 1
fi
