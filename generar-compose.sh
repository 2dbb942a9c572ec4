#!/bin/sh
# Writes a Docker Compose file with one central and N agencies. Needs nothing but a shell.
set -eu

usage() {
  cat <<'TEXT'
Usage: generar-compose.sh FILE N

Writes the Docker Compose file FILE with the service "server" and the services
"client1" to "clientN". N is a whole number; 0 gives the server alone.

Its mounts lead to server/config.ini, client/config.yaml and .data in the folder
of FILE, or, where that holds no server/config.ini, in the folder of this script.

Environment:
  MODE  what the programs do (default: lottery)
          lottery  agency i sends the bets of .data/agency-i.csv  (exercises 6 to 8)
          bet      each agency sends a single bet                 (exercise 5)
          echo     the clients' messages are sent back            (exercises 1 to 4)
TEXT
}

refuse() {
  echo "generar-compose.sh: $1" >&2
  exit 2
}

case ${1-} in
  -h | --help)
    usage
    exit 0
    ;;
esac

if [ $# -ne 2 ]; then
  usage >&2
  exit 2
fi

file=$1
clients=$2
mode=${MODE:-lottery}

# A name that begins with a dash would be an option to other programs.
case $file in
  '') refuse "Cannot write the compose file: its name is empty" ;;
  -*) file=./$file ;;
esac

case $clients in
  '' | *[!0-9]* | 0?* | ??????*)
    refuse "Cannot make \"$clients\" clients: N is a whole number from 0 to 99999"
    ;;
esac

# The central is told what to do only in two words: a single bet is for it a very small lottery.
case $mode in
  lottery) server_mode=lottery client_mode=file ;;
  bet) server_mode=lottery client_mode=bet ;;
  echo) server_mode=echo client_mode=echo ;;
  *) refuse "Cannot use MODE=$mode: it is lottery, bet or echo" ;;
esac

case $file in
  */*) folder=${file%/*}/ ;;
  *) folder=./ ;;
esac
[ -d "$folder" ] || refuse "Cannot write $file: there is no folder $folder"
[ ! -d "$file" ] || refuse "Cannot write $file: it is a folder"
[ ! -e "$file" ] || [ -w "$file" ] || refuse "Cannot write $file: this user may not write it"

case $0 in
  */*) scripts=${0%/*}/ ;;
  *) scripts=./ ;;
esac

# Compose takes a mount's path from the compose file's folder. The project is there, or else where this
# script is: then the path leads up to it, or begins at the root of the disk.
project=.
if [ ! -f "${folder}server/config.ini" ] && [ -f "${scripts}server/config.ini" ]; then
  from=$(CDPATH='' cd -- "$folder" && pwd -P)
  to=$(CDPATH='' cd -- "$scripts" && pwd -P)
  case $from in
    "${to%/}"/*)
      project=..
      below=${from#"${to%/}"/}
      while [ "$below" != "${below#*/}" ]; do
        below=${below#*/}
        project=$project/..
      done
      ;;
    *)
      project=$to
      case $to in
        *[!A-Za-z0-9/._+@-]*)
          refuse "Cannot write mounts from $from to $to: that path has characters that mean something in a compose file; write FILE below it"
          ;;
      esac
      ;;
  esac
fi

# A subnet has an address for the gateway and one for each container, beside its first and its last.
if [ "$clients" -le 252 ]; then
  subnet=172.25.125.0/24
elif [ "$clients" -le 4092 ]; then
  subnet=172.25.112.0/20
elif [ "$clients" -le 65532 ]; then
  subnet=172.25.0.0/16
else
  subnet=172.24.0.0/15
fi
if [ "$clients" -gt 1022 ]; then
  echo "generar-compose.sh: A bridge of Linux connects 1,023 containers at most: run these on several networks" >&2
fi

# Each service is one printf of the shell's own: a process for each would take minutes for thousands.

# Logging levels are not set here: an environment variable would win over the configuration files.
# The server has no volume for its data, so that `docker compose down` starts afresh.
server() {
  printf '%s\n' "name: tp0
services:
  server:
    container_name: server
    image: server:latest
    environment:
      - SERVER_MODE=$server_mode
      - SERVER_AGENCIES=$clients
    volumes:
      - $project/server/config.ini:/config.ini:ro
    networks:
      - testing_net"
}

client() {
  bet=
  if [ "$mode" = bet ]; then person "$1"; fi
  data=
  if [ "$mode" = lottery ]; then
    data="
      - $project/.data/agency-$1.csv:/.data/agency-$1.csv:ro"
  fi
  printf '%s\n' "
  client$1:
    container_name: client$1
    image: client:latest
    environment:
      - CLI_ID=$1
      - CLI_MODE=$client_mode$bet
    volumes:
      - $project/client/config.yaml:/config.yaml:ro$data
    networks:
      - testing_net
    depends_on:
      - server"
}

# The bet of client $1: people and numbers repeat after a while, documents never do.
person() {
  case $(($1 % 5)) in
    1) first='Santiago Lionel' last=Lorca born=1999-03-17 ;;
    2) first='María José' last=Núñez born=1984-02-29 ;;
    3) first='Agustín Emanuel' last=Zambrano born=2000-05-10 ;;
    4) first=Lucía last=Güemes born=1971-12-31 ;;
    *) first="Tiago Nicolás" last="D'Angelo" born=2001-08-29 ;;
  esac
  bet="
      - NOMBRE=$first
      - APELLIDO=$last
      - DOCUMENTO=$((30904464 + $1))
      - NACIMIENTO=$born
      - NUMERO=$(((7573 + $1) % 10000))"
}

network() {
  printf '%s\n' "
networks:
  testing_net:
    ipam:
      driver: default
      config:
        - subnet: $subnet"
}

# @returns not 0 when something could not be written
compose() {
  server || return
  i=1
  while [ "$i" -le "$clients" ]; do
    client "$i" || return
    i=$((i + 1))
  done
  network
}

# In a shell of its own, because a redirection that fails ends some shells at once.
write() {
  (compose >"$1") 2>/dev/null
}

# A device or a link is written through; anything else appears whole or not at all.
if [ -L "$file" ] || { [ -e "$file" ] && [ ! -f "$file" ]; }; then
  write "$file" || refuse "Cannot write $file: it takes no more"
else
  draft=$file.$$.tmp
  trap 'rm -f "$draft"' EXIT
  trap 'exit 1' HUP INT TERM
  (: >"$draft") 2>/dev/null || refuse "Cannot write $file: this user may not write in $folder"
  # The copy has the permissions of the file that it is to replace.
  if [ -e "$file" ]; then
    cp -p "$file" "$draft" 2>/dev/null || refuse "Cannot write $file: it cannot be read"
  fi
  write "$draft" || refuse "Cannot write $file: the disk takes no more"
  mv -f "$draft" "$file"
fi
