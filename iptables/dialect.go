package iptables

// A Backend is the kernel interface that an iptables binary speaks.
type Backend uint8

// The two backends. nft is the default of every distribution since 2019.
const (
	NFT Backend = iota
	Legacy
)

// A Version is the version of an iptables binary.
type Version struct{ Major, Minor, Patch int }

// A Dialect names the binary whose spelling is wanted: versions and backends print some
// rules differently, although they mean the same.
type Dialect struct {
	Version Version
	Backend Backend
}

// Reference is the dialect used where no host is known: iptables 1.8.9, nft.
var Reference = Dialect{Version: Version{1, 8, 9}, Backend: NFT}
