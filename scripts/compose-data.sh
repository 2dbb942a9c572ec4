#!/bin/sh
# Makes up the agencies' files that a compose file mounts and that do not exist yet. It uses the client's
# image, so that the host needs no Node. Existing files are not changed.
#
# Usage: compose-data.sh COMPOSE_FILE, a file of generar-compose.sh
set -eu

compose=$1
mounts='^ *- \(.*\)/agency-\([0-9]*\)\.csv:/\.data/agency-.*'
agencies=$(sed -n "s,$mounts,\\2,p" "$compose" | sort -n)
# The folder of the mounted files, relative to the compose file's folder.
data=$(sed -n "s,$mounts,\\1,p" "$compose" | head -n 1)
case $data in
  /*) ;;
  *) data=$(cd "$(dirname "$compose")" && pwd)/${data#./} ;;
esac
missing=
for agency in $agencies; do
  file=$data/agency-$agency.csv
  # Docker makes a folder when it must mount a file that does not exist: remove it.
  if [ -d "$file" ]; then
    rmdir "$file" || {
      echo "Cannot make $file: it is a folder, remove it" >&2
      exit 1
    }
  fi
  [ -e "$file" ] || missing="$missing $agency"
  last=$agency
done
[ -n "$missing" ] || exit 0

echo "Making up bets for the agencies without a file:$missing"
mkdir -p "$data"
draft=$(mktemp -d "$data/draft.XXXXXX")
trap 'rm -rf "$draft"' EXIT
docker run --rm --user "$(id -u):$(id -g)" -v "$draft:/out" client:latest \
  generate --out /out --agencies "$last" >/dev/null
for agency in $missing; do
  mv "$draft/agency-$agency.csv" "$data/agency-$agency.csv"
done
