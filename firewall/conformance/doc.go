// Package conformance holds the tests that every kind of host must pass: the engine of
// package firewall against real sshd, real iptables and real reboots. They need root.
package conformance
