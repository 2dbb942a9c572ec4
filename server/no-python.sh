#!/bin/sh
# Stands where the course's compose files look for Python, to say what to change: there is none in this image.
echo "python3: Cannot run $*: this image holds no Python, its server is quiniela; remove the line \"entrypoint: python3 /main.py\" from the compose file, and mount ./server/config.ini:/config.ini" >&2
exit 127
