package ipset

import (
	"maps"
	"slices"
	"strings"
)

// A kind is a type of sets.
type kind struct {
	dimensions []string
	// features are what the kernel compares before it swaps two sets (ip_set_swap compares
	// type->features and the family).
	features string
	family   bool // it is of one address family, chosen at creation
	ranged   bool // it is a bitmap over a range that is fixed at creation
	sized    bool // it has maxelem
	everyone bool // it holds networks of prefix length 0
}

var kinds = map[string]kind{
	"bitmap:ip":        {features: "ip", ranged: true},
	"bitmap:ip,mac":    {features: "ip mac", ranged: true},
	"bitmap:port":      {features: "port", ranged: true},
	"hash:ip":          {features: "ip", family: true, sized: true},
	"hash:mac":         {features: "mac", sized: true},
	"hash:ip,mac":      {features: "ip mac", family: true, sized: true},
	"hash:ip,mark":     {features: "ip mark", family: true, sized: true},
	"hash:ip,port":     {features: "ip port", family: true, sized: true},
	"hash:ip,port,ip":  {features: "ip port ip2", family: true, sized: true},
	"hash:ip,port,net": {features: "ip port ip2 nomatch", family: true, sized: true},
	"hash:net":         {features: "ip nomatch", family: true, sized: true},
	"hash:net,net":     {features: "ip ip2 nomatch", family: true, sized: true, everyone: true},
	"hash:net,port":    {features: "ip port nomatch", family: true, sized: true},
	"hash:net,port,net": {
		features: "ip port ip2 nomatch", family: true, sized: true, everyone: true,
	},
	"hash:net,iface": {features: "ip iface nomatch", family: true, sized: true, everyone: true},
	"list:set":       {features: "name"},
}

func init() {
	for name, k := range kinds {
		_, list, _ := strings.Cut(name, ":")
		k.dimensions = strings.Split(list, ",")
		kinds[name] = k
	}
}

// Types lists the types of sets that are known, by name.
func Types() []string { return slices.Sorted(maps.Keys(kinds)) }

// HasFamily reports whether sets of the type are of one address family.
func HasFamily(kind string) bool { return kinds[kind].family }

// HasRange reports whether sets of the type are bitmaps over a range.
func HasRange(kind string) bool { return kinds[kind].ranged }

// HasMaxElem reports whether sets of the type have a bound that is chosen at creation.
func HasMaxElem(kind string) bool { return kinds[kind].sized }

// exempts reports whether entries may be marked nomatch.
func (k kind) exempts() bool { return strings.HasSuffix(k.features, " nomatch") }
