// Package fleet runs real Linux hosts for tests, the demo and benchmarks.
//
// A host is what a rented server is, as far as a firewall and an SSH client can tell: a Debian root filesystem
// with its own network, mount, UTS, IPC, PID and cgroup namespaces, a real OpenSSH sshd, its own /etc and /run,
// its own netfilter state (nft or legacy), and a boot order that restores rules before the network comes up. The
// kernel is the machine's. It can be stopped, started, rebooted and cut off, and looked at behind SSH's back.
//
// What it promises:
//
//   - Nothing outside is touched. [Enter] moves the whole process into a network and a mount namespace of its
//     own; hosts are joined to that. The machine's firewall, links, routes and mounts stay as they are.
//   - Whatever the process dials after Enter, and whatever program it starts (Terraform, ssh), reaches the hosts
//     and nothing else. Outside is not reachable, so tests cannot lean on it.
//   - When the process dies, in whatever way, the hosts die with it, and with them their links, mounts and disks.
//     Small files and control groups that stay are removed by the next [Start].
//   - Fleets of different processes do not see one another.
//
// What it refuses: to run without root (a test says so and fails; `make test-unit` leaves it out), and to keep
// anything: a host's disk is in memory, and closing the fleet ends it. Only root filesystems and keys are kept,
// under the user's cache directory.
//
// The shape of the network, where N is 77 for the first fleet of a process, 79 for the second, and so on:
//
//	client 10.N.255.1, fd00:N::ff01 ---- router ---- 10.N.0.11, fd00:N::b     host 1
//	       10.N.254.1, fd00:N::fe01      |     +---- 10.N.0.12, fd00:N::c     host 2
//	       10.N+1.255.1, fd00:N+1::ff01 -+
//	       (through the delay)                       10.N+1.0.11, fd00:N+1::b: host 1 again, the slow way
//
// Each host also has an address in 10.N+1.0.0/16. Packets to and from there pass a box in user space that holds
// them for half the round-trip time and loses some, as [Fleet.SetRTT] and [Fleet.SetLoss] say.
package fleet
