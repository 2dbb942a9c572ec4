#!/bin/sh
# The path that the course's compose files start in the client's container, where it is a program in Go.
# Here it starts the agency, which is the same program as the image's own command.
if [ ! -e /config.yaml ]; then
  echo "/client: Cannot start the agency: there is no /config.yaml; mount it in the compose file: volumes: - ./client/config.yaml:/config.yaml" >&2
  exit 2
fi
exec quiniela agency --config /config.yaml "$@"
