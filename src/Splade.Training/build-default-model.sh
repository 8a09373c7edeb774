#!/usr/bin/env bash
# Makes the model that ships again, from text that may be redistributed and the vectors of all-MiniLM-L6-v2. Run from the repository root, with the data
# folder beside it and the teacher in its models/all-minilm-l6-v2. Stopped or killed: the same command goes on where it was.
set -euo pipefail
. src/Splade.Lexical/model-sources.sh
data=${1:-../shared/data}
out=${2:-./splade-small-v1}
if [ -e "$out/training/distil.json" ]; then
  exec dotnet run -c Release --project src/Splade.Training -- train distil --resume --out "$out"
fi

mkdir -p "$out/training"
government=$out/training/government-en.txt.gz
write_government "$data" "$government"
set_sources "$data" "$government"
dotnet run -c Release --project src/Splade.Training -- train distil --out "$out" --threads 1 \
  --teacher "$data/models/all-minilm-l6-v2" --notes src/Splade.Training/default-model-notes.md --license apache-2.0 \
  "${english[@]}" --beir "$data/medquad" "$data/scifact" "${others[@]}"
