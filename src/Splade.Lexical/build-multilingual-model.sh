#!/usr/bin/env bash
# Makes the second model that ships again, from text that may be redistributed. Run from the repository root, with the data folder beside it.
set -euo pipefail
data=${1:-../shared/data}
out=${2:-./lexical-multilingual-v1}
text=$data/text

# Lines 3,438 to 16,512 are statutes and regulations from repositories without a licence file: left out.
government=$(mktemp --suffix .txt.gz)
trap 'rm -f "$government"' EXIT
zcat "$text/government-law-en.txt.gz" | awk 'NR < 3438 || NR > 16512' | gzip > "$government"

dotnet run -c Release --project src/Splade.Cli -- model build-lexical --out "$out" --pairs 32768 \
  --source computing=en:"$text/docs-computing-en.txt" \
  --source engineering=en:"$text/docs-engineering-en.txt" \
  --source government=en:"$government" \
  --source textbooks=en:"$text/cnx-books-en.txt" \
  --source novels=en:"$text/classic-books-en.txt" \
  --source factbook=en:"$text/factbook-en.txt" \
  --source medquad=en:"$data/medquad/corpus.jsonl" \
  --source scifact=en:"$data/scifact/corpus.jsonl" \
  --source documentation=de:"$text/docs-de.txt" \
  --source documentation=es:"$text/docs-es.txt" \
  --source documentation=fr:"$text/docs-fr.txt" \
  --source documentation=pt:"$text/docs-pt.txt" \
  --source documentation=ru:"$text/docs-ru.txt" \
  --source sentences=ru:"$text/koziev-sentences-ru.txt" \
  --source documentation=zh:"$text/docs-zh.txt" \
  --source documentation=ja:"$text/docs-ja.txt" \
  --source documentation=ar:"$text/docs-ar.txt"
