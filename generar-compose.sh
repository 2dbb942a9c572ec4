#!/bin/sh
# Writes a Docker Compose file with one central and N agencies. Needs nothing but a shell.
set -eu

usage() {
  cat <<'TEXT'
Usage: generar-compose.sh FILE N

Writes the Docker Compose file FILE with the service "server" and the services
"client1" to "clientN". N is a whole number; 0 gives the server alone.

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

[ -n "$file" ] || refuse "Cannot write the compose file: its name is empty"

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

# Logging levels are not set here: an environment variable would win over the configuration files.
# The server has no volume for its data, so that `docker compose down` starts afresh.
server() {
  cat <<YAML
name: tp0
services:
  server:
    container_name: server
    image: server:latest
    environment:
      - SERVER_MODE=$server_mode
      - SERVER_AGENCIES=$clients
    volumes:
      - ./server/config.ini:/config.ini:ro
    networks:
      - testing_net
YAML
}

client() {
  cat <<YAML

  client$1:
    container_name: client$1
    image: client:latest
    environment:
      - CLI_ID=$1
      - CLI_MODE=$client_mode
YAML
  if [ "$mode" = bet ]; then person "$1"; fi
  cat <<YAML
    volumes:
      - ./client/config.yaml:/config.yaml:ro
YAML
  if [ "$mode" = lottery ]; then
    echo "      - ./.data/agency-$1.csv:/.data/agency-$1.csv:ro"
  fi
  cat <<YAML
    networks:
      - testing_net
    depends_on:
      - server
YAML
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
  cat <<YAML
      - NOMBRE=$first
      - APELLIDO=$last
      - DOCUMENTO=$((30904464 + $1))
      - NACIMIENTO=$born
      - NUMERO=$(((7573 + $1) % 10000))
YAML
}

network() {
  cat <<'YAML'

networks:
  testing_net:
    ipam:
      driver: default
      config:
        - subnet: 172.25.125.0/24
YAML
}

compose() {
  server
  i=1
  while [ "$i" -le "$clients" ]; do
    client "$i"
    i=$((i + 1))
  done
  network
}

# A device or a link is written through; anything else appears whole or not at all.
if [ -L "$file" ] || { [ -e "$file" ] && [ ! -f "$file" ]; }; then
  compose >"$file"
else
  draft=$file.$$.tmp
  trap 'rm -f "$draft"' EXIT
  trap 'exit 1' HUP INT TERM
  compose >"$draft"
  mv -f "$draft" "$file"
fi
