#!/usr/bin/env bash
# Makes the default model again, from text that may be redistributed. Run from the repository root with the data folder beside it.
set -euo pipefail
data=${1:-../shared/data}
text=$data/text
dotnet run -c Release --project src/Splade.Cli -- model build-lexical --out src/Splade.Encoding/models/splade-lexical-v1 \
  --source medicine=en:"$data/medquad/corpus.jsonl" \
  --source textbooks=en:"$text/cnx-books-en.txt" \
  --source computing=en:"$text/docs-computing-en.txt" \
  --source engineering=en:"$text/docs-engineering-en.txt" \
  --source novels=en:"$text/classic-books-en.txt" \
  --source factbook=en:"$text/factbook-en.txt" \
  --source documentation=de:"$text/docs-de.txt" \
  --source documentation=es:"$text/docs-es.txt" \
  --source documentation=fr:"$text/docs-fr.txt" \
  --source documentation=pt:"$text/docs-pt.txt" \
  --source documentation=ru:"$text/docs-ru.txt" \
  --source sentences=ru:"$text/koziev-sentences-ru.txt" \
  --source documentation=zh:"$text/docs-zh.txt" \
  --source documentation=ja:"$text/docs-ja.txt" \
  --source documentation=ar:"$text/docs-ar.txt"
