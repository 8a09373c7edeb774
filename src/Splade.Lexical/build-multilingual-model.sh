#!/usr/bin/env bash
# Makes the second model that ships again, from text that may be redistributed. Run from the repository root, with the data folder beside it.
set -euo pipefail
. src/Splade.Lexical/model-sources.sh
data=${1:-../shared/data}
out=${2:-./lexical-multilingual-v1}
government=$(mktemp --suffix .txt.gz)
trap 'rm -f "$government"' EXIT
write_government "$data" "$government"
set_sources "$data" "$government"
dotnet run -c Release --project src/Splade.Cli -- model build-lexical --out "$out" --pairs 32768 \
  "${english[@]}" --source medquad=en:"$data/medquad/corpus.jsonl" --source scifact=en:"$data/scifact/corpus.jsonl" "${others[@]}"
