#!/bin/sh
# The start of the engine's own image, which takes the password of its database from nowhere but
# its environment: there it is put here, out of a file, for this one process.
set -eu

POSTGRES_PWD=$(cat "$POSTGRES_PWD_FILE")
export POSTGRES_PWD
exec "$@"
