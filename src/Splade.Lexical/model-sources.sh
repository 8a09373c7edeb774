# The texts that the models that ship are made from: read by build-multilingual-model.sh and by the trainer's build-default-model.sh. All may be redistributed;
# the models' cards name their licences. Sets english and others for --source; medquad and scifact, BEIR folders, come between them.

# Lines 3,438 to 16,512 are statutes and regulations from repositories without a licence file: left out.
write_government() { # DATA FILE
  zcat "$1/text/government-law-en.txt.gz" | awk 'NR < 3438 || NR > 16512' | gzip > "$2"
}

set_sources() { # DATA GOVERNMENT_FILE
  local text=$1/text
  english=(
    --source computing=en:"$text/docs-computing-en.txt"
    --source engineering=en:"$text/docs-engineering-en.txt"
    --source government=en:"$2"
    --source textbooks=en:"$text/cnx-books-en.txt"
    --source novels=en:"$text/classic-books-en.txt"
    --source factbook=en:"$text/factbook-en.txt"
  )
  others=(
    --source documentation=de:"$text/docs-de.txt"
    --source documentation=es:"$text/docs-es.txt"
    --source documentation=fr:"$text/docs-fr.txt"
    --source documentation=pt:"$text/docs-pt.txt"
    --source documentation=ru:"$text/docs-ru.txt"
    --source sentences=ru:"$text/koziev-sentences-ru.txt"
    --source documentation=zh:"$text/docs-zh.txt"
    --source documentation=ja:"$text/docs-ja.txt"
    --source documentation=ar:"$text/docs-ar.txt"
  )
}
