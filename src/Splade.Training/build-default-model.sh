#!/usr/bin/env bash
# Makes the model that ships again, from text that may be redistributed and the vectors of all-MiniLM-L6-v2. Run from the repository root, with the data
# folder beside it and the teacher in its models/all-minilm-l6-v2. Stopped or killed: the same command goes on where it was.
set -euo pipefail
data=${1:-../shared/data}
out=${2:-./splade-small-v1}
text=$data/text
if [ -e "$out/training/distil.json" ]; then
  exec dotnet run -c Release --project src/Splade.Training -- train distil --resume --out "$out"
fi

# Lines 3,438 to 16,512 are statutes and regulations from repositories without a licence file: left out.
mkdir -p "$out"
government=$out/training/government-en.txt.gz
mkdir -p "$(dirname "$government")"
zcat "$text/government-law-en.txt.gz" | awk 'NR < 3438 || NR > 16512' | gzip > "$government"

dotnet run -c Release --project src/Splade.Training -- train distil --out "$out" --threads 1 \
  --teacher "$data/models/all-minilm-l6-v2" --notes src/Splade.Training/default-model-notes.md --license apache-2.0 \
  --source computing=en:"$text/docs-computing-en.txt" \
  --source engineering=en:"$text/docs-engineering-en.txt" \
  --source government=en:"$government" \
  --source textbooks=en:"$text/cnx-books-en.txt" \
  --source novels=en:"$text/classic-books-en.txt" \
  --source factbook=en:"$text/factbook-en.txt" \
  --beir "$data/medquad" "$data/scifact" \
  --source documentation=de:"$text/docs-de.txt" \
  --source documentation=es:"$text/docs-es.txt" \
  --source documentation=fr:"$text/docs-fr.txt" \
  --source documentation=pt:"$text/docs-pt.txt" \
  --source documentation=ru:"$text/docs-ru.txt" \
  --source sentences=ru:"$text/koziev-sentences-ru.txt" \
  --source documentation=zh:"$text/docs-zh.txt" \
  --source documentation=ja:"$text/docs-ja.txt" \
  --source documentation=ar:"$text/docs-ar.txt"
