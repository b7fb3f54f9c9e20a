// Package walk does what a guide says, on a real host: a guide is a page and a test at once.
//
// A fenced block with a mark in the line above it is part of the walk. A mark is an HTML comment, which readers do not
// see:
//
//	<!-- file main.tf -->       the block is that file of the working directory; "more main.tf" adds to it
//	<!-- run -->                the block is typed into a shell there; "fails" behind it: the last command fails
//	<!-- on -->                 the block is typed into a root shell of the host
//	<!-- tool NAME -->          the block is typed here, and needs a tool that is no part of this project. Package
//	                            walk leaves it out and puts the host into the state that was recorded of it; the
//	                            program record does it truly. "tool NAME on": on the host
//	<!-- prints -->             the block is what the last command printed; "..." stands for lines left out
//	<!-- lists -->              the block is what iptables -S and ip6tables -S print on the host, likewise
//
// Other blocks are for reading. The host of a page is web1.example.com, and 203.0.113.0/24 is where the reader comes
// from; for a walk both become those of the fleet. A build of the provider is in /path/to/the/clone.
package walk
