#!/bin/sh
# Checks that the server of the running compose project sends back what it is sent. netcat runs in
# a container on the project's own network: the host needs none, and no port is published.
#
# Environment: SERVER_HOST, SERVER_PORT, NETWORK, IMAGE (any with netcat), TIMEOUT (seconds that the
# server has to begin to listen, and to answer).
set -u

case $0 in
  */*) here=${0%/*} ;;
  *) here=. ;;
esac
config=$here/server/config.ini

host=${SERVER_HOST:-server}
network=${NETWORK:-tp0_testing_net}
image=${IMAGE:-busybox:latest}
timeout=${TIMEOUT:-3}

# The environment of the running server wins over its file, as it does for the server itself.
running_port() {
  docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$host" 2>/dev/null |
    while IFS= read -r variable; do
      case $variable in
        SERVER_PORT=?*) printf '%s' "${variable#*=}" ;;
      esac
    done
}

# The last value of SERVER_PORT in the section [DEFAULT] of config.ini, by the rules by which the
# server reads it: docs/configuration.md. Nothing when it is not set.
configured_port() {
  [ -f "$config" ] || return 0
  section='' value=''
  while IFS= read -r text || [ -n "$text" ]; do
    # A carriage return ends a line too, alone or before a line feed.
    text=${text#"$byte_order_mark"}$carriage_return
    while [ -n "$text" ]; do
      read_setting "$(trim "${text%%"$carriage_return"*}")"
      text=${text#*"$carriage_return"}
    done
  done <"$config"
  printf '%s' "$value"
}

carriage_return=$(printf '\r')
byte_order_mark=$(printf '\357\273\277')

read_setting() {
  case $1 in
    '' | '#'* | ';'*) ;;
    '['?*']'*)
      section=${1#?}
      section=${section%']'*}
      ;;
    *[=:]*)
      [ "$section" = DEFAULT ] || return 0
      case $(trim "${1%%[=:]*}") in
        [Ss][Ee][Rr][Vv][Ee][Rr]_[Pp][Oo][Rr][Tt]) value=$(unquoted "$(trim "${1#*[=:]}")") ;;
      esac
      ;;
  esac
}

trim() {
  rest=$1
  while :; do
    case $rest in
      [[:space:]]*) rest=${rest#?} ;;
      *[[:space:]]) rest=${rest%?} ;;
      *) break ;;
    esac
  done
  printf '%s' "$rest"
}

unquoted() {
  case $1 in
    '"'*'"') rest=${1#?} && printf '%s' "${rest%?}" ;;
    "'"*"'") rest=${1#?} && printf '%s' "${rest%?}" ;;
    *) printf '%s' "$1" ;;
  esac
}

failed() {
  echo 'action: test_echo_server | result: fail'
  exit 1
}

port=${SERVER_PORT:-$(running_port)}
port=${port:-$(configured_port)}
port=${port:-12345}
case $port in
  *[!0-9]*)
    echo "validar-echo-server.sh: Cannot reach the server: its SERVER_PORT is \"$port\", which is no port" >&2
    failed
    ;;
esac

# The form of the exercise's own messages, which the server answers in every mode; the process id
# makes it this run's and nobody else's.
message="[CLIENT validar] Message N°$$"

# What runs in the container, which must be its first process: timeout(1) could not end a netcat that
# is. It is there because netcat's own -w does not bound the wait for an answer everywhere. A server
# that was started a moment ago may not listen yet: a refused connection is tried again. The bytes are
# compared as numbers, because a shell drops those that are 0; what follows the last dot (2e) is the
# status of netcat.
# shellcheck disable=SC2016 # for the container's shell
exchange='
  message=$(cat)
  set -f
  sent=$(printf "%s\n" "$message" | od -A n -v -t x1)
  tries=$1
  while :; do
    answer=$(
      {
        printf "%s\n" "$message" | timeout "$1" nc -w "$1" "$2" "$3"
        printf ".%s" "$?"
      } | od -A n -v -t x1
    )
    answer=$(echo $answer)
    tries=$((tries - 1))
    [ "$answer" = "2e 31" ] && [ "$tries" -gt 0 ] || break
    sleep 1
  done
  [ "${answer% 2e *}" = "$(echo $sent)" ] && echo same
'

verdict=$(
  printf '%s\n' "$message" |
    docker run --rm -i --network "$network" "$image" \
      sh -c "$exchange" sh "$timeout" "$host" "$port"
)

[ "$verdict" = same ] || failed
echo 'action: test_echo_server | result: success'
