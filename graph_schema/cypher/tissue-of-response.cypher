// name: tissue-of-response
// for: pharmacologist
// question: In which tissues does a drug work, by the mean ln IC50 of their lines?
// param drug: str (drug) -- name, synonym or id of the drug
// param min_lines: int [1..10000] = 3 -- tissues with fewer screened lines are left out
// param screen: str {GDSC2, GDSC1, CCLE} = "GDSC2" -- the drug screen
// column drug: str -- CURIE of the drug
// column drug_name: str -- name of the drug
// column tissue: str -- tissue of origin
// column lines: int -- number of screened lines
// column mean_ln_ic50: float -- natural log of the IC50 in uM, mean
// column lowest: float -- of the most sensitive line
// column highest: float -- of the most resistant line
MATCH (d:Drug)
WHERE d.id = $drug OR toLower(d.name) = toLower($drug)
   OR any(other IN coalesce(d.synonyms, []) WHERE toLower(other) = toLower($drug))
MATCH (d)<-[r:RESPONDS_TO {screen: $screen}]-(l:CellLine)
WITH d, l.tissue AS tissue, count(DISTINCT l.id) AS lines, avg(r.ln_ic50) AS mean_ln_ic50, min(r.ln_ic50) AS lowest,
     max(r.ln_ic50) AS highest
WHERE lines >= $min_lines
RETURN d.id AS drug, d.name AS drug_name, tissue, lines, mean_ln_ic50, lowest, highest
ORDER BY drug, mean_ln_ic50, tissue
