#!/usr/bin/env bash
# Installs Node 24 and the MCP Inspector under .node/, where test_inspector.py looks for them.
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p .node
npm install --prefix .node --no-audit --no-fund --silent node@24 @modelcontextprotocol/inspector@2.12
