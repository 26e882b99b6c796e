#!/bin/sh
# The namespace of the trades: what is over can be looked at for 90 days, and found by what the
# workflows say of themselves. Done again it changes nothing. Address and name come from
# TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.
set -eu

RETENTION=90d

# A server that listens may not be ready yet, and a namespace that is new is not known everywhere
# for some seconds.
patiently() {
  tries=60
  until "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "$TEMPORAL_ADDRESS: given up: $*" >&2; exit 1; }
    sleep 1
  done
}

# The commands about a namespace take its name only where it is typed.
there_is_one() {
  temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 \
    || temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
}

patiently temporal operator cluster health
patiently there_is_one
patiently temporal operator namespace update \
  --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
# Of several names in one command only the first is made.
for attribute in \
  BackstayAccount:Keyword \
  BackstaySymbol:Keyword \
  BackstayState:Keyword \
  BackstaySeverity:Keyword \
  BackstayOpenQuantity:Double
do
  patiently temporal operator search-attribute create \
    --namespace "$TEMPORAL_NAMESPACE" --name "${attribute%:*}" --type "${attribute#*:}"
done
