package firewall

import (
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A Known service is an entry of the catalogue.
type Known struct {
	Name   string
	Ports  []string // in canonical order
	Source string   // where the fact is from, and what is left out on purpose
	Family iptables.Family
}

// Catalogue lists the services that are known by name, sorted by name.
func Catalogue() []Known { return slices.Clone(catalogue) }

// Lookup finds a service by its name.
func Lookup(name string) (Known, bool) {
	i, ok := slices.BinarySearchFunc(catalogue, name, func(k Known, name string) int {
		return strings.Compare(k.Name, name)
	})
	if !ok {
		return Known{}, false
	}
	return catalogue[i], true
}

// NameOf finds the service that has exactly those ports, in whatever order and spelling.
func NameOf(ports []string) (name string, ok bool) {
	var parsed []Port
	for _, s := range ports {
		p, err := ParsePort(s)
		if err != nil {
			return "", false
		}
		parsed = append(parsed, p)
	}
	wanted := portNames(uniquePorts(parsed))
	for _, k := range catalogue {
		if slices.Equal(k.Ports, wanted) {
			return k.Name, true
		}
	}
	return "", false
}

// NearestNames are the names of the catalogue that resemble one that is not in it, at most three.
func NearestNames(name string) []string {
	if known, ok := otherNames[name]; ok {
		return []string{known}
	}
	names := make([]string, len(catalogue))
	for i, k := range catalogue {
		names[i] = k.Name
	}
	return nearest(name, names)
}
