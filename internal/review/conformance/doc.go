// Package conformance holds reviews of plans that a real Terraform makes, now, for real hosts: they must be what
// the recorded plans in ../testdata say. They need root.
package conformance
