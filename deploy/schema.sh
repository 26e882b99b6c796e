#!/bin/sh
# Bring the two databases of the engine to the schema of its version. Done again it changes nothing;
# done by the tools of a later version it is the upgrade, and comes before that version's server.
set -eu

SQL_PASSWORD=$(cat "$SQL_PASSWORD_FILE")
export SQL_PASSWORD
schema=/etc/temporal/schema/postgresql/v12

bring() {
  tool="temporal-sql-tool --plugin postgres12 --ep $SQL_HOST -p $SQL_PORT -u $SQL_USER --db $1"
  $tool create
  $tool setup-schema -v 0.0
  $tool update-schema -d "$schema/$2/versioned"
}

bring temporal temporal
bring temporal_visibility visibility
