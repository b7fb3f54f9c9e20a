# Makes the undo of a commit fit a table that others have changed since. Reads the table as it
# is (`iptables -S`), then the undo as it was computed, each step led by a line
#   #@ KIND<tab>CHAIN<tab>ANCHOR
# and writes the iptables-restore block that still applies. Positions are looked up again: a
# line goes back in front of its anchor, the line that stood below it; a deletion by number
# looks for the text of its line. What is gone already needs no step.
function position(chain, text,   i) {
	for (i = 1; i <= count[chain]; i++) if (line[chain, i] == text) return i
	return 0
}
function put(chain, at, text,   i) {
	for (i = ++count[chain]; i > at; i--) line[chain, i] = line[chain, i - 1]
	line[chain, at] = text
}
function drop(chain, at,   i) {
	for (i = at; i < count[chain]; i++) line[chain, i] = line[chain, i + 1]
	delete line[chain, count[chain]--]
}
FNR == NR {
	sub(/ +$/, "")
	known[$2]
	if ($1 == "-A") put($2, count[$2] + 1, $0)
	next
}
/^#@ / {
	split(substr($0, 4), step, "\t")
	kind = step[1]; chain = step[2]; anchor = step[3]
	next
}
/^[*]/ || /^COMMIT/ { print; next }
kind == "check" { next }
kind == "new" || kind == "flush" || kind == "policy" {
	if (kind == "flush" && !(chain in known)) next
	if (kind != "policy") { known[chain]; count[chain] = 0 }
	print; next
}
kind == "delete-chain" { if (chain in known) print; delete known[chain]; next }
!(chain in known) { next }
kind == "append" { print; put(chain, count[chain] + 1, $0); next }
kind == "insert" {
	at = anchor == "" ? count[chain] + 1 : position(chain, anchor)
	if (!at) at = $3 > count[chain] + 1 ? count[chain] + 1 : $3
	text = $0
	sub(/^-I [^ ]+ [0-9]+ /, "", text)
	print "-I " chain " " at " " text
	put(chain, at, "-A " chain " " text)
	next
}
kind == "delete" {
	at = position(chain, anchor)
	if (at) { print "-D " chain " " at; drop(chain, at) }
	else if ($3 !~ /^[0-9]+$/) print >> stray
	next
}
{ print }
