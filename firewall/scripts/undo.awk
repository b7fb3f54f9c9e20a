# Makes the undo of a commit fit a table that others have changed since. Reads the table as it
# is (`iptables -S`; part is "now"), then the tolerant steps of the undo, each led by a line
#   #@ KIND<tab>CHAIN<tab>RANK<tab>LINE
# and writes the iptables-restore block that still applies. Positions are looked up again: a
# line goes back in front of LINE, which stood below it, and what is deleted is LINE; of several
# such lines it is the RANKth from the bottom of the chain. What is gone already needs no step.
function position(chain, text, rank,   i) {
	for (i = count[chain]; i > 0; i--) if (line[chain, i] == text && !--rank) return i
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
part == "now" {
	sub(/ +$/, "")
	known[$2]
	if ($1 == "-A") put($2, count[$2] + 1, $0)
	next
}
/^#@ / {
	split(substr($0, 4), step, "\t")
	kind = step[1]; chain = step[2]; rank = step[3]
	anchor = substr($0, length("#@ " kind chain rank) + 4) # which may have tabs of its own
	next
}
/^[*]/ || /^COMMIT/ { print; next }
kind == "new" { if (!(chain in known)) print; known[chain]; next }
!(chain in known) { next }
kind == "flush" { count[chain] = 0 }
kind == "delete-chain" { delete known[chain] }
kind == "append" { print; put(chain, count[chain] + 1, $0); next }
kind == "insert" {
	at = anchor == "" ? count[chain] + 1 : position(chain, anchor, rank)
	if (!at) at = $3 > count[chain] + 1 ? count[chain] + 1 : $3
	text = $0
	sub(/^-I [^ ]+ [0-9]+ /, "", text)
	print "-I " chain " " at " " text
	put(chain, at, "-A " chain " " text)
	next
}
kind == "delete" {
	at = position(chain, anchor, rank)
	if (at) { print "-D " chain " " at; drop(chain, at) }
	else if (!position(chain, anchor, 1) && $3 !~ /^[0-9]+$/) print >> stray
	next
}
{ print }
