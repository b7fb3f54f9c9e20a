package review

import (
	"encoding/json"
	"io"
)

// A Report says what a plan does to a fleet. Marshalled, it is the JSON of the review; its schema is
// schema.json. Text in it that came from the plan has no control characters.
type Report struct {
	FormatVersion    string `json:"format_version"`
	TerraformVersion string `json:"terraform_version"`
	// Hosts are all that the plan knows, Changed those on which something changes.
	Hosts   int `json:"hosts"`
	Changed int `json:"changed"`

	Reachability []Reachability `json:"reachability"`
	Warnings     []Warning      `json:"warnings"`
	Groups       []Group        `json:"groups"`
	Unknown      []Unknown      `json:"unknown"`
	Matrix       Matrix         `json:"matrix"`
	// Notes say what the report rests on.
	Notes []string `json:"notes"`
}

// Reachability is something that becomes reachable, or stops being so.
type Reachability struct {
	Sentence string `json:"sentence"`
	Change   string `json:"change"` // "opens" or "closes"
	// Certain is false where it depends on something that rules alone do not say; Because says on what.
	Certain bool   `json:"certain"`
	Because string `json:"because,omitempty"`
	// Assuming is the policy of INPUT with which it is so, "DROP" or "ACCEPT", where the plan does not say what
	// the hosts' policy is and it matters.
	Assuming string   `json:"assuming,omitempty"`
	Way      string   `json:"way,omitempty"` // "on eth1", "to 192.0.2.7": where it is so for this way only
	Ports    []string `json:"ports"`         // "443/tcp", "1-21/tcp", "ping", "esp"
	Sources  Sources  `json:"sources"`
	Hosts    []string `json:"hosts"`
}

// A Group is hosts with the same change.
type Group struct {
	Title string   `json:"title"`
	Hosts []string `json:"hosts"`
	// Resources are the addresses of those that change.
	Resources []string `json:"resources"`
	Diffs     []Diff   `json:"diffs"`
	// Shown is the host whose lines the diffs have. The others have the same changes, perhaps among
	// other lines.
	Shown string `json:"shown"`
	// Incomplete: some lines are known after the apply only.
	Incomplete bool `json:"incomplete"`

	names [2]string // of the group, and what changes: Title taken apart
}

// A Diff is how a listing changes.
type Diff struct {
	Command string `json:"command"` // that prints the listing: "iptables -S", "ip6tables -t nat -S"
	Text    string `json:"text"`    // in the unified format, without its header
	Added   int    `json:"added"`
	Removed int    `json:"removed"`
}

// A Warning is something worth a second look.
type Warning struct {
	Name    string   `json:"name"`
	Message string   `json:"message"`
	Hosts   []string `json:"hosts"`
	// Line is what the warning is about, and By the line that is the cause, where there are such.
	Line string `json:"line,omitempty"`
	By   string `json:"by,omitempty"`
	// Resources are the addresses of the resources that change on these hosts.
	Resources []string `json:"resources"`
}

// Unknown is a resource of which the plan does not say all.
type Unknown struct {
	Resource string `json:"resource"`
	Host     string `json:"host,omitempty"`
	What     string `json:"what"`
}

// A Matrix says who reaches what on which hosts, before the apply and after it.
type Matrix struct {
	Columns []string    `json:"columns"`
	Rows    []MatrixRow `json:"rows"`
}

// A MatrixRow is for hosts that are alike in every column.
type MatrixRow struct {
	Hosts []string     `json:"hosts"`
	Cells []MatrixCell `json:"cells"`
}

// A MatrixCell is how wide something is open: "world", "some", "nobody" or "unknown".
type MatrixCell struct {
	Before  Levels `json:"before"`
	After   Levels `json:"after"`
	Changed bool   `json:"changed"` // by whom it is reached changes, even if the levels do not

	changed [2]bool // in IPv4, in IPv6
}

// Levels are a level for each family.
type Levels struct {
	IPv4 string `json:"ipv4"`
	IPv6 string `json:"ipv6"`
}

// formatVersion is that of the JSON: the first number changes when readers of the old form would be wrong.
const formatVersion = "1.0"

// JSON writes the report as JSON.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Has reports which of the named warnings the report has, by their names.
func (r *Report) Has(names []string) []string {
	var found []string
	for _, name := range names {
		for _, w := range r.Warnings {
			if w.Name == name {
				found = append(found, name)
				break
			}
		}
	}
	return found
}
