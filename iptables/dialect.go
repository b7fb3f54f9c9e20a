package iptables

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// A Backend is the kernel interface that an iptables binary speaks.
type Backend uint8

// The two backends. nft is the default of every distribution since 2019.
const (
	NFT Backend = iota
	Legacy
)

// String is the name by which `iptables --version` calls the backend.
func (b Backend) String() string {
	if b == Legacy {
		return "legacy"
	}
	return "nf_tables"
}

// ParseBackend reads "legacy", and "nft" or "nf_tables".
func ParseBackend(s string) (Backend, error) {
	switch s {
	case "nft", NFT.String():
		return NFT, nil
	case Legacy.String():
		return Legacy, nil
	}
	return 0, fmt.Errorf("%q is no backend: nft or legacy", s)
}

// A Version is the version of an iptables binary.
type Version struct{ Major, Minor, Patch int }

// String is the version as iptables prints it, "1.8.9".
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// Compare orders versions.
func (v Version) Compare(o Version) int {
	return cmp.Or(cmp.Compare(v.Major, o.Major), cmp.Compare(v.Minor, o.Minor), cmp.Compare(v.Patch, o.Patch))
}

// before compares with version 1.minor.patch: there has been no other major version since 2000.
func (v Version) before(minor, patch int) bool { return v.Compare(Version{1, minor, patch}) < 0 }

// A Dialect names the binary whose spelling is wanted: versions and backends print some
// rules differently, although they mean the same.
type Dialect struct {
	Version Version
	Backend Backend
}

// String is the dialect as `iptables --version` prints it, without the program's name.
func (d Dialect) String() string { return "v" + d.Version.String() + " (" + d.Backend.String() + ")" }

// Reference is the dialect used where no host is known: iptables 1.8.9, nft.
var Reference = Dialect{Version: Version{1, 8, 9}, Backend: NFT}

// ParseDialect reads the line that `iptables --version` prints, such as "iptables v1.8.9
// (nf_tables)". A line without a backend in parentheses is from before 1.8 and means legacy.
func ParseDialect(versionLine string) (Dialect, error) {
	fields := strings.Fields(versionLine)
	for i, field := range fields {
		number, ok := strings.CutPrefix(field, "v")
		if !ok {
			continue
		}
		v, err := ParseVersion(number)
		if err != nil {
			continue
		}
		d := Dialect{Version: v, Backend: Legacy}
		if i+1 < len(fields) && fields[i+1] == "(nf_tables)" {
			d.Backend = NFT
		}
		return d, nil
	}
	return Dialect{}, fmt.Errorf("reading the version of iptables: %q holds none (expected a line such as %q)",
		excerpt(versionLine), "iptables v1.8.9 (nf_tables)")
}

// ParseVersion reads "1.8.9", "1.8" and "1.4.16.3", whose fourth number does not count.
func ParseVersion(s string) (Version, error) {
	var numbers [4]int
	parts := strings.Split(s, ".")
	if len(parts) < 2 || len(parts) > len(numbers) {
		return Version{}, fmt.Errorf("%q is no version", s)
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return Version{}, fmt.Errorf("%q is no version", s)
		}
		numbers[i] = int(n)
	}
	return Version{numbers[0], numbers[1], numbers[2]}, nil
}
