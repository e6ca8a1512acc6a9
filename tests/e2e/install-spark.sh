#!/usr/bin/env bash
# Installs what test_spark.py needs: pyspark (about 400 MB) into .venv, and Java where there is none.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v java >/dev/null; then
  as_root=$([ "$(id -u)" = 0 ] || echo sudo)
  $as_root apt-get update --quiet
  $as_root apt-get install --quiet --yes --no-install-recommends openjdk-17-jre-headless ||
    $as_root apt-get install --quiet --yes --no-install-recommends default-jre-headless
fi
.venv/bin/python -m pip install --quiet --editable ".[spark]"
